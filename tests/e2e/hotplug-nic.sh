#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# NICs come and go while the guest runs, on a bridge and in the user-mode
# network; their taps go with them, at once.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin net-bridge net-user
requires_linux
in_namespace
make_bridge 10.9.0.1/24
make_host <<EOF
network lan { type = bridge bridge = br0 }
network inside { type = user backend = slirp }
EOF

# From the start there is neither a disk nor a NIC, so ports must be asked for.
define_linux vm1
hv start vm1
assert_same vm1
hv attach-nic vm1 lan:lan > "$tmp/out" 2> "$tmp/err"
grep "next start" "$tmp/out"
grep "started with 'hotplug = 0'" "$tmp/err"
hv detach-nic vm1 lan
hv kill vm1
echo "plugin qemu { hotplug = 4 }" >> "$tmp/vm.d/vm1.conf"
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
fds_before=$(ls "/proc/$(pid_of vm1)/fd" | wc -l)
expect "the running guest has it" hv attach-nic vm1 \
    lan:lan,mac=52:54:00:00:00:11
assert_same vm1
[ "$(ports)" = 1 ] || fail "no port"
guest vm1 look
grep "nic eth0 52:54:00:00:00:11" "$(console_log vm1)"
guest vm1 ip eth0 10.9.0.11/24
guest vm1 ping 10.9.0.1

# The hypervisor's own user-mode network needs the host's, which its process
# does not have: the next start gives it one.
hv attach-nic vm1 out:inside > "$tmp/out" 2> "$tmp/err"
grep "next start" "$tmp/out"
grep "has the host's network only if a NIC needs it from the start" "$tmp/err"
expect "no longer has it" hv detach-nic vm1 out
assert_same vm1
guest vm1 ping 10.9.0.1

# Several queues; one more; and the first goes again.
expect "the running guest has it" hv attach-nic vm1 \
    fast:lan,queues=2,mac=52:54:00:00:00:12
assert_same vm1
guest vm1 look
grep "nic eth1 52:54:00:00:00:12" "$(console_log vm1)"
expect "no longer has it" hv detach-nic vm1 lan
assert_same vm1
[ "$(ports)" = 1 ] || fail "the port is still there"
guest vm1 ip eth1 10.9.0.12/24
guest vm1 ping 10.9.0.1
expect_fail '[1-9]*' "has no nic 'lan'" hv detach-nic vm1 lan
expect "no longer has it" hv detach-nic vm1 fast
assert_same vm1
wait_for 10 holds_at_most vm1 "$fds_before"

# A port that is not taken out again goes at the end.
hv attach-nic vm1 lan:lan
[ "$(ports)" = 1 ] || fail "no port"
expect "has shut down" hv stop vm1
assert_nothing_left
[ "$(ports)" = 0 ] || fail "a port is left"

# A bridge that is not there: nothing is changed.
sed -i 's/br0/br7/' "$tmp/hvctl.conf"
cp "$tmp/vm.d/vm1.conf" "$tmp/before"
sed -i 's/br7/br0/' "$tmp/hvctl.conf"
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
sed -i 's/br0/br7/' "$tmp/hvctl.conf"
expect_fail '[1-9]*' "br7" hv attach-nic vm1 more:lan
cmp "$tmp/before" "$tmp/vm.d/vm1.conf"
sed -i 's/br7/br0/' "$tmp/hvctl.conf"
expect "has shut down" hv stop vm1
assert_nothing_left

# A second NIC in the user-mode network.
define_linux vm2 <<EOF
nic first { network = inside }
EOF
hv start vm2
assert_same vm2
wait_console vm2 "hvctl-guest: ready"
expect "the running guest has it" hv attach-nic vm2 \
    out:inside,forward=tcp:127.0.0.1:2222:22
assert_same vm2
guest vm2 look
guest vm2 ip eth1 10.0.2.15/24
type_console vm2 "listen 22"
wait_for 30 reached vm2 127.0.0.1 2222 "hello over tcp"
expect "no longer has it" hv detach-nic vm2 out
assert_same vm2
hv kill vm2
