#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same as points.sh, with volumes on ZFS: a smaller sample (60),
# the same each time, unless HVCTL_TEST_SEED says otherwise.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires_plugin storage-zfs
zfs_lab 512M
HVCTL_TEST_ZFS=$zpool
HVCTL_TEST_POINTS=${HVCTL_TEST_POINTS:-60}
HVCTL_TEST_JOBS=${HVCTL_TEST_JOBS:-2}
HVCTL_TEST_COMMANDS=${HVCTL_TEST_COMMANDS:-create rm attach-disk resize-disk
    snapshot-stopped snapshot-create snapshot-revert snapshot-delete
    volume-create volume-resize volume-clone volume-rm volume-snapshot
    volume-revert}
HVCTL_TEST_SEED=${HVCTL_TEST_SEED:-1796018483}
export HVCTL_TEST_SEED HVCTL_TEST_ZFS HVCTL_TEST_POINTS HVCTL_TEST_JOBS HVCTL_TEST_COMMANDS
sh "$abs_top_srcdir/tests/faults/points.sh"
