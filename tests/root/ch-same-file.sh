#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One definition, two hypervisors: the very same file is started on QEMU,
# stopped, and started on cloud-hypervisor, with the same disk and MAC, because
# the host prefers another one now.  QEMU takes TCG, by a template of the host:
# a nested KVM need not run Linux.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_plugin qemu cloud-hypervisor net-bridge storage-qcow2
requires qemu-img
[ -c /dev/kvm ] || skip "no /dev/kvm"
[ "$(uname -m)" = x86_64 ] || skip "QEMU's guest here is of x86_64"
requires_linux
in_namespace
make_bridge
make_host <<END
hypervisors = { qemu, cloud-hypervisor }
plugin cloud-hypervisor { program = "/nonexistent" }
network lan { type = bridge bridge = br0 }
template accelerated { accelerator = tcg }
END
qemu-img create -q -f raw "$tmp/disks/base.raw" 8M
qemu-img create -q -f qcow2 -b "$tmp/disks/base.raw" -F raw \
    "$tmp/disks/root.qcow2"
chmod 600 "$tmp/disks/"*
define vm1 <<END
templates = { accelerated }
memory = 256M
cpus = 2
kernel = "$linux/vmlinuz"
initrd = "$linux/initrd"
append = "console=ttyS0 quiet no_timer_check panic=-1 hvctl.run=write,vda,1048576,from-qemu"
disk root { image = "$tmp/disks/root.qcow2" format = qcow2 serial = same }
nic lan { network = lan }
END
before=$(md5sum "$tmp/vm.d/vm1.conf"; stat -c '%n %U %a' "$tmp/disks/"*)

# planned KEY: as the plan has it.
planned ()
{
    hv plan -o json vm1 | sed '/"launch"/,$d' \
        | sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"
}

# What of the plan must be the same, whoever runs it.
essence ()
{
    for key in uuid mac path format; do
        planned $key
    done
}

# prefer HYPERVISORS PROGRAM ACCELERATOR: that of cloud-hypervisor; for QEMU.
prefer ()
{
    sed -i "s|^hypervisors = .*|hypervisors = { $1 }|
            s|^template .*|template accelerated { accelerator = $3 }|
            s|^plugin cloud-hypervisor .*|plugin cloud-hypervisor { program = \"$2\" }|" \
        "$tmp/hvctl.conf"
}

expect "is running (qemu" hv start vm1
wait_console vm1 "ok write"
mac=$(planned mac)
grep -q "nic eth0 $mac" "$(console_log vm1)" || fail "not its MAC: $mac"
grep -q "disk vda 8388608 rw same" "$(console_log vm1)" || fail "not its disk"
holds vm1 "$tmp/disks/root.qcow2" || fail "not its image"
on_qemu=$(essence)
echo "$on_qemu" | grep -q "root.qcow2" || fail "the plan has no image"
hv stop vm1
assert_nothing_left

on_cloud_hypervisor ()
{
    echo "with $1"
    prefer "cloud-hypervisor, qemu" "$1" auto
    expect "cloud-hypervisor" hv explain vm1
    expect "is running (cloud-hypervisor" hv start vm1
    [ "$(essence)" = "$on_qemu" ] || fail "$(essence) is not $on_qemu"
    holds vm1 "$tmp/disks/root.qcow2" || fail "not its image"
    [ "$(ports)" = 1 ] || fail "no port"
    # A Linux need not come up on a nested KVM.
    case $1 in
        *ch-server) expect "has shut down" hv stop vm1 ;;
        *) hv kill vm1 ;;
    esac
    assert_nothing_left
}

each_ch on_cloud_hypervisor

# And back, with what the guest had written.
prefer "qemu, cloud-hypervisor" /nonexistent tcg
qemu-img convert -O raw "$tmp/disks/root.qcow2" "$tmp/root.raw"
[ "$(dd if="$tmp/root.raw" bs=1 skip=1048576 count=9 status=none)" \
    = from-qemu ] || fail "what the guest wrote is gone"
[ -n "$real" ] || {
    expect "is running (qemu" hv start vm1
    wait_console vm1 "ok write"
    hv stop vm1
}
after=$(md5sum "$tmp/vm.d/vm1.conf"; stat -c '%n %U %a' "$tmp/disks/"*)
[ "$before" = "$after" ] || fail "changed: $before; $after"
