#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that powers off by itself, or crashes, is released by nobody's hand.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1 poweroff

hv start vm1
wait_console vm1 "tiny guest: hello"
assert_nothing_left
expect_fail 6 "" hv status vm1
hv start vm1
assert_nothing_left
