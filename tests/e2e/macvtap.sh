#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest on a macvtap reaches the other side of the wire, with its own MAC
# address; when it is gone, so is the macvtap.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin net-macvtap
requires_linux
in_namespace
ip link add wire0 type veth peer name wire1
ip link set wire0 up
ip link set wire1 up
ip addr add 10.9.0.1/24 dev wire1
make_host <<EOF
network lan { type = macvtap parent = wire0 }
EOF
define_linux vm1 <<EOF
nic lan { network = lan mac = "52:54:00:aa:bb:01" }
EOF

hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 ip eth0 10.9.0.2/24
guest vm1 ping 10.9.0.1
grep "nic eth0 52:54:00:aa:bb:01" "$(console_log vm1)"
ip neigh show dev wire1 | grep "10.9.0.2 lladdr 52:54:00:aa:bb:01"
ip -d link show type macvtap | grep "hvctl:vm1/lan"
expect "has shut down" hv stop vm1
assert_nothing_left

# Also when it is killed, and hvctl with it.
hv start vm1
assert_same vm1
hv kill vm1
assert_nothing_left
# Its run directory, and so its journal, is lost: the next start has its own mark.
hv start vm1
assert_same vm1
rm -rf "$tmp/run/vm/vm1"
hv kill vm1
ip -d link show type macvtap | grep "hvctl:vm1/lan"
hv start vm1
assert_same vm1
hv kill vm1
assert_nothing_left
expect_fail '[1-9]*' "wire7" sh -c "
    sed -i s/wire0/wire7/ '$tmp/hvctl.conf'
    exec '$HVCTL' -c '$tmp/hvctl.conf' start vm1"
assert_nothing_left
