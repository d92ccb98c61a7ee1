#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The hypervisor fails when the guest is to run: whether it ran, nobody knows.
# What was saved is restored by the next start if its disks show that nothing
# was written; a block device does not show that, so it is refused.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_root
requires losetup
make_host
add_null

truncate -s 1M "$tmp/file" "$tmp/behind"
device=$(losetup -f --show "$tmp/behind") || skip "no loop devices"
cleanup_fn "losetup -d $device"

# fails_to_go DISK: a saved VM whose start fails when the guest is to run.
fails_to_go ()
{
    define_null vm1
    printf 'disk a { image = "%s" format = raw }\n' "$1" >> "$tmp/vm.d/vm1.conf"
    hv start vm1
    hv save vm1
    ! HVCTL_NULL_FAIL=hypervisor.go hv start vm1 > "$tmp/out" 2>&1 \
        || fail "it started"
    expect "^vm1 *saved" hv list vm1
}

fails_to_go "$tmp/file"
hv start vm1
hv kill vm1

fails_to_go "$device"
! hv start vm1 > "$tmp/out" 2>&1 || fail "it was restored"
grep -q "disk a ($device) may have been written to since vm1 was saved on" \
    "$tmp/out" || fail "$(cat "$tmp/out")"
expect "^vm1 *saved" hv list vm1
hv start --fresh vm1
hv kill vm1
assert_nothing_left
