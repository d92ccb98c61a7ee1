#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two guests on a bridge reach each other and the host; their taps go with
# them.  A bridge that is not there is named.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_plugin net-bridge
requires_linux
in_namespace
ip link add br0 type bridge
ip link set br0 up
ip addr add 10.9.0.1/24 dev br0
make_host <<EOF
network lan { type = bridge bridge = br0 }
network nowhere { type = bridge bridge = br7 }
EOF

# guest NAME ADDRESS COMMAND
guest ()
{
    define_linux "$1" <<EOF
nic lan { network = lan }
EOF
    sed -i "s,quiet,quiet hvctl.run=ip\,eth0\,$2/24 $3," "$tmp/vm.d/$1.conf"
}

guest vm1 10.9.0.11
guest vm2-with-a-name-longer-than-an-interface 10.9.0.12 \
    "hvctl.run=ping,10.9.0.1 hvctl.run=ping,10.9.0.11"

hv start vm1
wait_console vm1 "ok ip"
hv start vm2-with-a-name-longer-than-an-interface
wait_for 60 sh -c "[ \$(grep -c 'ok ping' '$tmp'/log/vm2*/console.log) = 2 ]"
[ "$(ip -o link show master br0 | wc -l)" = 2 ] || fail "not two ports"
hv stop vm1 vm2-with-a-name-longer-than-an-interface
assert_nothing_left

define_linux vm3 <<EOF
nic lan { network = nowhere }
EOF
expect_fail '[1-9]*' "br7" hv start vm3
assert_nothing_left
