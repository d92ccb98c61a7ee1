#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# There is no room for an image: neither for its copy, nor for what becomes of
# it; that is said, and nothing is left.  As root, in the jail of root.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires qemu-img
in_mounts
make_small_host
dd if=/dev/urandom of="$tmp/big.raw" bs=1M count=12 status=none
# Small, until it is unpacked.
yes | head -c 12000000 > "$tmp/yes.raw"
truncate -s 12M "$tmp/yes.raw"
qemu-img convert -c -f raw -O qcow2 "$tmp/yes.raw" "$tmp/yes.qcow2"

for file in big.raw yes.qcow2; do
    expect_fail '[1-9]*' "No space left\|the disk is full" \
        hv image import "$tmp/$file" --unverified
    left=$(find "$tmp/state" -type f)
    [ -z "$left" ] || fail "$file left: $left"
done
mount -o remount,size=64m "$tmp/state"
for file in big.raw yes.qcow2; do
    expect "is imported" hv image import "$tmp/$file" --unverified
done
expect "yes" hv image verify
assert_nothing_left
