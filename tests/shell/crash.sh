#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl is killed in every operation of a start, before and after it has done
# its work: the next command takes back what is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

for when in kill killafter; do
    for op in storage.activate network.attach hypervisor.ready \
        hypervisor.go; do
        HVCTL_NULL_FAIL=$op:$when hv start vm1 2> "$tmp/err" \
            && fail "$op: was not killed"
        hv stop --timeout 1 vm1 > "$tmp/out"
        assert_nothing_left

        HVCTL_NULL_FAIL=$op:$when hv start vm1 2> "$tmp/err" \
            && fail "$op: was not killed"
        # After go, it may be running by now.
        hv start vm1 2> "$tmp/err" || grep -q running "$tmp/err"
        hv stop vm1
        assert_nothing_left
    done
done

for when in kill killafter; do
    for op in network.detach storage.deactivate; do
        hv start vm1
        # hvctl stop or the supervisor's release: whoever comes first.
        HVCTL_NULL_FAIL=$op:$when hv stop vm1 || :
        hv stop vm1
        assert_nothing_left
    done
done

# Saving: the guest is paused and can go on, or it is saved; going on: what was
# saved is there as long as the guest has not run.
saved=$tmp/state/vm/vm1/saved
for when in kill killafter; do
    hv start vm1
    HVCTL_NULL_FAIL=hypervisor.save:$when hv save vm1 2> "$tmp/err" \
        && fail "save: was not killed"
    [ ! -e "$saved" ] || fail "it is saved and runs"
    hv resume vm1
    HVCTL_NULL_FAIL=hypervisor.quit:$when hv save vm1 2> "$tmp/err" \
        && fail "quit: was not killed"
    if hv status vm1 > "$tmp/out"; then
        hv resume vm1
        [ ! -e "$saved" ] || fail "it could go on twice"
        hv save vm1
    fi
    [ -f "$saved/null-state" ] || fail "it is not saved"
    HVCTL_NULL_FAIL=hypervisor.restore:$when hv start vm1 2> "$tmp/err" \
        && fail "restore: was not killed"
    hv stop --timeout 1 vm1 > "$tmp/out"
    assert_nothing_left
    [ -f "$saved/null-state" ] || fail "$when: what was saved is gone"
    # From here on it may have run.
    HVCTL_NULL_FAIL=hypervisor.go:$when hv start vm1 2> "$tmp/err" \
        && fail "go: was not killed"
    hv stop --timeout 1 vm1 > "$tmp/out"
    [ ! -e "$saved" ] || fail "it could go on twice"
    hv start vm1
    hv stop vm1
    assert_nothing_left
    [ -z "$(ls "$tmp/state/vm/vm1" | grep saved)" ] || fail "something is left"
done
