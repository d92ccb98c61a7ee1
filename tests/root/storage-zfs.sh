#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The plugin storage-zfs with a real ZFS pool: see tests/unit/test-storage-zfs-lab.h.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires qemu-img
zfs_lab 1G
make_tempdir
for program in real images stream; do
    zfs create "$zpool/$program"
    HVCTL_TEST_DATASET=$zpool/$program HVCTL_TEST_DIR=$tmp \
        "$abs_top_builddir/tests/unit/test-storage-zfs-$program" 8>&-
done
