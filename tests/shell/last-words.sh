#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A hypervisor that dies has its last words in the error; one that answers
# nonsense is not believed.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null

define_null vm1 die
expect_fail '[1-9]*' "I was told to die" hv start vm1
grep -q "status 7" "$tmp/err" || fail "no exit status in the message"
assert_nothing_left

define_null vm1 late
expect_fail '[1-9]*' "not to my liking" hv start vm1
assert_nothing_left

# As the first process of its namespace it ends by a fault.
define_null vm1 abort
expect_fail '[1-9]*' "abort()\|(Aborted)" hv start vm1
assert_nothing_left

define_null vm1 garbage
expect_fail '[1-9]*' "more than a line" hv start vm1
assert_nothing_left
