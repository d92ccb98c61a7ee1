#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A stop asks the guest, then the hypervisor, then kills, and says which.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null

# stops MODE WAY
stops ()
{
    define_null vm1 "$1"
    hv start vm1
    expect "$2" hv stop --timeout 1s vm1
    assert_nothing_left
}

stops obey "has shut down"
stops deaf "asked to quit"
stops stubborn "was killed"
expect "was not running" hv stop vm1
expect "was not running" hv kill vm1

# A guest that is given no time is not asked, and so did not fail to react.
for mode in obey stubborn; do
    define_null vm1 $mode
    hv start vm1
    expect "was not asked to shut down, since the timeout is 0: its" \
        hv stop --timeout 0s vm1
    ! grep react "$tmp/out" || fail "$mode: $(cat "$tmp/out")"
    assert_nothing_left
done

# One that is paused goes on for it.
define_null vm1 obey
hv start vm1
hv pause vm1
expect "has shut down" hv stop --timeout 5s vm1
assert_nothing_left
define_null vm1 stubborn

# Told to be quick, it is.
hv start vm1
expect "was killed" hv kill vm1
assert_nothing_left

# Not in the midst of what somebody else has paused it for.
define_null vm1
hv start vm1
HVCTL_NULL_FAIL=save:slow hv save vm1 > "$tmp/save" 2>&1 &
wait_for 5 grep -q '^hypervisor.save vm1' "$tmp/null.log"
expect "has shut down" hv stop --timeout 5s vm1
wait $! || fail "it was resumed while it was saved: $(cat "$tmp/save")"
expect saved hv list vm1
# No longer than it was told.
hv start vm1
: > "$tmp/null.log"
HVCTL_NULL_FAIL=save:slow hv save vm1 > "$tmp/save" 2>&1 &
wait_for 5 grep -q '^hypervisor.save vm1' "$tmp/null.log"
expect "asked to quit" hv stop --timeout 300ms vm1
wait $! || :
! grep -q resume "$tmp/null.log" || fail "resumed: $(cat "$tmp/null.log")"
! grep "cannot be resumed" "$tmp/save" || fail "it has ended"
assert_nothing_left
