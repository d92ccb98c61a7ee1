#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file system that is full stops the guest, status says which disk, and
# after room has been made the guest goes on and has lost nothing.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires qemu-img
in_mounts
make_tempdir
mkdir "$tmp/full"
mount -t tmpfs -o size=4m hvctl-test "$tmp/full"
cleanup_fn "umount '$tmp/full'"
make_host < /dev/null
cat >> "$tmp/hvctl.conf" <<END
pool small { type = "qcow2" path = "$tmp/full/disks" }
END
define vm1 <<END
memory = 256M
kernel = "$linux/vmlinuz"
initrd = "$linux/initrd"
append = "console=ttyS0 quiet no_timer_check hvctl.run=write,vda,1048576,from-the-guest hvctl.run=poweroff"
accelerator = tcg
disk root { pool = small size = 64M }
END
mkdir -m 711 "$tmp/full/disks"
hv volume create small/vm1-root 64M
dd if=/dev/zero of="$tmp/full/filler" bs=64k 2> "$tmp/dd.err" || :

hv start vm1
wait_console vm1 "hvctl-guest: ready"
is_paused ()
{
    hv status vm1 | grep "paused"
}
wait_for 20 is_paused
expect "no space left on the host for disk 'root'" hv status vm1
expect "^vm1 *paused" hv list

rm "$tmp/full/filler"
hv resume vm1
wait_console vm1 "hvctl-guest: ok write" 30
wait_console vm1 "goodbye"
assert_nothing_left
qemu-img convert -O raw "$tmp/full/disks/vm1-root.qcow2" "$tmp/root.raw"
dd if="$tmp/root.raw" bs=1 skip=1048576 count=14 status=none > "$tmp/block"
[ "$(cat "$tmp/block")" = from-the-guest ] || fail "the block is not there"
