#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A log does not grow without end: the part that is too long becomes the one
# before, and guest and 'hvctl logs --follow' go on in the new one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_linux
make_host
define_linux vm1
hv start vm1
wait_console vm1 "hvctl-guest: ready"
log=$(console_log vm1)
"$HVCTL" -c "$tmp/hvctl.conf" logs --follow vm1 > "$tmp/followed" &
follower=$!
cleanup_fn "kill $follower 2> /dev/null"

dd if=/dev/zero bs=1M count=17 status=none | tr '\0' . >> "$log"
was_emptied ()
{
    [ "$(stat -c %s "$log")" -lt 1000000 ]
}
wait_for 40 was_emptied
# It is cut at 16 MiB; what came while it was copied is lost.
[ "$(stat -c %s "$log.1")" -gt 16777216 ] || fail "the part before is lost"
grep -q "hvctl-guest: ready" "$log.1"
guest vm1 echo still here
grep "hvctl-guest: echo still here" "$log"
is_followed ()
{
    grep -q "hvctl-guest: echo still here" "$tmp/followed"
}
wait_for 10 is_followed
kill $follower

# One that is not too long stays.
dd if=/dev/zero bs=1M count=2 status=none | tr '\0' . >> "$log"
sleep 12
[ "$(stat -c %s "$log")" -ge 2097152 ] || fail "a short log was emptied"
hv kill vm1
assert_nothing_left
