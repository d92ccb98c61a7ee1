#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What can be plugged while a guest runs depends on its machine, and what
# cannot is said with the reason and done at the next start.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires qemu-img
make_host
mkdir -m 711 "$tmp/state" "$tmp/state/disks"

# A PC: everything comes and goes, what is there from the start, too.
hv volume create default/pc-cold 8M
define_linux pc <<EOF
machine = pc
disk cold { size = 8M }
EOF
hv start pc
assert_same pc
wait_console pc "hvctl-guest: ready"
grep "disk vda 8388608" "$(console_log pc)"
expect "the running guest has it" hv attach-disk pc hot:16M
assert_same pc
guest pc look
grep "disk vdb 16777216" "$(console_log pc)"
guest pc write vdb 4096 from-the-guest
expect "no longer has it" hv detach-disk pc cold
assert_same pc
expect "no longer has it" hv detach-disk pc hot
assert_same pc
qemu-img convert -O raw "$tmp/state/disks/pc-hot.qcow2" "$tmp/hot.raw"
dd if="$tmp/hot.raw" bs=1 skip=4096 count=14 status=none > "$tmp/block"
[ "$(cat "$tmp/block")" = from-the-guest ] || fail "the block is not there"
expect "has shut down" hv stop pc

# With 'hotplug = 0' it is as if it could not, and so is q35.
for machine in pc q35; do
    define_linux none <<EOF
machine = $machine
plugin qemu { hotplug = 0 }
EOF
    hv start none
    assert_same none
    wait_console none "hvctl-guest: ready"
    hv attach-disk none $machine:8M > "$tmp/out" 2> "$tmp/err"
    grep "next start" "$tmp/out"
    grep "it was started with 'hotplug = 0'" "$tmp/err"
    expect "has shut down" hv stop none
    hv start none
    assert_same none
    wait_console none "disk vda 8388608"
    expect "has shut down" hv stop none
    hv rm --yes none
done

# What a q35 has from the start stays; it goes at the next start.
hv volume create default/q35-cold 8M
define_linux q35 <<EOF
disk cold { size = 8M }
EOF
hv start q35
assert_same q35
wait_console q35 "hvctl-guest: ready"
hv detach-disk q35 cold > "$tmp/out" 2> "$tmp/err"
grep "removed from the definition of q35; .* until it stops" "$tmp/out"
grep "was present at the start" "$tmp/err"
printf 'CD001' | dd of="$tmp/cd.iso" bs=1 seek=32769 status=none
truncate -s 1M "$tmp/cd.iso"
hv attach-disk q35 cd:cdrom="$tmp/cd.iso" > "$tmp/out" 2> "$tmp/err"
grep "next start" "$tmp/out"
grep "a CD-ROM drive cannot be attached" "$tmp/err"
hv resize q35 --cpus 2 > "$tmp/out" 2> "$tmp/err"
grep "next start" "$tmp/out"
expect "has shut down" hv stop q35
hv start q35
assert_same q35
wait_console q35 "hvctl-guest: ready"
! grep "disk vda" "$(console_log q35)" || fail "the disk is still there"
grep "cpus 2" "$(console_log q35)"
# The kernel for guests has no AHCI, where the drive is.
hv plan --command q35 | grep -q "ide-cd.*disk-cd" || fail "no drive"
expect "has shut down" hv stop q35

# A microvm has no bus to plug into, but its disks have snapshots.
hv volume create default/micro-root 8M
define_tiny micro
cat >> "$tmp/vm.d/micro.conf" <<EOF
machine = microvm
disk root { size = 8M }
EOF
hv start micro
assert_same micro
hv attach-disk micro hot:8M > "$tmp/out" 2> "$tmp/err"
grep "next start" "$tmp/out"
grep "has no bus that supports hot-plugging" "$tmp/err"
expect "(online)" hv snapshot create micro s1
expect "the running guest has it" hv resize micro --disk root=12M
expect "^micro: disk hot: added .*; at the next start: .* refused" hv diff micro
hv kill micro
qemu-img info -f qcow2 "$tmp/state/disks/micro-root.qcow2" > "$tmp/out"
grep "(12582912 bytes)" "$tmp/out"
grep "backing file: micro-root@s1.qcow2" "$tmp/out"
hv snapshot revert micro s1
qemu-img info -f qcow2 "$tmp/state/disks/micro-root.qcow2" > "$tmp/out"
grep "(8388608 bytes)" "$tmp/out"
