#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same as points.sh, with volumes on ZFS.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
. "$abs_top_srcdir/tests/faults/part.sh"
requires_plugin storage-zfs
zfs_lab 512M
HVCTL_TEST_ZFS=$zpool
export HVCTL_TEST_ZFS
part 70 2 1796018483 create rm clone attach-disk resize-disk snapshot-stopped \
    snapshot-create snapshot-revert snapshot-delete volume-create \
    volume-resize volume-clone volume-rm volume-snapshot volume-revert
