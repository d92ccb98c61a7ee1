#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A sandbox that only tells is seen as long as the VM lives; none is without
# one; and the host's configuration refuses what is weaker.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
kernel_log reads
[ "$(uname -m)" = x86_64 ] || skip "numbers of calls are of x86_64"
make_host <<END
network inside { type = user backend = slirp }
END
define_tiny vm1
define_tiny vm2
cat >> "$tmp/vm.d/vm2.conf" <<END
nic lan { network = inside }
END

expect_fail 2 "cannot be switched off" hv start --sandbox=off vm1
assert_nothing_left

for mode in log diagnose; do
    hv start --sandbox=$mode vm1 2> "$tmp/err"
    grep "sandbox=$mode" "$tmp/err" || fail "the start does not tell"
    wait_console vm1 "tiny guest: hello"
    expect "vm1 *running.* $mode" hv list
    expect "sandbox *$mode: " hv status vm1
    expect "\"sandbox\": *\"$mode\"" hv status -o json vm1
    # socket (AF_INET, SOCK_STREAM): of no network.
    said=$("$inspect" call "$(pid_of vm1)" 41 2 1 0)
    case $said in
        "result "[0-9]*) ;;
        *) fail "$mode: $said" ;;
    esac
    expect "running" hv status vm1
    if [ $mode = diagnose ]; then
        expect "not allowed after the seal: socket (41) in thread qemu" \
            hv sandbox show vm1
        grep "'slirp' would allow it" "$tmp/out"
    elif dmesg > "$tmp/dmesg" 2> /dev/null; then
        who=" uid=$(awk '/^Uid:/ { print $2 }' \
            "/proc/$(pid_of vm1)/status") "
        grep "type=1326.*$who.*syscall=41 " "$tmp/dmesg" \
            || fail "the kernel's log does not tell"
    fi
    expect "has shut down" hv stop vm1
    assert_nothing_left
done

hv start vm1
expect "vm1 *running.* full" hv list
expect '"sandbox": *"full"' hv status -o json vm1
hv stop vm1
hv start vm2
expect "vm2 *running.* degraded" hv list
expect "degraded: .*nic lan: backend = slirp" hv status vm2
hv stop vm2

# policy TEXT: what the host's configuration says
cp "$tmp/hvctl.conf" "$tmp/before"
policy ()
{
    { cat "$tmp/before"; echo "sandbox { $1 }"; } > "$tmp/hvctl.conf"
}

policy "require = full"
expect_fail '[1-9]*' "require = full.*user-mode networking" hv start vm2
assert_nothing_left
expect_fail '[1-9]*' "require = full.*sandbox=log" hv start --sandbox=log vm1
assert_nothing_left
hv start vm1
hv stop vm1
policy "deny_groups = {slirp, aio}"
expect_fail '[1-9]*' "qemu asks for .*'slirp', which .*hvctl.conf:[0-9]* denies" \
    hv start vm2
assert_nothing_left
hv start vm1
hv stop vm1
policy "deny_calls = {accept4}"
expect_fail '[1-9]*' "accept4.*denied by .*hvctl.conf:[0-9]* " hv start vm1
assert_nothing_left
policy "deny_calls = {exceve}"
expect_fail 7 "no system call 'exceve'" hv start vm1
policy "deny_groups = {execve}"
expect_fail 7 "no group of system calls 'execve'" hv start vm1
policy "require = some"
expect_fail 7 "'full' is the only value" hv start vm1
policy "reqiure = full"
expect_fail 7 "require" hv start vm1
cp "$tmp/before" "$tmp/hvctl.conf"
assert_nothing_left
