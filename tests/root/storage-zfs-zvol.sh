#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Volumes of ZFS (zvols), where no kernel module is: the program zfs is one of
# our own here, whose volumes are loop devices.  What QEMU and the guest see of
# them is real: such a disk grows while they run.  And a node that never
# appears, and a pool that is faulted.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin qemu storage-zfs
requires_linux
requires losetup unshare

# The program is found in a fixed path: so this has mounts of its own.
in_mounts
make_host <<END
pool fast { type = zfs dataset = "tank/vms" zvol = yes }
END
truncate -s 1M "$tmp/loop"
loop=$(losetup -f --show "$tmp/loop") || skip "no loop devices"
losetup -d "$loop"
mkdir -p "$tmp/zfs" "$tmp/bin"
made=
[ -d /dev/zvol ] || { mkdir /dev/zvol; made=yes; }
mount -t tmpfs -o mode=755,dev none /dev/zvol
mkdir -p /dev/zvol/tank/vms

end_lab ()
{
    for file in "$tmp"/zfs/*.loop; do
        [ -f "$file" ] && losetup -d "$(cat "$file")"
    done
    umount -l /dev/zvol
    [ -z "$made" ] || rmdir /dev/zvol
    :
}
cleanup_fn end_lab

# A dataset is a file of "PROPERTY=VALUE"; its bytes are beside it.
cat > "$tmp/bin/zfs" <<END
#!/bin/sh
state=$tmp/zfs
END
cat >> "$tmp/bin/zfs" <<'END'
set -e
of () { echo "$state/$(echo "$1" | tr / +)"; }
value () { sed -n "s/^$2=//p" "$1" | tail -n 1; }
die () { echo "$*" >&2; exit 1; }
[ ! -e "$state/fault" ] || [ "$1" = version ] \
    || die "cannot open '$2': I/O error"
command=$1
shift
for dataset; do :; done
file=$(of "$dataset")
case $command in
version) printf 'zfs-2.1.11-1\nzfs-kmod-2.1.11-1\n' ;;
get)
    [ -f "$file" ] || die "cannot open '$dataset': dataset does not exist"
    for object in "$file" "$file"+*; do
        case $object in
            *.loop | *.bytes | *'*') continue ;;
            "$file") ;;
            *) [ "$3" = 1 ] || continue ;;
        esac
        for property in $(echo "$6" | tr , ' '); do
            found=$(value "$object" "$property")
            printf '%s\t%s\t%s\t%s\n' \
                "$(basename "$object" | tr + /)" "$property" "${found:--}" local
        done
    done ;;
create)
    [ ! -f "$file" ] || die "cannot create '$dataset': dataset already exists"
    size=
    printf 'type=volume\nreferenced=0\n' > "$file"
    while [ $# -gt 1 ]; do
        case $1 in
            -V) echo "volsize=$2" >> "$file"; size=$2; shift ;;
            -o) echo "$2" >> "$file"; shift ;;
        esac
        shift
    done
    truncate -s "$size" "$file.bytes"
    losetup -f --show "$file.bytes" > "$file.loop"
    [ -e "$state/no-node" ] \
        || ln -s "$(cat "$file.loop")" "/dev/zvol/$dataset" ;;
set)
    [ -f "$file" ] || die "cannot open '$dataset': dataset does not exist"
    while [ $# -gt 1 ]; do
        echo "$1" >> "$file"
        case $1 in volsize=*)
            truncate -s "${1#*=}" "$file.bytes"
            losetup -c "$(cat "$file.loop")" ;;
        esac
        shift
    done ;;
destroy)
    [ -f "$file" ] || die "cannot open '$dataset': dataset does not exist"
    losetup -d "$(cat "$file.loop")"
    rm -f "$file" "$file.bytes" "$file.loop" "/dev/zvol/$dataset" ;;
*) die "unrecognized command '$command'" ;;
esac
END
chmod 755 "$tmp/bin/zfs"
printf 'type=filesystem\n' > "$tmp/zfs/tank+vms"
mkdir -p "$tmp/sbin"
cp "$tmp/bin/zfs" "$tmp/sbin/"
mount --bind "$tmp/sbin" /usr/local/sbin

nothing_made ()
{
    left=$(find "$tmp/zfs" -type f ! -name tank+vms ! -name fault \
        ! -name no-node)
    [ -z "$left" ] || fail "left behind: $left"
}
one_sentence ()
{
    [ "$(wc -l < "$tmp/err")" -eq 1 ] || fail "$(cat "$tmp/err")"
}

# A node that never appears: within its limit, and the volume is gone again.
touch "$tmp/zfs/no-node"
before=$(date +%s)
expect_fail 9 "/dev/zvol/tank/vms/v" hv volume create fast/v 16M
one_sentence
[ $(($(date +%s) - before)) -lt 25 ] || fail "it took too long"
rm "$tmp/zfs/no-node"
nothing_made

# A pool that is faulted, or not there; a name and a size that are none.
touch "$tmp/zfs/fault"
expect_fail 1 "I/O error.*zpool status" hv volume create fast/v 16M
one_sentence
rm "$tmp/zfs/fault"
nothing_made
expect_fail '[1-9]*' "multiple of 16384" hv volume create fast/v 1000000
one_sentence
expect_fail 2 "v!" hv volume create 'fast/v!' 16M
one_sentence
nothing_made

define_linux vm1 <<END
disk root { pool = fast volume = v }
END
expect_fail 3 "does not exist" hv start vm1
one_sentence
assert_nothing_left
hv volume create fast/v 16M
expect "v.*16M.*/dev/zvol/tank/vms/v" hv volume list fast

# It grows under the running guest.
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
grep "disk vda 16777216 rw" "$(console_log vm1)"
guest vm1 write vda 4096 before
expect "the running guest has it" hv resize vm1 --disk root=48M
assert_same vm1
guest vm1 look
grep "disk vda 50331648 rw" "$(console_log vm1)"
guest vm1 write vda 50000000 behind
guest vm1 read vda 50000000 6
grep "read: behind" "$(console_log vm1)"
expect_fail '[1-9]*' "can only grow" hv resize vm1 --disk root=16M
expect "has shut down" hv stop vm1
expect "v.*48M" hv volume list fast
hv resize vm1 --disk root=64M
expect "v.*64M" hv volume list fast
undefined vm1 hv volume rm -y fast/v
nothing_made
assert_nothing_left
