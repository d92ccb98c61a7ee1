#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A snapshot of two disks that somebody disturbs: the VM is told to stop, ends,
# or is resumed before both have it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires qemu-img strace python3
make_host
define_tiny vm1 wait
echo "disk a { size = 8M }
disk b { size = 8M }" >> "$tmp/vm.d/vm1.conf"
hv create-disks vm1 > "$tmp/out"

# Who stops the VM meanwhile does not let its guest go on, which would write to
# one disk before its snapshot is made, and to the other after.
# slowly MS: a snapshot whose second disk gets its files that much later.
slowly ()
{
    strace -o "$tmp/strace" -e trace=rename -e \
        "inject=rename:delay_enter=$1:when=3" "$HVCTL" -c "$tmp/hvctl.conf" \
        snapshot create vm1 slow > "$tmp/slow" 2>&1 &
    snapshot=$!
    wait_for 10 paused
    sleep 0.5
}

paused ()
{
    hv list vm1 | grep -q paused
}

hv start vm1
slowly 2500000
hv stop vm1 > "$tmp/stopped" &
stop=$!
sleep 0.5
expect "vm1 is paused" hv status vm1
wait $snapshot || fail "$(cat "$tmp/slow")"
wait $stop || fail "not stopped"
grep -q "has shut down" "$tmp/stopped" || fail "$(cat "$tmp/stopped")"
hv snapshot delete vm1 slow

# One that has ended meanwhile has no snapshot, and nothing is left of it.
hv start vm1
slowly 1500000
kill -9 "$(pid_of vm1)"
! wait $snapshot || fail "it ended, and has a snapshot"
grep -q "vm1 stopped while the snapshot was being created" "$tmp/slow" \
    || fail "$(cat "$tmp/slow")"
! grep "cannot be resumed" "$tmp/slow" || fail "it has ended"
! hv snapshot list vm1 | grep slow || fail "it is not taken back"
[ -z "$(ls "$tmp/state/changes")" ] || fail "it is unfinished"
# Nor has one that was resumed behind our back.
hv start vm1
slowly 1500000
python3 - "$tmp/run/vm/vm1/qmp.sock" > "$tmp/out" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
f = s.makefile("rw")
for command in "qmp_capabilities", "cont":
    f.write('{"execute": "%s"}' % command)
    f.flush()
    while "return" not in f.readline():
        pass
END
! wait $snapshot || fail "it was resumed, and has a snapshot"
grep -q "vm1 was resumed while the snapshot was being created" "$tmp/slow" \
    || fail "$(cat "$tmp/slow")"
! hv snapshot list vm1 | grep slow || fail "it is not taken back"
expect "running" hv status vm1
hv stop vm1
assert_nothing_left
