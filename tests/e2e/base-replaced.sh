#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A backing file that was replaced by another image of its name is refused by
# validate, plan and start, until it is back or the change is accepted; one that
# is only elsewhere, or touched, is not.  What hvctl itself changes is no
# replacement.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires qemu-img
requires_plugin storage-qcow2
make_host
mkdir "$tmp/img"
base=$tmp/img/base.qcow2
qemu-img create -q -f qcow2 "$base" 4M
qemu-io -f qcow2 -c "write -P 1 0 64k" "$base" > "$tmp/io" \
    || skip "no qemu-io"

# refused PATTERN
refused ()
{
    for command in validate plan start; do
        expect_fail 7 "vm1.conf:[0-9]*: disk root: its backing file $base .*another image.*$1" \
            hv $command vm1
    done
    assert_nothing_left
}

# begins and ends
runs ()
{
    hv start vm1
    hv kill vm1
    assert_nothing_left
}

hv create vm1 --memory 64M --kernel "$tiny" --append wait --accelerator tcg \
    --disk "root:4M,backing=$base,backing_format=qcow2"
cp -a "$base" "$tmp/img/kept"

# Before the first start, then after it: of another size, of other contents.
for round in first second; do
    qemu-img create -q -f qcow2 "$base" 8M
    refused "8M"
    cp "$tmp/img/kept" "$base"
    qemu-io -f qcow2 -c "write -P 2 0 64k" "$base" > "$tmp/io"
    refused "other contents"
    rm "$base"
    cp "$tmp/img/kept" "$base"
    hv validate vm1
    runs
    touch "$base"
    runs
done

# Accepted, as the message says.
qemu-io -f qcow2 -c "write -P 2 0 64k" "$base" > "$tmp/io"
refused "remove $tmp/state/layers/default@vm1-root"
rm "$tmp/state/layers/default@vm1-root"
runs
touch "$base"
runs

# Snapshots change what is below, and that is meant.
hv snapshot create vm1 s1
runs
hv snapshot create vm1 s2
runs
hv snapshot delete --yes vm1 s1 || hv snapshot delete vm1 s1
runs
hv snapshot revert --yes vm1 s2 || hv snapshot revert vm1 s2
runs
cp "$tmp/img/kept" "$base"
qemu-io -f qcow2 -c "write -P 3 0 64k" "$base" > "$tmp/io"
refused "other contents"
cp "$tmp/img/kept" "$base"
rm "$tmp/state/layers/default@vm1-root"

# A saved VM goes on over what it had read, only.
hv start vm1
hv save vm1
touch "$base"
expect_fail '[1-9]*' "backing file .* has been written to since vm1 was saved" \
    hv start vm1
hv start --fresh vm1
hv kill vm1
assert_nothing_left

hv rm --yes --disks vm1
[ ! -e "$tmp/state/vm/vm1" ] || fail "left: $(ls "$tmp/state/vm/vm1")"
[ ! -e "$tmp/state/layers" ] || fail "left: $(ls "$tmp/state/layers")"
