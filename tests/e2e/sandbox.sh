#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the process is confined to, as the kernel tells.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1
hv start vm1
pid=$(pid_of vm1)

# field NAME: of /proc/PID/status
field ()
{
    sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"
}

[ "$(field NoNewPrivs)" = 1 ] || fail "new privileges are possible"
[ "$(field Seccomp)" = 2 ] || fail "no filter of system calls"
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
    [ "$(field $set)" = 0000000000000000 ] || fail "$set: $(field $set)"
done
for id in $(field Uid) $(field Gid); do
    [ "$id" -ge 1879048192 ] || fail "user or group $id"
done
[ -z "$(field Groups)" ] || fail "groups $(field Groups)"
for ns in mnt pid ipc uts net; do
    [ "$(readlink "/proc/$pid/ns/$ns")" != "$(readlink "/proc/$$/ns/$ns")" ] \
        || fail "shares our $ns namespace"
done
[ -z "$(ls -A "/proc/$pid/root/")" ] || fail "sees: $(ls -A "/proc/$pid/root/")"
expect "seccomp" hv sandbox show vm1
hv stop vm1
assert_nothing_left
