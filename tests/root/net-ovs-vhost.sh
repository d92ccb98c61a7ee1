#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# vhost-user with an Open vSwitch that has DPDK, in memory of its own and
# without devices: guests reach each other through shared memory, also after
# the switch was restarted; a switch that is stopped ends a start within its
# limit; and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_plugin net-ovs
requires_linux
requires busybox
daemon=/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk
[ -x $daemon ] || skip "no $daemon (openvswitch-switch-dpdk)"
find /usr/lib -name 'librte_mempool_ring.so*' | grep -q . \
    || skip "DPDK has no librte_mempool_ring"
grep -q -w ssse3 /proc/cpuinfo || skip "DPDK takes a processor with SSSE3"
in_namespace
make_ovsdb

# Without DPDK at first.  Its threads poll; they sleep as long as they may.
vswitchd=
start_switch ()
{
    $daemon "unix:$ovs/db.sock" --disable-system >> "$ovs/vswitchd.log" 2>&1 &
    vswitchd=$!
}
stop_switch ()
{
    [ -z "$vswitchd" ] || kill -9 "$vswitchd"
    [ -z "$vswitchd" ] || wait "$vswitchd" 2> /dev/null || :
    vswitchd=
}
cleanup_fn stop_switch
start_switch
ovs-vsctl --timeout=20 add-br br0 -- set bridge br0 datapath_type=netdev

make_host <<END
network fast {
    type = ovs bridge = br0 tag = 100 socket = "$ovs/db.sock"
    vhost_user = yes vhost_user_dir = "$ovs"
}
END
for vm in vm1 vm2; do
    define_linux $vm <<END
nic lan { network = fast }
END
done

no_rows ()
{
    [ -z "$(ovs-vsctl list-ports br0)" ]
}
expect_fail '[1-9]*' "needs an Open vSwitch with DPDK" hv start vm1
no_rows || fail "a row is left"

stop_switch
cleanup_fn rm -rf "/var/run/dpdk/hvctl$$"
cleanup_fn stop_switch
ovs-vsctl --no-wait set Open_vSwitch . other_config:dpdk-init=true \
    other_config:dpdk-extra="--no-pci --no-huge --legacy-mem -m 512 \
--iova-mode=va --no-telemetry --file-prefix=hvctl$$" \
    other_config:per-port-memory=true other_config:pmd-cpu-mask=0x1 \
    other_config:pmd-maxsleep=500 other_config:pmd-sleep-max=500
start_switch
initialised ()
{
    [ "$(ovs-vsctl get Open_vSwitch . dpdk_initialized)" = true ] \
        && [ "$(ovs-vsctl get Bridge br0 datapath_id)" != "[]" ]
}
wait_for 20 initialised

hv start vm1 vm2
assert_same vm1 vm2
for n in 1 2; do
    wait_console vm$n "hvctl-guest: ready"
    guest vm$n ip eth0 10.9.0.1$n/24
done
guest vm1 ping 10.9.0.12
guest vm2 ping 10.9.0.11
# What it bound is the socket that hvctl made, and the sandbox is none the
# weaker for it.
expect '"sandbox": *"full"' hv status -o json vm1
grep -q "vhost-lan.sock" "$tmp/run/vm/vm1/binds" || fail "there is no list"

# Restarted: the same guests, and the same sockets.
stop_switch
start_switch
wait_for 20 initialised
reach ()
{
    (guest vm1 ping 10.9.0.12) > /dev/null 2>&1
}
wait_for 20 reach

hv stop vm1
hv kill vm2
wait_for 10 no_rows
[ -z "$(find "$ovs" -name '*-lan.sock')" ] || fail "a socket is left"
assert_nothing_left

kill -STOP $vswitchd
expect_fail '[1-9]*' "ovs-vswitchd did not configure the port" hv start vm1
kill -CONT $vswitchd
wait_for 10 no_rows
[ -z "$(find "$ovs" -name '*-lan.sock')" ] || fail "a socket is left"
assert_nothing_left
