# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the tests with a real ZFS, after tests/kit/functions.sh.
#
# zfs_lab SIZE: sets zpool to the name of a ZFS pool of its own, made of a file
# of that size, and zdir to its directory; it is mounted at $zdir/mnt.  ZFS is
# OpenZFS where its module is loaded, else zfs-fuse, of which a machine can
# have one: so such tests take turns.

zfs_lab_end ()
{
    for i in 1 2 3 4 5 6 7 8 9 10; do
        zpool destroy -f "$zpool" 2> "$zdir/destroy.log" && break
        sleep 0.3
    done
    zpool list "$zpool" > /dev/null 2>&1 && cat "$zdir/destroy.log"
    if [ -n "$zfs_daemon" ]; then
        kill "$zfs_daemon"
        wait "$zfs_daemon" 2> /dev/null
    fi
    rm -rf --one-file-system "$zdir"
}

zfs_works ()
{
    timeout 10 zpool list > /dev/null 2>&1
}

zfs_lab ()
{
    requires_root
    requires zfs zpool flock
    # A mount namespace that another test made meanwhile would have copies of
    # ours, and keep them busy.
    in_mounts
    zdir=$(mktemp -d "${TMPDIR:-/tmp}/hvctl-zpool.XXXXXX")
    chmod 755 "$zdir"
    zpool=hvtest$$
    zfs_daemon=
    exec 8> /run/hvctl-test-zfs.lock
    flock -w 600 8 || fail "other tests have had the lock for ten minutes"
    cleanup_fn zfs_lab_end
    if ! zfs_works; then
        requires zfs-fuse
        [ -c /dev/fuse ] || skip "no /dev/fuse"
        zfs-fuse -n --no-kstat-mount > "$zdir/daemon.log" 2>&1 8>&- &
        zfs_daemon=$!
        wait_for 10 zfs_works
    fi
    truncate -s "$1" "$zdir/file"
    # zfs-fuse has been seen to make the pool and fail to mount it, when it had to
    # wait for a processor.
    for i in 1 2 3 4 5 6; do
        zpool create -o cachefile=none -m "$zdir/mnt" "$zpool" "$zdir/file" \
            >> "$zdir/create.log" 2>&1 && return
        sleep $i
        zfs mount "$zpool" >> "$zdir/create.log" 2>&1 && return
        zpool destroy -f "$zpool" >> "$zdir/create.log" 2>&1 || :
    done
    fail "$(cat "$zdir/create.log" "$zdir/daemon.log" 2>&1)"
}
