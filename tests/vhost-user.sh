#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A port by vhost-user: planned for QEMU, with the guest's memory shared, and
# refused at the start, since the sandbox has no path for its socket; the
# network was not asked for it.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_tiny
requires_plugin qemu
make_host <<END
network shared { type = null socket = "/run/none/s,s.sock" }
END
add_null
define_tiny vm1
echo 'nic lan { network = shared }' >> "$tmp/vm.d/vm1.conf"

expect '"kind": *"vhost-user"' hv plan vm1
for arg in "memory-backend-memfd,id=memory,size=32M,share=on" \
    ",memory-backend=memory" \
    "socket,id=vhost-lan,path=/run/none/s,,s.sock,server=on" \
    "vhost-user,id=nic-lan,chardev=vhost-lan,queues=1"; do
    expect "$arg" hv plan vm1
    expect "$arg" hv plan --command vm1
done
expect_fail 4 "nic lan is reached by vhost-user.*s,s.sock" hv start vm1
! grep "network.attach" "$tmp/null.log" || fail "it was attached"
assert_nothing_left
