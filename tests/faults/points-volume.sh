#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# points.sh with snapshots and volumes.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/faults/part.sh"
part 140 3 1796018483 snapshot-stopped snapshot-revert snapshot-delete \
    volume-create volume-resize volume-clone volume-rm volume-snapshot \
    volume-revert
