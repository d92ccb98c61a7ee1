#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A port by vhost-user: planned for QEMU, with the guest's memory shared, and
# the socket by a name in the sandbox; refused beside user-mode networking
# inside of QEMU, which may make any socket: then the network is not asked for
# it.  Started it is in tests/root/net-ovs-vhost.sh.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_tiny
requires_plugin qemu
requires_plugin net-user
make_host <<END
network shared { type = null socket = "/run/none/s,s.sock" }
network old { type = user backend = slirp }
END
add_null
define_tiny vm1
echo 'nic lan { network = shared }' >> "$tmp/vm.d/vm1.conf"

expect '"kind": *"vhost-user"' hv plan vm1
for arg in "memory-backend-memfd,id=memory,size=32M,share=on" \
    ",memory-backend=memory" \
    "vhost-user,id=nic-lan,chardev=vhost-lan,queues=1"; do
    expect "$arg" hv plan vm1
    expect "$arg" hv plan --command vm1
done
expect "socket,id=vhost-lan,path=vhost-lan.sock,server=on" hv plan vm1
expect "socket,id=vhost-lan,path=/run/none/s,,s.sock,server=on" \
    hv plan --command vm1

echo 'nic net { network = old }' >> "$tmp/vm.d/vm1.conf"
expect_fail 4 "nic lan uses vhost-user.*inside the hypervisor" hv start vm1
! grep "network.attach" "$tmp/null.log" || fail "it was attached"
assert_nothing_left
