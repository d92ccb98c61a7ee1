#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# points.sh with what brings VMs up and down: a sample of 100.
HVCTL_TEST_COMMANDS=${HVCTL_TEST_COMMANDS:-start stop save restore create rm edit}
HVCTL_TEST_POINTS=${HVCTL_TEST_POINTS:-100}
HVCTL_TEST_JOBS=${HVCTL_TEST_JOBS:-3}
# The same ones each time: a change is to be judged by what it changes.  Others
# are tried with HVCTL_TEST_SEED=$(date +%s), all by make check-faults.
HVCTL_TEST_SEED=${HVCTL_TEST_SEED:-1796018333}
export HVCTL_TEST_SEED HVCTL_TEST_COMMANDS HVCTL_TEST_POINTS HVCTL_TEST_JOBS
exec sh "${abs_top_srcdir:-.}/tests/faults/points.sh"
