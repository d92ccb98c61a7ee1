#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A plugin that heeds nothing: the second signal is heeded at once, and
# 'hvctl kill' ends a start that is stuck in it.  Other VMs are not troubled.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
define_null other
direct_hvctl

# begin COMMAND...: stuck in an operation; its pid is in $stuck.
begin ()
{
    # Not by hv: the signals are for hvctl, not for a shell around it.
    HVCTL_NULL_FAIL=$op:deaf "$hvctl" \
        -c "$tmp/hvctl.conf" "$@" > "$tmp/out" 2> "$tmp/err" &
    stuck=$!
    wait_for 10 grep -q "^$op vm1" "$tmp/null.log"
}

# ends_within MS: or fails
ends_within ()
{
    before=$(date +%s%3N)
    status=0
    wait "$stuck" || status=$?
    took=$(($(date +%s%3N) - before))
    [ "$took" -le $(($1 * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || fail "it took $took ms to end"
}

for signal in TERM INT; do
    for op in hypervisor.describe hypervisor.ready; do
        : > "$tmp/null.log"
        # Of what a shell begins in the background, INT is ignored.
        begin start vm1
        [ $signal = TERM ] || signal=HUP
        kill -$signal "$stuck"
        sleep 0.3
        kill -0 "$stuck" || fail "$op: the first $signal was heeded?"
        kill -$signal "$stuck"
        ends_within 1000
        [ "$status" = 130 ] || fail "$op: exit status $status"
        hv list | grep -q "^vm1 *stopped" || hv kill vm1
        hv start other
        hv kill other
        assert_nothing_left
    done
done

# Twice the same signal in one moment, as timeout(1) sends it, is one.
HVCTL_NULL_FAIL=hypervisor.ready:hang "$hvctl" \
    -c "$tmp/hvctl.conf" start vm1 2> "$tmp/err" & stuck=$!
wait_for 10 [ -e "$tmp/run/vm/vm1/lock" ]
kill -TERM "$stuck"; kill -TERM "$stuck"
! wait "$stuck" || fail "it was interrupted"
! grep -q "interrupted again" "$tmp/err" || fail "one was taken for two"
hv kill vm1
assert_nothing_left

for op in hypervisor.ready network.attach network.ready storage.activate; do
    : > "$tmp/null.log"
    op=$op begin start vm1
    expect_fail 5 "hvctl kill vm1" hv stop vm1
    expect "vm1 *starting" hv list
    before=$(date +%s%3N)
    hv start other
    hv kill other
    took=$(($(date +%s%3N) - before))
    [ $took -le $((2000 * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || fail "another VM was troubled for $took ms"
    before=$(date +%s%3N)
    hv kill vm1
    took=$(($(date +%s%3N) - before))
    [ $took -le $((5000 * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || fail "$op: kill took $took ms"
    ends_within 1000
    assert_nothing_left
done
