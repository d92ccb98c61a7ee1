#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several disks, a CD-ROM and NICs, in the order of the definition; with the
# identifiers that are set, and those that are derived.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires xorriso
make_host
mkdir "$tmp/cd"
echo "hello from the CD" > "$tmp/cd/FILE"
xorriso -as mkisofs -quiet -o "$tmp/cd.iso" "$tmp/cd"

# The cloud kernel has no AHCI, which q35 would put the drive on: pc has IDE.
define_linux vm1 <<EOF
machine = pc
cpus = 2
identity = machina
uuid = 8b18191a-234f-45ce-b43c-b46e28cd2f70
disk a { size = 16M serial = disk-a }
disk b { size = 32M serial = disk-b }
disk data { size = 16M }
disk cd { cdrom = "$tmp/cd.iso" wwn = 0xC525400908FE6258 }
nic one { network = user mac = "52:54:00:00:00:01" }
nic lan { network = user }
EOF
sed -i 's/quiet/quiet hvctl.run=mount,sr0,FILE hvctl.run=poweroff/' \
    "$tmp/vm.d/vm1.conf"
mkdir -p "$tmp/state"
hv volume create default/vm1-a 16M
hv volume create default/vm1-b 32M
hv volume create default/vm1-data 16M

hv start vm1
wait_console vm1 "goodbye"
log=$(console_log vm1)
grep "disk vda 16777216 rw disk-a" "$log"
grep "disk vdb 33554432 rw disk-b" "$log"
grep "disk vdc 16777216 rw FHR1V7NET9SC4S4CSVTU" "$log"
grep "disk sr0 .* r" "$log"
grep "hello from the CD" "$log"
grep "nic eth0 52:54:00:00:00:01" "$log"
grep "nic eth1 52:54:00:7f:4e:52" "$log"
grep "rng virtio_rng" "$log"
grep "cpus 2" "$log"
assert_nothing_left
