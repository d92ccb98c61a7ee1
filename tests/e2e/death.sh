#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# When a hypervisor dies, status knows it within 0.1 s, and what it had is given
# back within 0.3 s: the best of seven, as the machine may have other things to
# do.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_tiny
make_host
define_tiny vm1
direct_hvctl

known=1000000 released=1000000
for i in 1 2 3 4 5 6 7; do
    hv start vm1
    pid=$(pid_of vm1) status=0
    died=$(date +%s%3N)
    kill -9 "$pid"
    "$hvctl" -c "$tmp/hvctl.conf" status vm1 \
        > "$tmp/out" || status=$?
    now=$(date +%s%3N)
    [ $status = 6 ] || fail "status of a dead VM: exit status $status"
    [ $((now - died)) -ge $known ] || known=$((now - died))
    wait_for 20 is_released vm1
    now=$(date +%s%3N)
    [ $((now - died)) -ge $released ] || released=$((now - died))
done
echo "known after $known ms, released after $released ms"
[ $known -le 100 ] || fail "status knew it after $known ms only"
[ $released -le 300 ] || fail "it was released after $released ms only"
assert_nothing_left
