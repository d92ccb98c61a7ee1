#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is wrong with a ZFS pool or with what was asked of it, by the whole
# command: one sentence, an exit code, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires_plugin storage-zfs
requires_tiny
zfs_lab 256M
zfs create "$zpool/vms"
long=$(printf '%0200d' 0)
make_host <<END
pool good { type = zfs dataset = "$zpool/vms" }
pool missing { type = zfs dataset = "$zpool/none/here" }
pool away { type = zfs dataset = "hvtest-none$$/vms" }
pool zvols { type = zfs dataset = "$zpool/vms" zvol = yes }
pool name { type = zfs dataset = "$zpool/a b@c" }
pool long { type = zfs dataset = "$zpool/$long" }
END

# refused CODE WORDS COMMAND...: in one sentence.
refused ()
{
    expect_fail "$@"
    [ "$(wc -l < "$tmp/err")" -eq 1 ] || fail "$(cat "$tmp/err")"
    left=$(zfs get -Hp -r -o name type "$zpool" 2> /dev/null | sort \
        | tr '\n' ' ')
    [ "$left" = "$datasets" ] || fail "there is: $left"
}
datasets="$zpool $zpool/vms "

refused 3 "no dataset '$zpool/none/here': make it with 'zfs create" \
    hv volume create missing/v 16M
refused 3 "zpool import hvtest-none$$" hv volume create away/v 16M
refused 3 "no dataset '$zpool/none/here'" hv volume list missing
refused 7 "must be the name of a dataset" hv volume create name/v 16M
refused 7 "at most 255 bytes" \
    hv volume create "long/$(printf '%060d' 0)" 16M
refused '[1-9]*' "512" hv volume create good/v 1000
refused 2 "not a size" hv volume create good/v 16Q
refused 1 "backing\|image" hv volume create good/v --backing /dev/null \
    --backing-format raw
if [ -n "$zfs_daemon" ]; then
    refused 4 "need OpenZFS with its kernel module" \
        hv volume create zvols/v 16M
fi

# A VM whose volume is not there, whose dataset is not mounted, and somebody
# else's dataset of that name.
define_tiny vm1
echo 'disk root { pool = good volume = v }' >> "$tmp/vm.d/vm1.conf"
refused 3 "does not exist" hv start vm1
assert_nothing_left
zfs create "$zpool/vms/v"
datasets="$zpool $zpool/vms $zpool/vms/v "
refused '[1-9]*' "no disk.raw" hv start vm1
refused 3 "no disk.raw" hv volume rm -y good/v
truncate -s 1M "$zdir/mnt/vms/v/disk.raw"
undefined vm1 refused '[1-9]*' "not created by hvctl, which leaves it alone" \
    hv volume rm -y good/v
refused 1 "already" hv volume create good/v 16M
destroyed ()
{
    zfs destroy "$zpool/vms/v"
}
wait_for 10 destroyed
datasets="$zpool $zpool/vms "
hv volume create good/v 16M
datasets="$zpool $zpool/vms $zpool/vms/v "
unmounted ()
{
    zfs unmount "$zpool/vms/v"
}
wait_for 10 unmounted
refused '[1-9]*' "zfs mount" hv start vm1
assert_nothing_left
zfs mount "$zpool/vms/v"
hv start vm1
refused 5 "is disk root of vm1" hv volume rm -y good/v
undefined vm1 refused 5 "in use: stop the VM first" hv volume rm -y good/v
refused 5 "in use by VM vm1.*hvctl snapshot create" hv volume snapshot good/v@s
refused 5 "in use by VM vm1" hv volume revert good/v@s
refused 5 "in use by VM vm1" hv volume rm -y good/v@s
hv kill vm1
undefined vm1 hv volume rm -y good/v
datasets="$zpool $zpool/vms "

# The daemon is gone.
if [ -n "$zfs_daemon" ]; then
    kill -9 "$zfs_daemon"
    wait "$zfs_daemon" 2> /dev/null || :
    zfs_daemon=
    expect_fail '[1-9]*' "zfs" hv volume create good/v 16M
    [ "$(wc -l < "$tmp/err")" -eq 1 ] || fail "$(cat "$tmp/err")"
    for dir in "$zdir/mnt/vms" "$zdir/mnt"; do
        umount -l "$dir" 2> "$tmp/umount" || :
    done
fi
