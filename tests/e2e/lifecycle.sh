#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A real guest comes up, is seen, paused, continued, and powers off.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1

expect "vm1.*stopped" hv list
hv start vm1
assert_same vm1
wait_console vm1 "tiny guest: hello"
expect "vm1.*running" hv list
expect "running" hv status vm1
expect_fail 5 "running" hv start vm1

hv pause vm1
expect "paused" hv status vm1
hv resume vm1
expect "running" hv status vm1

expect "has shut down" hv stop vm1
grep -q "tiny guest: goodbye" "$(console_log vm1)" || fail "it was not asked"
expect "vm1.*stopped" hv list
assert_nothing_left

hv restart vm1
expect "running" hv status vm1
hv restart vm1
hv kill vm1
assert_nothing_left
