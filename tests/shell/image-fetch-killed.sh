#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An import from a web server is killed, interrupted, or fails as on a full disk,
# at each of its system calls that changes something: the next command completes
# it, or rolls it back, and what has arrived is used by the next import.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_inject
requires qemu-img
requires_web
make_host
. "$abs_top_srcdir/tests/kit/image-faults.sh"
start_web
truncate -s 1M "$tmp/a.raw"
echo data | dd of="$tmp/a.raw" conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$tmp/a.raw" "$tmp/www/a.qcow2"

# Half of the times, it finds what the one before has left.
again ()
{
    turn=$((1 - ${turn:-0}))
    [ $turn = 0 ] || [ "$(hv image list | grep -c '^b ')" = 1 ] || return 0
    absent
}
each_call 0 "import $web/a.qcow2 --unverified --name b" again
absent
stop_web
assert_nothing_left
