#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# At a terminal, a download shows how much of it has arrived, how fast, and the
# time that is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_web
requires script
make_host < /dev/null
start_web
# The server takes four seconds for it.
head -c 4194304 /dev/urandom > "$tmp/www/a.raw"

TERM=xterm script -qec \
    "'$HVCTL' -c '$tmp/hvctl.conf' image import '$web/drip/a.raw' --unverified" \
    /dev/null < /dev/null | tr '\r' '\n' > "$tmp/screen"
expect "image a is imported" cat "$tmp/screen"
grep -q "[0-9] [KM]iB of 4.0 MiB, [0-9.]* [KM]iB/s, 0:0[0-9] left" "$tmp/screen" \
    || fail "$(cat "$tmp/screen")"
hv image rm --yes a
stop_web
assert_nothing_left
