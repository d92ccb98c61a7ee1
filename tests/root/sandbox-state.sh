#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the kernel tells of each thread of two VMs, as root and as an ordinary
# user: ids, capabilities, namespaces, root directory, mounts, network, limits,
# descriptors, memory.  And that it lasts: the supervisor's death opens nothing,
# a stopped process goes on, nothing can be executed again.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
kernel_log fills
requires qemu-img
[ "$(uname -m)" = x86_64 ] || skip "numbers of calls are of x86_64"
make_host
accelerator=tcg
[ ! -e /dev/kvm ] || accelerator=kvm
cp "$tiny" "$tmp/tiny.elf"
tiny=$tmp/tiny.elf
for vm in vm1 vm2; do
    define_tiny $vm
    sed -i "s/accelerator = tcg/accelerator = $accelerator/" "$tmp/vm.d/$vm.conf"
    echo "disk root { size = 16M }" >> "$tmp/vm.d/$vm.conf"
    [ $accelerator = tcg ] || echo "cpu = qemu64" >> "$tmp/vm.d/$vm.conf"
done

# An ordinary user's: without KVM, which not everybody may use.
make_user
chmod 644 "$tiny"

# check_hypervisor PID
check_hypervisor ()
{
    check_process "$1"
    check_no_network "$1"
    [ "$(ls "/proc/$1/task" | wc -l)" -ge 2 ] || fail "has one thread only"
    for fd in "/proc/$1/fd"/*; do
        case $(readlink "$fd") in
            "$tmp"/* | "socket:["* | "anon_inode:"* | /dev/null) ;;
            /dev/kvm | "anon_inode:kvm-"*) [ $accelerator = kvm ] || fail kvm ;;
            "/memfd:"* | "pipe:["*) ;;
            /) ;;
            *) fail "holds $(readlink "$fd")" ;;
        esac
    done
    if [ $accelerator = kvm ] && grep " rwx" "/proc/$1/maps"; then
        fail "has memory that is writable and executable"
    fi
}

# check_lasting PID NAME STATUS...
check_lasting ()
{
    pid=$1
    shift
    # The number that it was executed by is the limit of descriptors: nothing
    # is there, nor can be (tests/probe/attacks.h tries to execute it).
    limit=$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")
    [ ! -e "/proc/$pid/fd/$limit" ] || fail "it can be executed again"
    kill -STOP "$pid"
    sleep 0.3
    kill -CONT "$pid"
    sleep 0.3
    expect "is running" "$@"
    supervisor=$("$@" -o json | sed -n 's/.*"supervisor": *\([0-9]*\).*/\1/p')
    kill -9 "$supervisor"
    inject "$pid" "result -38" 257 -100 =/etc/passwd 0 0
    expect "is running" "$@"
}

hv volume create default/vm1-root 16M
hv volume create default/vm2-root 16M
hv start vm1 vm2
one=$(pid_of vm1) two=$(pid_of vm2)
check_hypervisor "$one"
check_hypervisor "$two"
[ "$(field "/proc/$one/status" Uid)" != "$(field "/proc/$two/status" Uid)" ] \
    || fail "one user for two VMs"
for ns in mnt pid ipc uts cgroup net; do
    [ "$(readlink "/proc/$one/ns/$ns")" != "$(readlink "/proc/$two/ns/$ns")" ] \
        || fail "two VMs share a $ns namespace"
done
check_lasting "$one" hv status vm1
[ -d "/proc/$two" ] || fail "the other VM ended"
hv kill vm1 vm2
assert_nothing_left

accelerator=tcg
as_user hvctl create vm3 --memory 64M --disk root:16M --kernel "$tiny" \
    --append wait --accelerator tcg
as_user hvctl start vm3 2> "$tmp/err"
grep -q "own user ID" "$tmp/err" || fail "it does not say what is weaker"
pid=$(as_user hvctl status -o json vm3 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
check_hypervisor "$pid"
own_namespaces "$pid" user
[ "$(wc -l < "/proc/$pid/uid_map")" = 1 ] || fail "several user ids"
check_lasting "$pid" as_user hvctl status vm3
assert_few_calls "$pid" 60 85
as_user hvctl stop --timeout 10s vm3
wait_for 5 no_processes

# A forbidden call ends it, one that would execute included, and that is told.
is_over ()
{
    as_user hvctl status vm3 > "$tmp/status" 2>&1 || :
    grep -q "vm3 is stopped" "$tmp/status" \
        && ! grep -q "not cleaned up yet" "$tmp/status"
}
for call in "41 2 1 0" "59 =/bin/sh 0 0" "322 LIMIT = 0 0 0x1000" "101 16 1"; do
    as_user hvctl start vm3 2> "$tmp/err"
    pid=$(as_user hvctl status -o json vm3 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
    limit=$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")
    # shellcheck disable=SC2046
    inject "$pid" "killed 31" $(echo "$call" | sed "s/LIMIT/$limit/")
    wait_for 10 is_over
    grep -q "killed by the sandbox" "$tmp/status" || fail "$(cat "$tmp/status")"
    wait_for 5 no_processes
done
