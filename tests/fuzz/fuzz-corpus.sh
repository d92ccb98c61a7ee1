#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each parser of outside bytes with its seeds, and what is near them;
# tests/fuzz/run does more.
set -e
for name in agent config expand import state qmp firmware ovsdb; do
    echo "$name"
    "$abs_top_builddir/tests/fuzz/fuzz-$name" \
        "$abs_top_srcdir/tests/fuzz/$name"/* 2>&1
done
