#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl as the child of a program that ignores SIGCHLD, as daemons do: that is
# inherited by what is executed, and its children would vanish before it waits.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host
add_null
define_null vm1

ignoring ()
{
    timeout -k 1 $((20 * ${HVCTL_TEST_PATIENCE:-1})) python3 -c '
import os, signal, sys
signal.signal (signal.SIGCHLD, signal.SIG_IGN)
os.execv (sys.argv[1], sys.argv[1:])' "$HVCTL" -c "$tmp/hvctl.conf" "$@"
}

ignoring volume create default/v 1M
ignoring start vm1
expect "^vm1 *running" hv list
EDITOR=true ignoring edit vm1
ignoring stop vm1
status=0
ignoring stop nope > "$tmp/out" 2>&1 || status=$?
[ $status = 3 ] || fail "stop of an unknown VM: exit status $status"
ignoring volume rm -y default/v
assert_nothing_left
