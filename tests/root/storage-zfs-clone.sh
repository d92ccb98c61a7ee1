#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A VM on ZFS is cloned: stopped and running, as ZFS clones of one snapshot, and
# as copies that share nothing; nothing is copied that need not be.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires_tiny
requires_plugin qemu storage-zfs
zfs_lab 512M
zfs create "$zpool/vms"
make_host <<END
pool default { type = zfs dataset = "$zpool/vms" }
END
hv create web --memory 33M --kernel "$tiny" --accelerator tcg \
    --disk root:64M --disk data:8M > "$tmp/out"
vms=$zdir/mnt/vms
printf here | dd of="$vms/web-root/disk.raw" bs=1 seek=4096 conv=notrunc status=none

# has VM TEXT: on its disk.
has ()
{
    found=$(dd if="$vms/$1-root/disk.raw" bs=1 skip=4096 count=4 status=none)
    [ "$found" = "$2" ] || fail "$1 has '$found', not '$2'"
}

# origin VM: of its disk.
origin ()
{
    zfs get -Hp -o value origin "$zpool/vms/$1-root"
}

hv clone web www > "$tmp/out"
grep -q "need the snapshot 'clone-www' of web" "$tmp/out" || fail "$(cat "$tmp/out")"
[ "$(origin www)" = "$zpool/vms/web-root@clone-www" ] || fail "origin: $(origin www)"
printf gone | dd of="$vms/web-root/disk.raw" bs=1 seek=4096 conv=notrunc status=none
has www here
hv start web
hv clone web two > "$tmp/out"
expect "running" hv status web
hv start www two
hv stop web www two
has two gone
hv clone web old --snapshot clone-www > "$tmp/out"
has old here
[ "$(origin old)" = "$zpool/vms/web-root@clone-www" ] || fail "origin: $(origin old)"

# All is copied.
hv clone --full web single > "$tmp/out"
! grep "snapshot" "$tmp/out" || fail "it depends on a snapshot"
[ "$(origin single)" = - ] || fail "it is a clone of $(origin single)"
has single gone
! hv snapshot list web | grep single || fail "a snapshot is left"

# Each goes when nothing depends on it.
expect_fail '[1-9]*' "" hv rm --yes --disks web
hv rm --yes --disks www two old
hv rm --yes --disks web
[ "$(zfs list -H -o name -t all -r "$zpool/vms" | grep -c web)" = 0 ] \
    || fail "left: $(zfs list -t all -r "$zpool/vms")"
hv start single
hv stop single
hv rename single other > "$tmp/out"
hv rm --yes --disks other
[ "$(zfs list -H -o name -t all -r "$zpool/vms")" = "$zpool/vms" ] \
    || fail "left: $(zfs list -t all -r "$zpool/vms")"
assert_nothing_left
