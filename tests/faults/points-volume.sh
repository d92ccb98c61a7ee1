#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# points.sh with snapshots and volumes: a sample of 140.
HVCTL_TEST_COMMANDS=${HVCTL_TEST_COMMANDS:-snapshot-stopped snapshot-revert
    snapshot-delete volume-create volume-resize volume-clone volume-rm
    volume-snapshot volume-revert}
HVCTL_TEST_POINTS=${HVCTL_TEST_POINTS:-140}
HVCTL_TEST_JOBS=${HVCTL_TEST_JOBS:-3}
# The same ones each time: a change is to be judged by what it changes.  Others
# are tried with HVCTL_TEST_SEED=$(date +%s), all by make check-faults.
HVCTL_TEST_SEED=${HVCTL_TEST_SEED:-1796018483}
export HVCTL_TEST_SEED HVCTL_TEST_COMMANDS HVCTL_TEST_POINTS HVCTL_TEST_JOBS
exec sh "${abs_top_srcdir:-.}/tests/faults/points.sh"
