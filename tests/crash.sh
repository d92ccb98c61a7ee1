#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl is killed in every operation of a start, before and after it has done
# its work: the next command takes back what is left.
. "${abs_top_builddir:-.}/tests/functions.sh"
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
