#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever fails in a start, nothing is left, and the next start works.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

for op in hypervisor.locate hypervisor.probe hypervisor.capabilities \
    storage.chain network.check hypervisor.check firmware.find \
    hypervisor.describe storage.activate network.attach hypervisor.ready \
    network.ready hypervisor.go; do
    HVCTL_NULL_FAIL=$op
    export HVCTL_NULL_FAIL
    expect_fail '[1-9]*' "$op was told to fail" hv start vm1
    assert_nothing_left
done

# If taking it back fails as well, it is said, and the next command does it.
HVCTL_NULL_FAIL="go detach"
expect_fail '[1-9]*' "network.detach was told to fail" hv start vm1
[ -e "$tmp/null/port-vm1-lan" ] || fail "the port is gone already?"
unset HVCTL_NULL_FAIL
hv start vm1
hv stop vm1
assert_nothing_left

# What was saved is there after a start that failed, and gone after one that
# did not; a guest that could not be saved goes on.
saved=$tmp/state/vm/vm1/saved
hv start vm1
for op in hypervisor.pause hypervisor.save; do
    HVCTL_NULL_FAIL=$op
    export HVCTL_NULL_FAIL
    expect_fail '[1-9]*' "$op was told to fail" hv save vm1
    unset HVCTL_NULL_FAIL
    expect "vm1 is running" hv status vm1
    [ -z "$(ls "$tmp/state/vm/vm1" | grep saved)" ] || fail "$op left something"
done
expect "is saved" hv save vm1
assert_nothing_left
for op in storage.activate network.attach hypervisor.ready hypervisor.restore \
    hypervisor.go; do
    HVCTL_NULL_FAIL=$op
    export HVCTL_NULL_FAIL
    expect_fail '[1-9]*' "$op was told to fail" hv start vm1
    assert_nothing_left
    [ -f "$saved/null-state" ] || fail "$op: what was saved is gone"
done
unset HVCTL_NULL_FAIL
hv start vm1
grep -q "hypervisor.restore vm1" "$tmp/null.log"
hv stop vm1
assert_nothing_left
[ ! -e "$saved" ] || fail "what was saved is there"
