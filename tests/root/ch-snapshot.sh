#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Memory and disks of a snapshot belong together, with cloud-hypervisor, too:
# on ZFS, where a snapshot leaves the disk where it is.  With the contract
# server, and with the real program if there is one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires_ch
requires_plugin storage-zfs
zfs_lab 256M
zfs create "$zpool/vms"
make_host <<END
plugin cloud-hypervisor { program = "/nonexistent" }
pool fast { type = zfs dataset = "$zpool/vms" }
END
disk=$zdir/mnt/vms/vm1-root/disk.raw
memory=$tmp/state/vm/vm1/memory

# Sets number to the last one that the guest has said.
listen ()
{
    sleep 0.4
    cp "$(console_log vm1)" "$tmp/console.out"
    number=$(tr -d '\r' < "$tmp/console.out" \
        | sed -n 's/^count \([0-9a-f]\{8\}\)$/\1/p' | tail -n 1)
    number=$((0x${number:-0}))
    [ $number -gt 0 ] || fail "the guest says nothing"
}

not_booted ()
{
    ! grep -q "tiny guest: hello" "$tmp/console.out" || fail "it has booted"
}

# write TEXT: into the disk, in the guest's place.
write ()
{
    printf '%s' "$1" | dd of="$disk" bs=1 seek=4096 conv=notrunc status=none
}

reads ()
{
    is=$(dd if="$disk" bs=1 skip=4096 count=${#1} status=none)
    [ "$is" = "$1" ] || fail "the disk has '$is', not '$1'"
}

# KVM of some nested machines cannot tell all that v53 asks: ch-save.sh.
has_no_nested_state ()
{
    status=0
    hv snapshot create --memory vm1 s1 > "$tmp/out" 2> "$tmp/err" || status=$?
    [ $status -ne 0 ] || return 1
    grep -q "GetNestedState" "$tmp/err" || fail "$(cat "$tmp/err")"
    [ ! -e "$memory/s1" ] || fail "the memory of s1 is left"
    [ -z "$(zfs list -H -t snapshot "$zpool/vms/vm1-root" 2> /dev/null)" ] \
        || fail "a snapshot is left"
    expect "vm1 is running" hv status vm1
    echo "this host's KVM has no KVM_GET_NESTED_STATE: not saved"
}

snapshots ()
{
    echo "with $1"
    sed -i "s|program = .*|program = \"$1\" }|" "$tmp/hvctl.conf"
    define vm1 <<END
hypervisor = cloud-hypervisor
memory = 32M
kernel = "$guest"
append = "count"
disk root { pool = fast size = 8M }
END
    hv volume create fast/vm1-root 8M > /dev/null
    hv start vm1
    assert_same vm1
    listen
    write one
    if [ -n "${real-}" ] && has_no_nested_state; then
        hv kill vm1
        return
    fi
    [ -n "${real-}" ] \
        || expect "snapshot s1 is created (online)" \
            hv snapshot create --memory vm1 s1
    expect "s1 .* yes" hv snapshot list vm1
    listen
    then=$number
    write two
    sleep 3
    hv stop --timeout 0s vm1
    expect "reverted to snapshot s1" hv snapshot revert vm1 s1
    expect "vm1 *saved" hv list
    reads one
    hv start vm1
    assert_same vm1
    listen
    not_booted
    [ $number -lt $((then + 45)) ] || fail "$number is not what s1 had"
    [ -e "$memory/s1/memory-ranges" ] || fail "the snapshot's memory is gone"
    hv kill vm1

    # And once more, from the same.
    hv snapshot revert vm1 s1
    hv start vm1
    assert_same vm1
    listen
    not_booted
    hv kill vm1
    hv snapshot delete vm1 s1 > /dev/null
    [ ! -e "$memory/s1" ] || fail "the memory of s1 is there"
    hv rm --yes --disks vm1 > /dev/null
}

each_ch snapshots
