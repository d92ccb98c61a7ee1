#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The command line that plan prints can be pasted and run.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1 poweroff

hv plan vm1 > "$tmp/plan1"
hv plan vm1 > "$tmp/plan2"
cmp "$tmp/plan1" "$tmp/plan2"
hv plan --command vm1 > "$tmp/command"
mkdir -p "$tmp/run/vm/vm1"
# It comes up stopped, as under hvctl: told to go on its standard terms.
timeout 30 sh "$tmp/command" < /dev/null > "$tmp/out" 2>&1 & pid=$!
wait_for 20 find "$tmp/run/vm/vm1" -name '*.sock' -print -quit
kill $pid
