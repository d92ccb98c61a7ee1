#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two guests on a bridge reach each other and the host; their taps go with
# them.  A bridge that is not there is named.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin net-bridge
requires_linux
in_namespace
make_bridge 10.9.0.1/24
make_host <<EOF
network lan { type = bridge bridge = br0 }
network nowhere { type = bridge bridge = br7 }
EOF

vm2=vm2-with-a-name-longer-than-an-interface
for vm in vm1 $vm2; do
    define_linux $vm <<EOF
nic lan { network = lan }
EOF
done

hv start vm1 $vm2
assert_same vm1 $vm2
wait_console vm1 "hvctl-guest: ready"
wait_console $vm2 "hvctl-guest: ready"
guest vm1 ip eth0 10.9.0.11/24
guest $vm2 ip eth0 10.9.0.12/24
guest $vm2 ping 10.9.0.1
guest $vm2 ping 10.9.0.11
[ "$(ports)" = 2 ] || fail "not two ports"
hv stop vm1 $vm2
assert_nothing_left

define_linux vm3 <<EOF
nic lan { network = nowhere }
EOF
expect_fail '[1-9]*' "br7" hv start vm3
assert_nothing_left
