#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Guests on Open vSwitch: on one VLAN they reach each other, on two they do
# not; TCP and UDP arrive whole; when they are gone, or killed, so are their
# ports.  An ovs-vswitchd that is stopped makes a start fail, and leaves
# nothing.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_plugin net-ovs
requires_linux
requires busybox python3
in_namespace
make_ovs -- add-port br0 host0 tag=100 -- set interface host0 type=internal
ip addr add 10.9.0.1/24 dev host0
ip link set host0 up

no_rows ()
{
    [ "$(ovs-vsctl list-ports br0)" = host0 ]
}

make_host <<END
network blue {
    type = ovs bridge = br0 tag = 100 socket = "$ovs/db.sock"
}
network green {
    type = ovs bridge = br0 tag = 200 socket = "$ovs/db.sock"
}
network wrong {
    type = ovs bridge = br0 tag = 5000 socket = "$ovs/db.sock"
}
END
for vm in vm1 vm2; do
    define_linux $vm <<END
nic lan { network = blue }
END
done
define_linux vm3 <<END
nic lan { network = green }
END
define_linux vm4 <<END
nic lan { network = wrong }
END

# left PORT OWNER: a row as a VM leaves it that is gone.
left ()
{
    ovs-vsctl --no-wait add-port br0 "$1" -- set port "$1" \
        "external_ids:hvctl-owner=\"$2\"" external_ids:hvctl-bridge=br0 \
        external_ids:vm-id=none
}

# A start removes what is left, also if that came after the boot's sweep; and
# nothing of an hvctl with other directories.
hv kill vm1 > /dev/null || :
[ -e "$tmp/run/swept" ] || fail "there was no sweep"
left gone0 "hvctl:gone/lan@$tmp/run"
left gone1 "hvctl:gone/lan@$tmp/run2"
left gone2 "hvctl:gone/lan"
hv start vm1 vm2 vm3
assert_same vm1 vm2 vm3
[ "$(ovs-vsctl list-ports br0 | grep gone | tr '\n' ' ')" = "gone1 gone2 " ] \
    || fail "swept wrong: $(ovs-vsctl list-ports br0)"
for port in gone1 gone2; do
    ovs-vsctl --no-wait del-port $port
done
for n in 1 2 3; do
    wait_console vm$n "hvctl-guest: ready"
    guest vm$n ip eth0 10.9.0.1$n/24
done
guest vm1 ping 10.9.0.12
guest vm2 ping 10.9.0.1
expect_fail '[1-9]*' "" sh -c "
    ping () { busybox ping -c 1 -W 2 \"\$1\" > /dev/null; }
    ping 10.9.0.13"
before=$(answers vm3 ping)
type_console vm3 "ping 10.9.0.11"
wait_for 30 sh -c "[ \$(grep -c 'hvctl-guest: .* ping' \
    '$(console_log vm3)') -gt $before ]"
grep "hvctl-guest: failed ping" "$(console_log vm3)"

# TCP, from the host to a guest; and UDP, from a guest to the host.
type_console vm1 "listen 22"
wait_for 30 reached vm1 10.9.0.11 22 "hello over tcp"
timeout 60 python3 -c "
import socket
s = socket.socket (socket.AF_INET, socket.SOCK_DGRAM)
s.bind (('10.9.0.1', 6900))
print (s.recv (2000), flush = True)" > "$tmp/udp" &
udp=$!
cleanup_fn kill $udp
wait_for 10 grep -q :1AF4 /proc/net/udp
guest vm2 udp 10.9.0.1 6900 hello-over-udp
wait_for 10 grep -q hello-over-udp "$tmp/udp"

# Stopped, and killed.
hv stop vm1
hv kill vm2 vm3
wait_for 10 no_rows
assert_nothing_left

expect_fail '[1-9]*' "tag = 5000" hv start vm4
no_rows || fail "a row is left"
assert_nothing_left

kill -STOP $vswitchd
expect_fail '[1-9]*' "ovs-vswitchd did not configure the port" hv start vm1
kill -CONT $vswitchd
no_rows || fail "a row is left"
assert_nothing_left
