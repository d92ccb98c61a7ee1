#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the process is confined to, as the kernel tells.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
make_host
define_tiny vm1
hv start vm1
pid=$(pid_of vm1)

check_process "$pid"
check_no_network "$pid"
status=/proc/$pid/status
for id in $(field "$status" Uid) $(field "$status" Gid); do
    [ "$id" -ge 1879048192 ] || fail "user or group $id"
done
expect "seccomp" hv sandbox show vm1
hv stop vm1
assert_nothing_left
