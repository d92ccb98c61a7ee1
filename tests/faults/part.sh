# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the tests that run points.sh with a part of the commands.

# part POINTS JOBS SEED COMMAND...: a sample of so many points, in so many worlds.
# The same ones each time: a change is to be judged by what it changes.  Others
# are tried with HVCTL_TEST_SEED=$(date +%s), all by make check-faults.
part ()
{
    HVCTL_TEST_POINTS=${HVCTL_TEST_POINTS:-$1}
    HVCTL_TEST_JOBS=${HVCTL_TEST_JOBS:-$2}
    HVCTL_TEST_SEED=${HVCTL_TEST_SEED:-$3}
    shift 3
    HVCTL_TEST_COMMANDS=${HVCTL_TEST_COMMANDS:-$*}
    export HVCTL_TEST_POINTS HVCTL_TEST_JOBS HVCTL_TEST_SEED HVCTL_TEST_COMMANDS
    sh "$abs_top_srcdir/tests/faults/points.sh"
}
