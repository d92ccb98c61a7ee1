#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Disks on an image, in a pool of type zfs: the image is copied once, and each
# disk is a clone that does not need the file any more.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires_plugin storage-zfs
zfs_lab 512M
zfs create "$zpool/vms"
make_host <<END
pool default { type = zfs dataset = "$zpool/vms" }
END
add_null
truncate -s 16M "$tmp/a.raw"
echo here | dd of="$tmp/a.raw" conv=notrunc status=none
hv image import "$tmp/a.raw" --name small --unverified > "$tmp/out"
for vm in a b; do
    hv create $vm --hypervisor null --disk root:32M,image=small > "$tmp/out"
    disk=$zdir/mnt/vms/$vm-root/disk.raw
    cmp -n 16777216 "$disk" "$tmp/a.raw"
    [ "$(stat -c %s "$disk")" = 33554432 ]
done
origin ()
{
    zfs get -Hp -o value origin "$zpool/vms/$1-root"
}
[ "$(origin a)" = "$(origin b)" ] || fail "$(origin a), $(origin b)"
[ "$(origin a)" != - ] || fail "it is no clone"
expect "disks: *-" hv image info small
hv image rm --yes small > "$tmp/out"
hv start a > "$tmp/out"
hv stop a > "$tmp/out"
hv rm --yes --disks a b > "$tmp/out"
assert_nothing_left
