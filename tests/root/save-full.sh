#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# There is no room for what a guest has in memory: it is told why, the guest
# goes on, nothing is left; and with room it is saved.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_linux
in_mounts
make_small_host
define_linux vm1 < /dev/null
hv start vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 keep it
# Twice: what the first has left would be in the way.
for i in 1 2; do
    expect_fail '[1-9]*' "vm1 was not saved.*No space left" hv save vm1
    expect "vm1 is running" hv status vm1
    [ -z "$(ls "$tmp/state/vm/vm1" | grep saved)" ] || fail "something is left"
    guest vm1 recall
done
mount -o remount,size=512m "$tmp/state"
expect "is saved" hv save vm1
assert_nothing_left
hv start vm1
guest vm1 recall
grep -q "hvctl-guest: kept it" "$(console_log vm1)" || fail "it has forgotten"
hv kill vm1
assert_nothing_left
