#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that does not hear the power button is stopped after the timeout.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1 deaf

hv start vm1
wait_console vm1 "tiny guest: hello"
expect "asked to quit" hv stop --timeout 1s vm1
! grep -q "goodbye" "$(console_log vm1)" || fail "it is not deaf"
assert_nothing_left
