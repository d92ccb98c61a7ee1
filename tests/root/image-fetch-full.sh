#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# There is no room for a download, whether the server says before how large it
# is or not: that is said, and nothing is left.  As root, in the jail of root.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_web
in_mounts
make_small_host
start_web
head -c 12582912 /dev/urandom > "$tmp/www/big.raw"

for address in big.raw close/big.raw chunked/big.raw; do
    expect_fail '[1-9]*' "cannot download $web/$address: .*no space\|cannot download $web/$address: .*No space" \
        hv image import "$web/$address" --unverified
    left=$(find "$tmp/state" -type f)
    [ -z "$left" ] || fail "$address left: $left"
done
mount -o remount,size=64m "$tmp/state"
for address in big.raw close/big.raw chunked/big.raw; do
    expect "image big is imported" hv image import "$web/$address" --unverified
    hv image rm --yes big
done
stop_web
assert_nothing_left
