#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The supervisor releases what a hypervisor that ended by itself had; killing
# the supervisor kills nothing else, and the next command makes a new one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

hv start vm1
kill -9 "$(pid_of vm1)"
assert_nothing_left
expect_fail 6 "" hv status vm1
grep "killed by signal 9" "$tmp/out"

hv start vm1
old=$(supervisor_of vm1)
kill -0 "$old" || fail "there is no supervisor"
kill -9 "$old"
wait_for 5 gone "$old"
kill -0 "$(pid_of vm1)" || fail "the machine went with its supervisor"
# A command that changes nothing makes no supervisor; one that may, does.
hv list > "$tmp/out"
[ -z "$(supervisor_of vm1)" ] || fail "hvctl list made a supervisor"
hv status vm1 > "$tmp/out"
grep -q "^  supervisor *none" "$tmp/out" || fail "status: $(cat "$tmp/out")"
define_null vm2
hv start vm2
hv stop vm2
[ "$(supervisor_of vm1)" != "$old" ] || fail "no new supervisor"
kill -0 "$(supervisor_of vm1)"
hv status vm1 > "$tmp/out"
! grep "supervisor" "$tmp/out" || fail "it is nothing to speak of"
kill -STOP "$(supervisor_of vm1)"
is_told ()
{
    hv status vm1 > "$tmp/out"
    grep -q "supervisor .*is suspended" "$tmp/out"
}
# The signal is taken when the process has a processor for it.
wait_for 5 is_told
grep -q "supervisor .*is suspended" "$tmp/out" || fail "$(cat "$tmp/out")"
kill -CONT "$(supervisor_of vm1)"
kill -9 "$(pid_of vm1)"
assert_nothing_left
