#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Another hvctl is suspended in a start, half-way.
. "${abs_top_srcdir:-.}/tests/kit/suspended-hvctl.sh"
suspended_in start

# One that is only being made: it has no definition yet.
party="another hvctl (create)"
HVCTL_NULL_FAIL=storage.create:deaf "$abs_top_builddir/cli/hvctl" \
    -c "$tmp/hvctl.conf" create vm2 --hypervisor null --memory 16M \
    --disk root:1M,pool=null > "$tmp/stuck" 2>&1 & stuck=$!
wait_for 20 grep -q "^storage.create vm2" "$tmp/null.log"
suspend $stuck
timed 20000 kill vm2
[ $status = 0 ] || fail "$party: kill: $(cat "$tmp/err")"
grep -q "(process $stuck)" "$tmp/err" || fail "$party: $(cat "$tmp/err")"
wait_for 1 gone $stuck
wait $stuck || :
timed 5000 create vm2 --hypervisor null --memory 16M --disk root:1M,pool=null
[ $status = 0 ] || fail "$party: create: $(cat "$tmp/err")"
hv rm --yes --disks vm2
