#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Kernels that lack a part, and containers that forbid a step: what is weaker is
# said in one line, or refused if the host wants it full; what cannot be done
# without is refused with the step, what the kernel said, and what to do; and
# then nothing is left.  A filter around hvctl (tests/probe/refuse.c) plays them.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
requires qemu-img
refuse=$abs_top_builddir/tests/probe/refuse
shim=$test_plugins/no_notify.so
make_host
define_tiny vm1
sed 's/^kernel.*//; s/^append.*//' "$tmp/vm.d/vm1.conf" > "$tmp/vm.d/bios.conf"
# The same with a process that is its network, where there is passt.
net=bios
if [ -f "$plugins/net_user.so" ] && command -v passt > /dev/null; then
    net=net
    cp "$tmp/vm.d/bios.conf" "$tmp/vm.d/net.conf"
    echo 'nic lan { network = user }' >> "$tmp/vm.d/net.conf"
fi
hv start vm1
hv kill vm1
hv volume create default/there 16M

# under "CALL[:…] ERRNO" COMMAND...: of hvctl, on such a kernel
under ()
{
    how=$1
    shift
    if [ "$how" = no-notify ]; then
        LD_PRELOAD=$shim "$HVCTL" -c "$tmp/hvctl.conf" "$@"
    else
        # shellcheck disable=SC2086
        "$refuse" $how "$HVCTL" -c "$tmp/hvctl.conf" "$@"
    fi
}

# weaker HOW LINE [VM]: it starts, and says that in one line; not if it has to
# be full.
weaker ()
{
    vm=${3:-vm1}
    echo "weaker: $1"
    under "$1" start "$vm" 2> "$tmp/err"
    grep -q "sandbox is degraded: .*$2" "$tmp/err" \
        || fail "$1: $(cat "$tmp/err")"
    [ "$(wc -l < "$tmp/err")" = 1 ] || fail "$1: more than a line"
    expect "running.*degraded" hv list "$vm"
    hv kill "$vm"
    assert_nothing_left
    cp "$tmp/hvctl.conf" "$tmp/before"
    echo "sandbox { require = full }" >> "$tmp/hvctl.conf"
    expect_fail 8 "require = full.*$2" under "$1" start "$vm"
    cp "$tmp/before" "$tmp/hvctl.conf"
    assert_nothing_left
}

# refused HOW PATTERN [VM]: it does not start, with the reason.
refused ()
{
    vm=${3:-vm1}
    echo "refused: $1"
    expect_fail '[1-9]*' "$2" under "$1" start "$vm"
    [ "$(wc -l < "$tmp/err")" = 1 ] || fail "$1: more than a line"
    expect stopped hv list "$vm"
    assert_nothing_left
}

# no_volume HOW PATTERN: qemu-img does not run, with the reason.
no_volume ()
{
    echo "no volume: $1"
    sum=$(cksum < "$tmp/state/disks/there.qcow2")
    expect_fail '[1-9]*' "$2" under "$1" volume create default/x 16M
    expect_fail '[1-9]*' "$2" under "$1" volume resize default/there 32M
    [ "$(ls -A "$tmp/state/disks")" = there.qcow2 ] \
        || fail "$1: left behind: $(ls -A "$tmp/state/disks")"
    [ "$(cksum < "$tmp/state/disks/there.qcow2")" = "$sum" ] \
        || fail "$1: the volume was changed"
}

volume ()
{
    echo "volume: $1"
    under "$1" volume create default/x 16M
    hv volume rm -y default/x
}

# Errors: 1 EPERM, 13 EACCES, 16 EBUSY, 22 EINVAL, 28 ENOSPC, 38 ENOSYS.
# Flags of clone: 0x20000 NEWNS, 0x1000 PIDFD.  Of seccomp: operation 1, with
# flag 8 NEW_LISTENER.  prctl: 38 NO_NEW_PRIVS, 24 CAPBSET_DROP, 28 SECUREBITS.
landlock="landlock_create_ruleset 38"
weaker "$landlock" "without Landlock (5.13"
volume "$landlock"
for how in no-notify "seccomp:1:8:8 22" "seccomp:1:8:8 16"; do
    weaker "$how" "no seccomp notification"
    # passt of 2026 wants something answered.
    if [ $net = net ] && grep -q /proc/%u/uid_map "$(command -v passt)"; then
        refused "$how" "passt .*exited before it was ready" $net
    else
        weaker "$how" "no seccomp notification" $net
    fi
done
no_volume no-notify "no seccomp notification (Linux 5.9).*newer kernel"
no_volume "seccomp:1:8:8 16" "Device or resource busy; .*listener"
no_volume "ioctl:1:-1:0x40182103 22" "NOTIF_ADDFD, Linux 5.9.*newer kernel"
for how in "clone:0:0x20000:0x20000 1" "clone:0:0x20000:0x20000 28" \
    "pivot_root 1" "mount 1"; do
    weaker "$how" "no namespaces.*host's root directory" bios
    weaker "$how" "no namespaces.*host's root directory" $net
    volume "$how"
    # A file that it cannot take as a descriptor can not be shown to it then.
    refused "$how" "tiny.elf cannot be shown.*CAP_SYS_ADMIN"
done

refused "clone:0:0x1000:0x1000 22" "creating the process: .*pidfds (5.2)" bios
confined="is hvctl itself confined"
refused "prctl:0:-1:38 1" \
    "at setting no_new_privs: Operation not permitted; $confined"
refused "capset 1" \
    "at dropping the last capabilities: Operation not permitted; $confined"
refused "prctl:0:-1:24 1" "at dropping capabilities (capability 0): .*CAP_SETPCAP"
refused "prctl:0:-1:28 1" "at dropping capabilities (securebits): .*CAP_SETPCAP"
refused "setresuid 1" "at changing the user ID .*not permitted.*CAP_SETUID"
refused "setgroups 1" "at changing the user ID .*not permitted.*CAP_SETGID"
refused "prlimit64 1" "at raising the limit of descriptors.*ulimit -Hn"
refused "seccomp:0:-1:1 38" "at loading the system call filter.*\
Function not implemented; the kernel needs CONFIG_SECCOMP_FILTER"
refused "execveat 38" "at executing the program.*execveat (3.19)"
refused "execveat 13" "at executing the program.*Permission denied; is it executable by others"
refused "setns 1" "root directory cannot be emptied: .*not permitted; $confined"
refused "setsid 1" "at leaving the session: Operation not permitted; $confined"
no_volume "setresuid 1" "at changing the user ID .*not permitted.*CAP_SETUID"
no_volume "seccomp:0:-1:1 38" "loading the system call filter.*CONFIG_SECCOMP"

# An ordinary user who gets no user namespaces, though the kernel has them.
make_user
cp "$refuse" "$tmp/build/cli/"
as_user hvctl create vm3 --memory 32M --accelerator tcg
for code in 1 28; do
    as_user refuse clone:0:0x10000000:0x10000000 $code hvctl start vm3 \
        2> "$tmp/err"
    grep "sandbox is degraded.*no user namespaces" "$tmp/err"
    expect "running.*degraded" as_user hvctl list vm3
    as_user hvctl kill vm3
done
wait_for 5 no_processes

hv start vm1
expect "running.*full" hv list vm1
hv kill vm1
assert_nothing_left
