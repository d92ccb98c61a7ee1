#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the kernel tells of each thread of two VMs, as root and as an ordinary
# user: ids, capabilities, namespaces, root directory, mounts, network, limits,
# descriptors, memory.  And that it lasts: the supervisor's death opens nothing,
# a stopped process goes on, nothing can be executed again.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_tiny
requires setpriv qemu-img nsenter
[ "$(uname -m)" = x86_64 ] || skip "numbers of calls are of x86_64"
inspect=$abs_top_builddir/tests/probe/inspect
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

# An ordinary user's: a copy of what was built, since the tree may not be open
# to everybody, and without KVM, which not everybody may use.
mkdir -p "$tmp/build/plugins/.libs" "$tmp/build/supervisor" "$tmp/build/cli" \
    "$tmp/home/run"
cp "$plugins"/*.so "$tmp/build/plugins/.libs/"
cp "$abs_top_builddir/supervisor/hvctl-supervisor" "$tmp/build/supervisor/"
cp "$abs_top_builddir/cli/hvctl" "$tmp/build/cli/"
user=$((200000 + $$ % 1000))
chmod 755 "$tmp"
chmod 644 "$tiny"
chown -R $user:$user "$tmp/home"

as_user ()
{
    env -i HOME="$tmp/home" PATH="$PATH" HVCTL_BUILDDIR="$tmp/build" \
        XDG_RUNTIME_DIR="$tmp/home/run" LC_ALL=C.UTF-8 \
        setpriv --reuid $user --regid $user --clear-groups \
        "$tmp/build/cli/hvctl" "$@"
}

# field FILE NAME: of a thread's status
field ()
{
    sed -n "s/^$2:[[:space:]]*//p" "$1"
}

check_thread ()
{
    [ "$(field "$1" Seccomp)" = 2 ] || fail "$1: no filter"
    [ "$(field "$1" NoNewPrivs)" = 1 ] || fail "$1: new privileges"
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        [ "$(field "$1" $set)" = 0000000000000000 ] || fail "$1: $set"
    done
    for id in $(field "$1" Uid) $(field "$1" Gid); do
        [ "$id" -ge 100000 ] || fail "$1: user or group $id"
    done
    [ -z "$(field "$1" Groups)" ] || fail "$1: groups $(field "$1" Groups)"
    [ "$(field "$1" NSpid | awk '{ print $2 }')" -ge 1 ] || fail "$1: no pid"
}

# check_process PID
check_process ()
{
    threads=0
    for status in "/proc/$1/task"/*/status; do
        check_thread "$status"
        threads=$((threads + 1))
    done
    [ $threads -ge 2 ] || fail "$threads threads only"
    for ns in mnt pid ipc uts cgroup net; do
        [ "$(readlink "/proc/$1/ns/$ns")" != "$(readlink "/proc/$$/ns/$ns")" ] \
            || fail "shares our $ns namespace"
    done
    [ -z "$(ls -A "/proc/$1/root/")" ] \
        || fail "sees: $(ls -A "/proc/$1/root/")"
    [ "$(wc -l < "/proc/$1/mountinfo")" = 1 ] || fail "has several mounts"
    grep -q " ro,nosuid,nodev,noexec" "/proc/$1/mountinfo" \
        || fail "mount: $(cat "/proc/$1/mountinfo")"
    links=$(nsenter -t "$1" -n ip -o link show)
    echo "$links" | grep -q "^1: lo: <LOOPBACK>" || fail "lo is up: $links"
    [ "$(echo "$links" | wc -l)" = 1 ] || fail "has interfaces: $links"
    grep -q "^Max core file size *0 *0 " "/proc/$1/limits" || fail "cores"
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

call ()
{
    "$inspect" call "$@" || fail "the call $2 was not made"
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
    said=$(call "$pid" 257 -100 =/etc/passwd 0 0)
    [ "$said" = "result -38" ] || fail "without a supervisor: $said"
    expect "is running" "$@"
}

hv volume create default/vm1-root 16M
hv volume create default/vm2-root 16M
hv start vm1 vm2
one=$(pid_of vm1) two=$(pid_of vm2)
check_process "$one"
check_process "$two"
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
as_user create vm3 --memory 64M --disk root:16M --kernel "$tiny" \
    --append wait --accelerator tcg
as_user start vm3 2> "$tmp/err"
grep -q "own user id" "$tmp/err" || fail "it does not say what is weaker"
pid=$(as_user status -o json vm3 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
check_process "$pid"
[ "$(readlink "/proc/$pid/ns/user")" != "$(readlink "/proc/$$/ns/user")" ] \
    || fail "shares our user namespace"
[ "$(wc -l < "/proc/$pid/uid_map")" = 1 ] || fail "several user ids"
check_lasting "$pid" as_user status vm3
n=$("$inspect" filter "$pid" | sed -n 's/^allowed //p')
echo "vm3: $n system calls"
[ "$n" -ge 30 ] && [ "$n" -le 60 ] || fail "vm3: $n system calls"
as_user stop --timeout 10s vm3
wait_for 5 no_processes

# A forbidden call ends it, one that would execute included, and that is told.
is_over ()
{
    as_user status vm3 > "$tmp/status" 2>&1 || :
    grep -q "vm3 is stopped" "$tmp/status" \
        && ! grep -q "not released yet" "$tmp/status"
}
for call in "41 2 1 0" "59 =/bin/sh 0 0" "322 LIMIT = 0 0 0x1000" "101 16 1"; do
    as_user start vm3 2> "$tmp/err"
    pid=$(as_user status -o json vm3 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
    limit=$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")
    # shellcheck disable=SC2046
    said=$(call "$pid" $(echo "$call" | sed "s/LIMIT/$limit/"))
    [ "$said" = "killed 31" ] || fail "$call: $said"
    wait_for 10 is_over
    grep -q "killed by the sandbox" "$tmp/status" || fail "$(cat "$tmp/status")"
    wait_for 5 no_processes
done
