#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# User-mode network: a port of the host is the guest's.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin net-user
requires_linux
in_namespace
make_host
define_linux vm1 <<EOF
nic lan { network = user forward = "tcp:127.0.0.1:2222:22" }
EOF

hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 ip eth0 10.0.2.15/24
type_console vm1 "listen 22"
# The connection is made by QEMU even before the guest listens: try again.
wait_for 30 reached vm1 127.0.0.1 2222 "hello over tcp"
expect "has shut down" hv stop vm1
assert_nothing_left

# Two NICs of one VM, or one of them twice, cannot have the same port.
define_tiny vm9
cat >> "$tmp/vm.d/vm9.conf" <<END
nic a { network = user forward = "tcp:127.0.0.1:2299:22" }
nic b { network = user forward = "tcp:0.0.0.0:2299:23" }
END
expect_fail 7 "vm9.conf:[0-9]*: port 2299 (tcp) of 0.0.0.0 is used twice: also by nic a" \
    hv start vm9
sed -i '/^nic/d' "$tmp/vm.d/vm9.conf"
echo 'nic a { network = user forward = "udp:127.0.0.1:2299:22,udp:127.0.0.1:2299:23" }' \
    >> "$tmp/vm.d/vm9.conf"
expect_fail 7 "vm9.conf:[0-9]*: port 2299 (udp) of 127.0.0.1 is used twice: also by nic a" \
    hv start vm9
