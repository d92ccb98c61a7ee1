#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The ZFS pool is full: the guest that writes is paused, 'status' says why, and
# it goes on after room was made, having noticed nothing.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires_linux
requires_plugin qemu storage-zfs
zfs_lab 128M
zfs create "$zpool/vms"
make_host <<END
pool fast { type = zfs dataset = "$zpool/vms" }
END
hv create vm1 --memory 256M --disk root:500M,pool=fast \
    --kernel "$linux/vmlinuz" --initrd "$linux/initrd" --accelerator tcg \
    --append "console=ttyS0 quiet no_timer_check" > "$tmp/create.out"
hv start vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 write vda 4096 before

# Some space is kept for later; the rest is filled.
zfs create -o refreservation=32M "$zpool/ballast"
zfs create "$zpool/filler"
for i in 1 2 3; do
    for size in 1M 4k 512; do
        dd if=/dev/urandom of="$zdir/mnt/filler/$i.$size" bs=$size \
            status=none 2> "$zdir/dd.log" || grep -q "No space" "$zdir/dd.log"
    done
    sync -f "$zdir/mnt/filler"
done

is_full ()
{
    hv status vm1 | grep -q "no space"
}
type_console vm1 "write vda 1048576 meanwhile"
wait_for 30 is_full
expect "no space left on the host for disk 'root'" hv status vm1
expect "paused" hv status vm1
expect_fail '[1-9]*' "" hv volume create fast/more 10M --backing "$linux/vmlinuz" \
    --backing-format raw
[ -z "$(zfs get -Hp -r -d 1 -o name type "$zpool/vms" | grep -e more -e _image)" ] \
    || fail "what did not fit is left behind"

zfs set refreservation=none "$zpool/ballast"
hv resume vm1
two_writes ()
{
    [ "$(grep -c "ok write" "$(console_log vm1)")" = 2 ]
}
wait_for 30 two_writes
guest vm1 read vda 1048576 9
grep "read: meanwhile" "$(console_log vm1)"
expect "has shut down" hv stop vm1
[ "$(dd if="$zdir/mnt/vms/vm1-root/disk.raw" bs=1 skip=4096 count=6 \
    status=none)" = before ] || fail "the disk is not whole"
