#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# points.sh with what brings VMs up and down.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/faults/part.sh"
part 150 3 1796018333 start stop save restore create rm edit rename clone \
    create-fleet rm-fleet
