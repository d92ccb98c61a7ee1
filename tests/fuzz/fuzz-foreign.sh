#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The reader of headers of images with each seed, and what is near it.
exec "$abs_top_builddir/tests/fuzz/fuzz-foreign" \
    "$abs_top_srcdir"/tests/fuzz/foreign/* "$abs_top_srcdir"/tests/fuzz/qcow2/*
