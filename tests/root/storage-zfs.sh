#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The plugin storage-zfs with a real ZFS pool: see tests/test-storage-zfs-real.c.
. "${abs_top_builddir:-.}/tests/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires qemu-img
zfs_lab 1G
make_tempdir
HVCTL_TEST_DATASET=$zpool HVCTL_TEST_DIR=$tmp \
    "$abs_top_builddir/tests/test-storage-zfs-real" 8>&-
