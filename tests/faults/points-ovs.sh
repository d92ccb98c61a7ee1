#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same as points.sh, with a port on Open vSwitch, whose rows are looked at,
# too: a smaller sample (40), the same each time, unless HVCTL_TEST_SEED says
# otherwise.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin net-ovs
HVCTL_TEST_OVS=1
HVCTL_TEST_POINTS=${HVCTL_TEST_POINTS:-40}
HVCTL_TEST_JOBS=${HVCTL_TEST_JOBS:-2}
HVCTL_TEST_COMMANDS=${HVCTL_TEST_COMMANDS:-start stop attach-nic detach-nic
    save restore rm}
HVCTL_TEST_SEED=${HVCTL_TEST_SEED:-1796018483}
export HVCTL_TEST_SEED HVCTL_TEST_OVS HVCTL_TEST_POINTS HVCTL_TEST_JOBS HVCTL_TEST_COMMANDS
sh "$abs_top_srcdir/tests/faults/points.sh"
