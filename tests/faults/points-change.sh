#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# points.sh with changes to VMs.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/faults/part.sh"
part 150 3 1796018330 attach-disk attach-nic detach-disk detach-nic resize \
    resize-disk apply snapshot-create snapshot-memory clone-running
