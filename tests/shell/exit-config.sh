#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A value that a plugin refuses is a wrong configuration: exit status 7, whichever
# plugin it is, as for a value that hvctl itself refuses.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
make_host < /dev/null
add_null
cp "$tmp/hvctl.conf" "$tmp/host"
truncate -s 1M "$tmp/raw.img"
qemu-img create -q -f qcow2 "$tmp/good.qcow2" 1M
head -c 50 "$tmp/good.qcow2" > "$tmp/short.qcow2"
printf 'QFI\373\0\0\0\1' > "$tmp/old.qcow2"

# wrong PLUGIN REASON SECTION-OF-HOST TEXT-OF-DEFINITION [COMMAND]
tried=
wrong ()
{
    [ -f "$plugins/$(echo "$1" | tr - _).so" ] || [ "$1" = null ] || return 0
    cp "$tmp/host" "$tmp/hvctl.conf"
    echo "$3" >> "$tmp/hvctl.conf"
    printf 'memory = 16M\nhypervisor = null\n%s\n' "$4" > "$tmp/vm.d/vm1.conf"
    for command in plan start "validate"; do
        expect_fail 7 "$2" hv $command vm1
    done
    tried="$tried $1"
}

# Each operation that reads the configuration, and what it answers.
define_null vm1
for op in plugin.open hypervisor.locate hypervisor.capabilities \
    hypervisor.check hypervisor.describe network.check storage.chain \
    firmware.find; do
    HVCTL_NULL_FAIL=$op:22 expect_fail 7 "null" hv start vm1
done
# What the kernel answers to an operation is no mistake of the configuration.
HVCTL_NULL_FAIL=network.attach:22 expect_fail 1 "null" hv start vm1

wrong net-user "mtu = 70 is not from" "" 'nic a { mtu = 70 }'
wrong net-user "is not an IPv4\|subnet" \
    'network u { type = user subnet = "1.2.3" }' 'nic a { network = u }'
wrong net-user "backend" \
    'network u { type = user backend = nonsense }' 'nic a { network = u }'
wrong net-user "forward" "" 'nic a { forward = "nonsense" }'
wrong net-bridge "bridge" 'network b { type = bridge }' 'nic a { network = b }'
wrong net-bridge "MTU" \
    'network b { type = bridge bridge = br0 mtu = 70000 }' \
    'nic a { network = b }'
wrong net-macvtap "mode" \
    'network m { type = macvtap parent = lo mode = nonsense }' \
    'nic a { network = m }'
for image in raw.img short.qcow2 old.qcow2; do
    wrong storage-qcow2 "$image" "" \
        "disk a { image = \"$tmp/$image\" format = qcow2 }"
done
echo "tried:$tried"
