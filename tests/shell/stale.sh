#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# After a power cut there is a run directory of a machine that is gone: it is
# no obstacle, and what it acquired is given back.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

hv start vm1
cp -a "$tmp/run" "$tmp/saved-run"
cp -a "$tmp/null" "$tmp/saved-null"
hv kill vm1
assert_nothing_left

restore ()
{
    rm -rf "$tmp/run" "$tmp/null"
    cp -a "$tmp/saved-run" "$tmp/run"
    cp -a "$tmp/saved-null" "$tmp/null"
}

restore
hv status vm1 > "$tmp/out" || :
! grep -q running "$tmp/out" || fail "it is said to run"
hv start vm1
hv stop vm1
assert_nothing_left

restore
hv stop vm1
assert_nothing_left

# The last line of a journal may have been cut short, before its step.
restore
printf '{"op":"att' >> "$tmp/run/vm/vm1/journal"
hv start vm1
hv stop vm1
assert_nothing_left

# And the state may be anything.
restore
head -c 200 /dev/zero > "$tmp/run/vm/vm1/state"
hv start vm1
hv stop vm1
assert_nothing_left

# What is saved is that for status as for list.
hv start vm1
supervisor=$(supervisor_of vm1)
hv save vm1
wait_for 10 gone "$supervisor"
restore
expect "^vm1 *saved" hv list vm1
hv status vm1 > "$tmp/out" || :
grep -q "^vm1 is saved: not cleaned up yet" "$tmp/out" || fail "$(cat "$tmp/out")"
hv start vm1
hv stop vm1
assert_nothing_left
