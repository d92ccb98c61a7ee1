#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a guest writes to its disk is there, outside, at the same place; and
# what it sees of its disks is what the definition says.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires qemu-img
make_host
qemu-img create -q -f raw "$tmp/base.raw" 64M
printf 'from-the-base' | dd of="$tmp/base.raw" bs=1 seek=4096 conv=notrunc status=none
qemu-img create -q -f raw "$tmp/locked.raw" 8M

hv create vm1 --memory 256M --disk root:128M \
    --disk over:64M,backing="$tmp/base.raw" \
    --disk locked:image="$tmp/locked.raw",readonly=yes,serial=abc123 \
    --kernel "$linux/vmlinuz" --initrd "$linux/initrd" --accelerator "${HVCTL_TEST_ACCELERATOR:-tcg}" \
    --append "console=ttyS0 quiet no_timer_check \
hvctl.run=write,vda,1048576,from-the-guest \
hvctl.run=read,vdb,4096,13 hvctl.run=write,vdc,0,no hvctl.run=poweroff"
hv validate vm1

hv start vm1
wait_console vm1 "goodbye"
assert_nothing_left
log=$(console_log vm1)
grep "disk vda 134217728 rw" "$log"
grep "disk vdb 67108864 rw" "$log"
grep "disk vdc 8388608 ro abc123" "$log"
grep "ok write" "$log"
grep "read: from-the-base" "$log"
grep "failed write" "$log"

qemu-img convert -O raw "$tmp/state/disks/vm1-root.qcow2" "$tmp/root.raw"
dd if="$tmp/root.raw" bs=1 skip=1048576 count=14 status=none > "$tmp/block"
[ "$(cat "$tmp/block")" = from-the-guest ] || fail "the block is not there"
qemu-img check -q "$tmp/state/disks/vm1-root.qcow2"
