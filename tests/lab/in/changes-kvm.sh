#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A Linux guest on QEMU with KVM takes what is plugged in, and lets go of it:
# disk, NIC, processors, memory.  QEMU has nothing to complain of in its jail.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
requires_linux
in_namespace
make_bridge 10.9.0.1/24
make_host <<'END'
network lan { type = bridge bridge = br0 }
END
define_linux vm1 <<'END'
plugin qemu { hotplug = 4 max_cpus = 2 max_memory = 512M }
END
hv start vm1
wait_console vm1 "hvctl-guest: ready"

has ()
{
    guest vm1 look
    grep "hvctl-guest: $1" "$(console_log vm1)"
}

is_now ()
{
    guest vm1 look
    grep "hvctl-guest: $1 " "$(console_log vm1)" | tail -n 1 | grep "$2"
}

expect "the running guest has it" hv attach-disk vm1 more:8M
wait_for 20 has "disk vda 8388608"
guest vm1 write vda 4096 written
guest vm1 read vda 4096 7
grep -q "hvctl-guest: read: written" "$(console_log vm1)" || fail "not written"
expect "the running guest has it" hv resize vm1 --disk more=16M
wait_for 20 has "disk vda 16777216"
expect "no longer has it" hv detach-disk vm1 more

expect "the running guest has it" hv attach-nic vm1 lan:lan
wait_for 20 has "nic eth0"
guest vm1 ip eth0 10.9.0.2/24
guest vm1 ping 10.9.0.1
expect "no longer has it" hv detach-nic vm1 lan
[ "$(ports)" = 0 ] || fail "a port is left"

expect "the running guest has it" hv resize vm1 --cpus 2
wait_for 30 is_now cpus 2
expect "the running guest has it" hv resize vm1 --cpus 1
wait_for 30 is_now cpus 1
expect "the running guest has been told" hv resize vm1 --memory 384M
# At once: it is waited for.
hv resize vm1 --memory 256M
expect "the running guest has it" hv resize vm1 --cpus 1
expect "vm1 is saved" hv save vm1
hv start vm1
guest vm1 echo still here
grep -q "hvctl-guest: echo still here" "$(console_log vm1)" || fail "silent"

# Warnings of a QEMU that was refused something are in its log.  The size of a
# transparent huge page, in /sys, is 2 MiB on all that have virtio-mem.
! grep -i "warning\|failed\|not permitted" "$tmp"/log/vm1/hypervisor.log* \
    | grep -v "Could not detect THP size, falling back to 2" \
    || fail "QEMU complains"
expect "has shut down" hv stop vm1
assert_nothing_left
