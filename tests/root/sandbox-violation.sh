#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Forbidden calls, made by the hypervisor itself in the midst of its work, end
# it.  hvctl says which call it was, nothing of it is left, and others live on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
kernel_log reads
[ "$(uname -m)" = x86_64 ] || skip "numbers of calls are of x86_64"
make_host
define_tiny vm1
define_tiny vm2
hv start vm2

# How often the kernel's log tells of this user, as processes have other numbers
# there if this is a container: ids come again, and the kernel does not tell of
# every end.
records ()
{
    dmesg 2> /dev/null | grep -c "type=1326.* uid=$uid .*sig=31 " || :
}

is_stopped ()
{
    hv status vm1 > "$tmp/status" || :
    grep -q "vm1 is stopped" "$tmp/status"
}

# What only a start needs is refused after the seal, and the guest goes on.
hv start vm1
pid=$(pid_of vm1)
inject "$pid" "result -38" 257 -100 =/etc/passwd 0 0       # openat
inject "$pid" "result -38" 4 =/etc/passwd 0                # stat
inject "$pid" "result -38" 10 0 4096 7                     # mprotect, executable
inject "$pid" "result -38" 435 0 0                         # clone3
expect "running" hv status vm1

# name number arguments
while read -r name call; do
    is_stopped && hv start vm1
    pid=$(pid_of vm1)
    uid=$(field "/proc/$pid/status" Uid | cut -f 1)
    before=$(records)
    # shellcheck disable=SC2086
    inject "$pid" "killed 31" $call
    wait_for 10 is_released vm1
    is_stopped || fail "$(cat "$tmp/status")"
    if [ -r /dev/kmsg ] && [ "$(records)" -gt "$before" ]; then
        grep -q "killed by the sandbox: $name (" "$tmp/status" \
            || fail "$name: $(cat "$tmp/status")"
    else
        grep -q "killed by the sandbox" "$tmp/status"
    fi
done <<END
execve 59 =/bin/sh 0 0
execveat 322 3 0 0 0 0x1000
socket 41 2 1 0
ptrace 101 16 1
mount 165 0 0 0 0
bpf 321 0 0 0
clone 56 17
kill 62 1 9
unshare 272 0x10000000
process_vm_readv 310 1 0 0 0
pidfd_open 434 1 0
io_uring_enter 426 0 0 0 0
userfaultfd 323 0
prlimit64 302 0 7 =x
setresuid 117 0 0 0
ioctl 16 0 0x5412 0
END
hv -o json status vm1 > "$tmp/json" || :
expect '"ended": *"killed by the sandbox: ' cat "$tmp/json"
expect "killed by the sandbox" cat "$tmp/log/vm1/hypervisor.log"
expect "running" hv status vm2
[ "$(ls "$tmp/run/vm")" = vm2 ] || fail "left behind: $(ls "$tmp/run/vm")"
hv stop vm2
assert_nothing_left
