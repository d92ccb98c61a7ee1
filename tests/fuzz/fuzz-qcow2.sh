#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The reader of qcow2 headers with each seed, and what is near it.
exec "$abs_top_builddir/tests/fuzz/fuzz-qcow2" \
    "$abs_top_srcdir"/tests/fuzz/qcow2/*
