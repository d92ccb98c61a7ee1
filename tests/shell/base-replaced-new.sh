#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# However a volume came to lie on another image: that it was replaced is noticed
# although no VM has ever run on the volume, and by whatever would go on from
# there.  Nothing is left of what is deleted.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2 storage-raw
requires qemu-img qemu-io
make_host
add_null
base=$tmp/base.qcow2
qemu-img create -q -f qcow2 "$base" 4M
qemu-io -f qcow2 -c "write -P 1 0 64k" "$base" > "$tmp/io"
cp "$base" "$tmp/kept"

# uses NAME: a VM of which that is the disk, or its lines are.
uses ()
{
    printf 'memory = 16M\nhypervisor = null\n%s\n' "$1" > "$tmp/vm.d/vm1.conf"
}

# noticed RECORD COMMAND...: the replacement, by validate and by the command;
# not what is the same image, and not what is accepted.
noticed ()
{
    record=$tmp/state/layers/$1
    shift
    hv validate vm1 > "$tmp/out"
    rm "$base"
    cp "$tmp/kept" "$base"
    hv validate vm1 > "$tmp/out"
    qemu-io -f qcow2 -c "write -P 2 0 64k" "$base" > "$tmp/io"
    expect_fail 7 "disk root: its backing file $base has been replaced by another image.*remove $record" \
        hv validate vm1
    expect_fail 7 "another image" "$@"
    cp "$tmp/kept" "$base"
    hv validate vm1 > "$tmp/out"
    qemu-io -f qcow2 -c "write -P 2 0 64k" "$base" > "$tmp/io"
    rm "$record"
    hv validate vm1 > "$tmp/out"
    cp "$tmp/kept" "$base"
}

hv volume create default/one --backing "$base" --backing-format qcow2
uses "disk root { volume = one }"
noticed default@one hv start vm1
rm -f "$tmp/vm.d/vm1.conf"
hv volume rm --yes default/one

hv volume create default/one --backing "$base" --backing-format qcow2
uses "disk root { volume = one }"
noticed default@one hv volume clone default/one two
hv volume clone default/one two
uses "disk root { volume = two }"
noticed default@two hv start vm1
rm -f "$tmp/vm.d/vm1.conf"
hv volume rm --yes default/two
hv volume rm --yes default/one@clone-two
rm -f "$tmp/vm.d/vm1.conf"
hv volume rm --yes default/one

uses "disk root { backing = \"$base\" backing_format = qcow2 }"
hv create-disks vm1 > "$tmp/out"
noticed default@vm1-root hv start vm1
hv rm --yes --disks vm1

hv create vm1 --hypervisor null --memory 16M \
    --disk "root:backing=$base,backing_format=qcow2" > "$tmp/out"
noticed default@vm1-root hv start vm1
hv rm --yes --disks vm1

# Plugged in.
hv volume create default/one --backing "$base" --backing-format qcow2
uses "disk root { size = 1M }"
hv create-disks vm1 > "$tmp/out"
hv start vm1
qemu-io -f qcow2 -c "write -P 2 0 64k" "$base" > "$tmp/io"
expect_fail 7 "another image" hv attach-disk vm1 more:volume=one
cp "$tmp/kept" "$base"
hv attach-disk vm1 more:volume=one
hv stop vm1
qemu-io -f qcow2 -c "write -P 2 0 64k" "$base" > "$tmp/io"
expect_fail 7 "disk more: .*another image" hv start vm1
hv detach-disk vm1 more
hv rm --yes --disks vm1
rm -f "$tmp/vm.d/vm1.conf"
hv volume rm --yes default/one
cp "$tmp/kept" "$base"

# An image that is no volume has a record once its VM has run.
qemu-img create -q -f qcow2 -b "$base" -F qcow2 "$tmp/over.qcow2"
uses "disk root { image = \"$tmp/over.qcow2\" format = qcow2 }"
hv start vm1
hv stop vm1
noticed vm1@@root hv start vm1
hv start vm1
hv stop vm1
hv rm --yes vm1
[ ! -e "$tmp/state/layers" ] || fail "left: $(ls "$tmp/state/layers")"
assert_nothing_left
