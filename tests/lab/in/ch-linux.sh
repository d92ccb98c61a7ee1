#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A Linux guest on the real cloud-hypervisor, in its jail, with everything that
# a driver sets going: it boots with a NIC and a disk, reboots, is saved and
# restored, takes disks, NICs, processors and memory, and lets go of them.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
[ -n "${CLOUD_HYPERVISOR-}" ] || skip "no real cloud-hypervisor is at hand"
requires_linux
in_namespace
make_bridge 10.9.0.1/24
make_host <<END
plugin cloud-hypervisor { program = "$CLOUD_HYPERVISOR" }
network lan { type = bridge bridge = br0 }
END
define vm1 <<END
hypervisor = cloud-hypervisor
memory = 256M
cpus = 2
kernel = "$linux/vmlinuz"
initrd = "$linux/initrd"
append = "console=ttyS0 quiet panic=-1"
disk root { size = 16M }
nic lan { network = lan }
plugin cloud-hypervisor { max_cpus = 4 max_memory = 512M memory_hotplug = virtio-mem }
END
hv volume create default/vm1-root 16M > /dev/null

# sees PATTERN: the guest, when it looks.
sees ()
{
    guest vm1 look
    grep -a "hvctl-guest: $1" "$(console_log vm1)"
}

is_now ()
{
    guest vm1 look
    grep -a "hvctl-guest: $1 " "$(console_log vm1)" | tail -n 1 | grep "$2"
}

goes_on ()
{
    expect "vm1 is running" hv status vm1
    [ "$(pid_of vm1)" = "$pid" ] || fail "another process"
}

hv start vm1
pid=$(pid_of vm1)
wait_console vm1 "hvctl-guest: ready"
goes_on
guest vm1 ip eth0 10.9.0.2/24
guest vm1 ping 10.9.0.1
guest vm1 write vda 4096 written

type_console vm1 reboot
wait_for 60 said vm1 "hvctl-guest: ready" 2
goes_on
guest vm1 ip eth0 10.9.0.2/24
guest vm1 ping 10.9.0.1
guest vm1 read vda 4096 7
grep -aq "hvctl-guest: read: written" "$(console_log vm1)" || fail "not written"

expect "running guest has it" hv attach-disk vm1 more:8M
wait_for 20 sees "disk vdb 8388608"
expect "running guest has it" hv resize vm1 --disk more=16M
expect "no longer has it" hv detach-disk vm1 more
expect "running guest has it" hv attach-nic vm1 two:lan
wait_for 20 sees "nic eth1"
guest vm1 ip eth1 10.9.0.3/24
goes_on
expect "no longer has it" hv detach-nic vm1 two
goes_on
expect "running guest has it" hv resize vm1 --cpus 4
wait_for 20 is_now cpus 4
expect "running guest has it" hv resize vm1 --cpus 2
wait_for 20 is_now cpus 2
expect "running guest has been told" hv resize vm1 --memory 384M
wait_for 20 is_now memory "3[0-9]* KiB"
goes_on
hv pause vm1
hv resume vm1
guest vm1 keep this
expect "vm1 is saved" hv save vm1
assert_nothing_left
hv start vm1
pid=$(pid_of vm1)
guest vm1 recall
grep -aq "hvctl-guest: kept this" "$(console_log vm1)" || fail "it has booted"
guest vm1 ping 10.9.0.1
goes_on
expect "has shut down" hv stop vm1
assert_nothing_left
