#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Of two starts at once exactly one wins, and the other says so.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

for round in 1 2 3 4 5 6 7 8; do
    hv start vm1 2> "$tmp/err1" & first=$!
    hv start vm1 2> "$tmp/err2" & second=$!
    status1=0 status2=0
    wait $first || status1=$?
    wait $second || status2=$?
    case $status1$status2 in
        05) grep "vm1.*\(start\|run\)" "$tmp/err2" ;;
        50) grep "vm1.*\(start\|run\)" "$tmp/err1" ;;
        *) fail "exit statuses $status1 and $status2" ;;
    esac
    expect_fail 5 "running" hv start vm1
    hv stop vm1
    assert_nothing_left
done
[ "$(grep -c hypervisor.go "$tmp/null.log")" = 8 ] || fail "not 8 starts"
