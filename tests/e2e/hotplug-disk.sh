#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Disks come and go while the guest runs: it sees them, what it writes is
# there outside, and no descriptor stays behind.  What cannot be done while it
# runs is said, with the reason, and done at the next start.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires qemu-img
make_host

# From the start there is no disk: the first one is opened by a sealed QEMU.
define_linux vm1 <<EOF
plugin qemu { hotplug = 2 }
EOF
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
sets_before=$(ls "/proc/$(pid_of vm1)/fd" | wc -l)

qemu-img create -q -f raw "$tmp/base.raw" 32M
printf from-the-base | dd of="$tmp/base.raw" bs=1 seek=4096 conv=notrunc status=none
expect "the running guest has it" hv attach-disk vm1 \
    data:64M,backing="$tmp/base.raw",serial=abc123
assert_same vm1
grep -q "disk data" "$tmp/vm.d/vm1.conf" || fail "the definition has no disk"
guest vm1 look
grep "disk vda 67108864 rw abc123" "$(console_log vm1)"
guest vm1 read vda 4096 13
grep "read: from-the-base" "$(console_log vm1)"
guest vm1 write vda 1048576 from-the-guest

# A second one, and then the ports are all taken: it waits for the next start.
expect "the running guest has it" hv attach-disk vm1 more:8M
assert_same vm1
hv attach-disk vm1 late:8M > "$tmp/out" 2> "$tmp/err"
grep "next start" "$tmp/out"
grep "all 2 ports for hot-plugging are in use" "$tmp/err"
expect "detached" hv detach-disk vm1 late
expect_fail '[1-9]*' "data" hv attach-disk vm1 data:8M

# It is locked, though no file was there when QEMU was sealed.
define_linux vm2 <<EOF
disk stolen {
    image = "$tmp/state/disks/vm1-more.qcow2"
    format = qcow2
}
EOF
expect_fail 5 "in use" hv start vm2
rm "$tmp/vm.d/vm2.conf"

expect "no longer has it" hv detach-disk vm1 data
assert_same vm1
guest vm1 look
[ "$(grep -c "disk vda" "$(console_log vm1)")" = 1 ] \
    || fail "the guest still has the disk"
qemu-img check -q "$tmp/state/disks/vm1-data.qcow2"
qemu-img convert -O raw "$tmp/state/disks/vm1-data.qcow2" "$tmp/data.raw"
dd if="$tmp/data.raw" bs=1 skip=1048576 count=14 status=none > "$tmp/block"
[ "$(cat "$tmp/block")" = from-the-guest ] || fail "the block is not there"

# In and out again, and once more.
for round in 1 2; do
    expect "no longer has it" hv detach-disk vm1 more
    assert_same vm1
    hv volume rm --yes default/vm1-more > "$tmp/out"
    expect "the running guest has it" hv attach-disk vm1 more:8M
    assert_same vm1
done

# What a VM has in use is neither deleted nor resized behind its back, whatever
# the type of its pool.
mkdir "$tmp/plain"
echo "pool plain { type = raw path = \"$tmp/plain\" }" >> "$tmp/hvctl.conf"
expect "the running guest has it" hv attach-disk vm1 flat:8M,pool=plain
assert_same vm1
for volume in default/vm1-more plain/vm1-flat; do
    expect_fail 5 "is disk ${volume#*/vm1-} of vm1.*hvctl detach-disk" \
        hv volume rm --yes $volume
    expect_fail 5 "in use by VM vm1.*hvctl resize" hv volume resize $volume 12M
    hv volume list "${volume%/*}" | grep "${volume#*/} *8M"
done
expect "no longer has it" hv detach-disk vm1 flat
assert_same vm1
hv volume rm --yes plain/vm1-flat > "$tmp/out"

# It grows while it is there.
expect "the running guest has it" hv resize vm1 --disk more=16M
assert_same vm1
guest vm1 look
grep "disk vd. 16777216 rw" "$(console_log vm1)"
expect "no longer has it" hv detach-disk vm1 more
assert_same vm1
wait_for 10 holds_at_most vm1 "$sets_before"
expect "has shut down" hv stop vm1
assert_nothing_left
