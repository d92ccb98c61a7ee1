#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Another hvctl is suspended in a release.
. "${abs_top_srcdir:-.}/tests/kit/suspended-hvctl.sh"
suspended_in release
