#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An import of an image, and its removal, are killed, interrupted, or fail as on
# a full disk, at each of their system calls that changes something: the next
# command completes it, or rolls it back, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
requires qemu-img
make_host
. "$abs_top_srcdir/tests/kit/image-faults.sh"
truncate -s 1M "$tmp/a.raw"
echo data | dd of="$tmp/a.raw" conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$tmp/a.raw" "$tmp/a.qcow2"
import="import $tmp/a.qcow2 --unverified --name b"
rm="rm --yes b"

present () { hv image $import > "$tmp/out" 2>&1 || :; }

each_call 0 "$import" absent
each_call 1 "$rm" present

# One that was completed by recovery and is given again succeeds.
present
disturbed "$rm"
n=$(sed -n 's,^\([0-9]*\) unlink.*/names/b$,\1,p' "$tmp/calls" | head -n 1)
present
! disturbed "$rm" -n "$n" -f kill || fail "not killed"
expect "had been interrupted, and is now completed" hv image rm --yes b
assert_nothing_left
