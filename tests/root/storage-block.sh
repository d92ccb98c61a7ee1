#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A block device as an image: a loop device.
set -eu
size=$((3 * 1024 * 1024 + 512))
file=$(mktemp "${TMPDIR:-/tmp}/hvctl-block.XXXXXX")
device=
trap '[ -z "$device" ] || losetup -d "$device"; rm -f "$file"' EXIT
truncate -s $size "$file"
device=$(losetup -f --show "$file") || {
    device=
    echo "skipped: no loop devices"
    exit 77
}
HVCTL_TEST_BLOCK=$device HVCTL_TEST_SIZE=$size \
    "$abs_top_builddir/tests/unit/test-storage-block"
