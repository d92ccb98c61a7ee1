#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest on ZFS: its disk is a clone of an image; it writes, is snapshotted,
# writes again, is reverted, and reads the old block.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires_linux
requires qemu-img
requires_plugin qemu storage-zfs
zfs_lab 512M
zfs create "$zpool/vms"
make_host <<END
pool fast { type = zfs dataset = "$zpool/vms" }
END
qemu-img create -q -f raw "$tmp/golden.raw" 32M
printf from-the-image | dd of="$tmp/golden.raw" bs=1 seek=4096 conv=notrunc \
    status=none
qemu-img convert -f raw -O qcow2 "$tmp/golden.raw" "$tmp/golden.qcow2"

for vm in vm1 vm2; do
    hv create $vm --memory 256M \
        --disk root:64M,pool=fast,backing="$tmp/golden.qcow2",backing_format=qcow2 \
        --kernel "$linux/vmlinuz" --initrd "$linux/initrd" --accelerator tcg \
        --append "console=ttyS0 quiet no_timer_check" > "$tmp/create.out"
done
disk=$zdir/mnt/vms/vm1-root/disk.raw
[ "$(zfs get -Hp -r -d 1 -o name type "$zpool/vms" | grep -c _image-)" = 1 ] \
    || fail "the image was not imported once"
hv volume list fast | grep "vm1-root *64M"

# block OFFSET TEXT: it is there, outside.
block ()
{
    found=$(dd if="$disk" bs=1 skip="$1" count=${#2} status=none)
    [ "$found" = "$2" ] || fail "at $1 there is '$found', not '$2'"
}

hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
grep "disk vda 67108864 rw" "$(console_log vm1)"
guest vm1 read vda 4096 14
grep "read: from-the-image" "$(console_log vm1)"
guest vm1 write vda 4096 first
expect "snapshot s1 is created (online)" hv snapshot create vm1 s1
assert_same vm1
guest vm1 write vda 4096 other
block 4096 "other"
expect "snapshot s2 is created (online)" hv snapshot create vm1 s2
assert_same vm1
expect "snapshot s2 is deleted (online)" hv snapshot delete vm1 s2
assert_same vm1
guest vm1 echo still-there
expect_fail '[1-9]*' "stop it first" hv snapshot revert vm1 s1
expect "has shut down" hv stop vm1
assert_nothing_left

hv snapshot list vm1 > "$tmp/out"
grep "^s1 " "$tmp/out"
hv snapshot revert vm1 s1
block 4096 "first"
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 read vda 4096 5
grep "read: first" "$(console_log vm1)"
guest vm1 write vda 4096 third
expect "has shut down" hv stop vm1

# Not over the heads of others, and nothing that others need is destroyed.
hv snapshot create vm1 s2
expect_fail '[1-9]*' "would be lost: s2" hv snapshot revert vm1 s1
block 4096 "third"
undefined vm1 expect_fail '[1-9]*' "deleted with it: s1, s2" \
    hv volume rm --yes fast/vm1-root
hv attach-disk vm1 data:8M,pool=fast > "$tmp/out"
hv snapshot create vm1 s3
hv volume clone fast/vm1-root@s1 cloned
before=$(hv snapshot list vm1; hv volume list fast)
expect_fail '[1-9]*' "cloned" hv rm --disks --yes vm1
[ "$(hv snapshot list vm1; hv volume list fast)" = "$before" ] \
    || fail "something went: $(hv volume list fast)"
block 4096 "third"
hv volume rm --yes fast/cloned

# The other clone has seen nothing of all that.
disk=$zdir/mnt/vms/vm2-root/disk.raw
block 4096 "from-the-image"
hv rm --disks --yes vm1 vm2
left=$(zfs get -Hp -r -d 1 -o name type "$zpool/vms" | grep -v "^$zpool/vms$") \
    || :
[ -z "$left" ] || fail "left behind: $left"
