#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two guests at an Open vSwitch with the kernel's datapath, and two at macvtaps
# of one link: each reaches the other, and nothing is left of their ports.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
requires_linux
requires ovs-vsctl systemctl
modprobe openvswitch || skip "no kernel module openvswitch"
systemctl start openvswitch-switch
ovs-vsctl --may-exist add-br lab-br0
cleanup_fn "ovs-vsctl del-br lab-br0; systemctl stop openvswitch-switch"
ip link add lab-wire0 type veth peer name lab-wire1
cleanup_fn ip link del lab-wire0
ip link set lab-wire0 up
ip link set lab-wire1 up
[ "$(ovs-vsctl get bridge lab-br0 datapath_type)" = '""' ] \
    || fail "it is not the kernel's datapath"
make_host <<'END'
network ovs { type = ovs bridge = lab-br0 }
network tap { type = macvtap parent = lab-wire0 mode = bridge }
END

# both NETWORK: two guests on it reach each other.
both ()
{
    for n in 1 2; do
        define_linux vm$n <<END
nic lan { network = $1 }
END
    done
    hv start vm1 vm2
    for n in 1 2; do
        wait_console vm$n "hvctl-guest: ready"
        guest vm$n ip eth0 10.9.0.$n/24
    done
    guest vm1 ping 10.9.0.2
    guest vm2 ping 10.9.0.1
    hv stop vm1 vm2
    assert_nothing_left
    [ "$(list_links)" = "$links" ] || fail "links are left: $(list_links)"
}

both ovs
[ -z "$(ovs-vsctl list-ports lab-br0)" ] \
    || fail "ports are left: $(ovs-vsctl list-ports lab-br0)"
both tap
