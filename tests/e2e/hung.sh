#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A hypervisor that hangs (here it is stopped by a signal) hangs no command:
# each comes back, says so, and stop and kill end it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_tiny
make_host
define_tiny vm1
define_tiny other

# within SECONDS COMMAND...: its exit status; 124 if it was not back by then
within ()
{
    limit=$1
    shift
    status=0
    timeout "$limit" "$abs_top_builddir/hvctl" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/out" 2> "$tmp/err" || status=$?
    echo "$*: exit status $status"
    cat "$tmp/out" "$tmp/err"
    [ $status != 124 ] || fail "$*: not back within $limit s"
}

hv start vm1
hv start other
kill -STOP "$(pid_of vm1)"
# More than the queue of a listening socket holds.
for i in 1 2 3; do
    within 30 status vm1
    grep -q "does not answer" "$tmp/out" || fail "status does not say so"
done
within 30 pause vm1
[ $status != 0 ] || fail "it is said to be paused"
within 5 list
grep -q "vm1 .*running" "$tmp/out" || fail "it is there"
within 5 stop other
[ $status = 0 ] || fail "another VM is troubled"
within 60 stop -t 1 vm1
[ $status = 0 ] || fail "it was not ended"
hv start vm1
kill -STOP "$(pid_of vm1)"
within 10 kill vm1
[ $status = 0 ] || fail "it was not killed"
assert_nothing_left
