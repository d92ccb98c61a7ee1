#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A disk that another VM writes to is refused, and the other one named; two
# that only read may share.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires qemu-img
make_host
qemu-img create -q -f qcow2 "$tmp/shared.qcow2" 16M

for vm in vm1 vm2; do
    define_tiny $vm
    echo "disk root { image = \"$tmp/shared.qcow2\" format = qcow2 }" \
        >> "$tmp/vm.d/$vm.conf"
done
hv start vm1
expect_fail 5 "shared.qcow2" hv start vm2
expect "vm2.*stopped" hv list
expect "vm1.*running" hv list
hv stop vm1
hv start vm2
hv stop vm2
assert_nothing_left

sed -i 's/format = qcow2/format = qcow2 readonly = yes/' "$tmp"/vm.d/*.conf
hv start vm1
hv start vm2
# Nor may a third one write while they read: all of them are named.
define_tiny vm3
echo "disk root { image = \"$tmp/shared.qcow2\" format = qcow2 }" \
    >> "$tmp/vm.d/vm3.conf"
expect_fail 5 "in use by VMs vm1, vm2: " hv start vm3
hv stop vm1 vm2
assert_nothing_left

# Nor may one read what another writes, itself or as a backing file.
hv start vm3
expect_fail 5 "shared.qcow2 is in use by VM vm3: " hv start vm1
qemu-img create -q -f qcow2 -b "$tmp/shared.qcow2" -F qcow2 "$tmp/over.qcow2"
define_tiny vm4
echo "disk root { image = \"$tmp/over.qcow2\" format = qcow2 }" \
    >> "$tmp/vm.d/vm4.conf"
expect_fail 5 "shared.qcow2 is in use by VM vm3: " hv start vm4
hv stop vm3

# Two disks of one VM are no different, whatever the file is called.
ln -s shared.qcow2 "$tmp/link.qcow2"
for other in link over; do
    define_tiny vm5
    cat >> "$tmp/vm.d/vm5.conf" <<END
disk a { image = "$tmp/shared.qcow2" format = qcow2 }
disk b { image = "$tmp/$other.qcow2" format = qcow2 }
END
    expect_fail 7 "vm5.conf:[0-9]*: disk b: .*shared.qcow2.* that disk a of vm5" \
        hv start vm5
done
assert_nothing_left
