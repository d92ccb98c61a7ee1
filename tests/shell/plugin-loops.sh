#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A plugin that loops is given up when its time is over, or when one interrupts
# hvctl: after the first signal in a moment, after the second at once.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

# begin OP [HOW]: a start that loops there; sets pid.
begin ()
{
    : > "$tmp/null.log"
    HVCTL_NULL_FAIL=$1:${2:-loop} "$HVCTL" \
        -c "$tmp/hvctl.conf" start vm1 2> "$tmp/err" &
    pid=$!
    wait_for 20 grep -q "^$1 " "$tmp/null.log"
}

# ended WITHIN CODE PATTERN: that many milliseconds after now.
ended ()
{
    before=$(date +%s%3N)
    status=0
    wait $pid || status=$?
    [ $(($(date +%s%3N) - before)) -le $(($1 * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || fail "it took $(($(date +%s%3N) - before)) ms"
    [ "$status" = "$2" ] || fail "exit status $status"
    grep -q "$3" "$tmp/err" || fail "$(cat "$tmp/err")"
    assert_nothing_left
}

for op in hypervisor.describe network.attach hypervisor.ready hypervisor.go; do
    begin $op
    kill -TERM $pid
    sleep 0.5 # Sooner they would count as one, as of a terminal and a shell.
    kill -INT $pid
    ended 1000 130 "null.*: ${op#*.}: it ignored an interruption"
done
# Nor is it of use to block the signals.
begin network.attach blockloop
kill -TERM $pid
sleep 0.5
kill -INT $pid
ended 1000 130 "null.*: attach: it ignored an interruption"
begin hypervisor.ready
kill -TERM $pid
ended 4000 130 "null.*: ready: it ignored an interruption"

# Nobody interrupts: its own limit, and half as much again.
hv start vm1
before=$(date +%s)
expect "null: status: it did not return within 3.0 seconds" \
    env HVCTL_NULL_FAIL=status:loop "$HVCTL" -c "$tmp/hvctl.conf" status vm1
[ $(($(date +%s) - before)) -le $((8 * ${HVCTL_TEST_PATIENCE:-1})) ] \
    || fail "it took $(($(date +%s) - before)) seconds"
hv stop vm1
assert_nothing_left
expect_fail 9 "null.*: check: it did not return within 15.0 seconds" \
    env HVCTL_NULL_FAIL=network.check:blockloop "$HVCTL" -c "$tmp/hvctl.conf" \
    start vm1
assert_nothing_left
