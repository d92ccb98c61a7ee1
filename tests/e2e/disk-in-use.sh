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
