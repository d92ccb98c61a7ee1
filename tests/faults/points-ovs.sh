#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same as points.sh, with a port on Open vSwitch, whose rows are looked at,
# too.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/faults/part.sh"
requires_plugin net-ovs
HVCTL_TEST_OVS=1
export HVCTL_TEST_OVS
part 40 2 1796018483 start stop attach-nic detach-nic save restore rm
