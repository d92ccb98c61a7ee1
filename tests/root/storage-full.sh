#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Volumes on a file system that is full: a tmpfs of 8 MiB in a mount namespace
# of its own, which vanishes with the test.
set -eu
command -v qemu-img > /dev/null || { echo "skipped: no qemu-img"; exit 77; }
dir=$(mktemp -d "${TMPDIR:-/tmp}/hvctl-full.XXXXXX")
trap 'rmdir "$dir"' EXIT
HVCTL_TEST_DIR=$dir unshare -m sh -ceu '
    mount --make-rprivate /
    mount -t tmpfs -o size=8m,mode=755 hvctl-test "$HVCTL_TEST_DIR"
    exec "$1"' sh "$abs_top_builddir/tests/unit/test-storage-full"
