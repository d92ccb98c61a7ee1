#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# How long it takes to make a volume of an image that was used before, on a real
# ZFS pool: run when nothing else wants the processors.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires qemu-img
zfs_lab 1G
make_tempdir
zfs create "$zpool/images"
HVCTL_TEST_TIMED=1 HVCTL_TEST_DATASET=$zpool/images HVCTL_TEST_DIR=$tmp \
    "$abs_top_builddir/tests/unit/test-storage-zfs-images" 8>&-
