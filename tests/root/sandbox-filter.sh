#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The filter of a running QEMU, read back from the kernel and walked: how many
# system calls it can let through.  And a VM with many descriptors, which polls
# in another way, is not killed for it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
requires qemu-img
requires_plugin net-bridge
in_namespace
make_bridge
make_host <<END
network lan { type = bridge bridge = br0 }
END

# allowed VM FAMILIES NUMBERS: see assert_few_calls; none of those that are the
# way out
allowed ()
{
    assert_few_calls "$(pid_of "$1")" "$2" "$3"
    if grep -x -E "call (execve|fork|vfork|clone3|socket|connect|bind|ptrace|\
mount|umount2|bpf|open|openat|openat2|creat|unshare|setns|kill|keyctl|prlimit64|\
setrlimit|dup2|dup3|io_uring_.*|process_vm_.*|pidfd_.*|memfd_create|seccomp)" \
        "$tmp/filter"; then
        fail "$1: these can be let through"
    fi
}

define_tiny vm1
hv start vm1
wait_console vm1 "tiny guest: hello"
allowed vm1 48 70
hv stop vm1

define_tiny vm2
cat >> "$tmp/vm.d/vm2.conf" <<END
disk root { size = 16M }
nic lan { network = lan }
END
if [ -e /dev/kvm ]; then
    sed -i 's/accelerator = tcg/accelerator = kvm/' "$tmp/vm.d/vm2.conf"
    echo "cpu = qemu64" >> "$tmp/vm.d/vm2.conf"
fi
hv volume create default/vm2-root 16M
hv start vm2
allowed vm2 60 85
hv kill vm2
assert_nothing_left

define_tiny vm3
for i in $(seq 1 16); do
    hv volume create "default/base$i" 16M
    hv volume create "default/vm3-d$i" \
        --backing "$tmp/state/disks/base$i.qcow2" --backing-format qcow2
    echo "disk d$i { }" >> "$tmp/vm.d/vm3.conf"
done
hv start vm3
wait_console vm3 "tiny guest: hello"
n=$(find "/proc/$(pid_of vm3)/fd" -mindepth 1 | wc -l)
echo "vm3: $n descriptors"
[ "$n" -ge 70 ] || fail "$n descriptors only"
expect "is running" hv status vm3
hv pause vm3
hv resume vm3
expect "has shut down" hv stop vm3
assert_nothing_left
