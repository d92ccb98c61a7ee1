#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several disks, a CD-ROM and NICs, in the order of the definition.
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
disk a { size = 16M serial = disk-a }
disk b { size = 32M serial = disk-b }
disk cd { cdrom = "$tmp/cd.iso" }
nic one { network = user mac = "52:54:00:00:00:01" }
nic two { network = user mac = "52:54:00:00:00:02" }
EOF
sed -i 's/quiet/quiet hvctl.run=mount,sr0,FILE hvctl.run=poweroff/' \
    "$tmp/vm.d/vm1.conf"
mkdir -p "$tmp/state"
hv volume create default/vm1-a 16M
hv volume create default/vm1-b 32M

hv start vm1
wait_console vm1 "goodbye"
log=$(console_log vm1)
grep "disk vda 16777216 rw disk-a" "$log"
grep "disk vdb 33554432 rw disk-b" "$log"
grep "disk sr0 .* r" "$log"
grep "hello from the CD" "$log"
grep "nic eth0 52:54:00:00:00:01" "$log"
grep "nic eth1 52:54:00:00:00:02" "$log"
grep "rng virtio_rng" "$log"
grep "cpus 2" "$log"
assert_nothing_left
