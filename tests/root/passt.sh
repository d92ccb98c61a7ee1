#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# User-mode networking by passt, as root and as an ordinary user: a guest gets
# its address by DHCP, fetches bytes from the host and is reached through a
# forwarded port; what passt is, as the kernel tells; its death and the VM's;
# NICs that come and go; a guest that is restricted.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_plugin net-user
requires_linux
requires passt busybox md5sum
in_namespace
# What the guest reaches of the host: an address, and lo through the gateway.
ip addr add 10.99.0.1/32 dev lo
wide='network wide {
    type = user subnet = "192.168.4.0/22" dhcp_start = "192.168.5.9"
}'
make_host <<END
$wide
network shut { type = user restrict = yes }
network inside { type = user backend = slirp }
END
mkdir "$tmp/www"
head -c 1000000 /dev/urandom > "$tmp/www/file"
sum=$(md5sum < "$tmp/www/file")
sum=${sum%% *}
for address in 10.99.0.1 127.0.0.1; do
    (cd "$tmp/www" && exec busybox httpd -f -p $address:8080) &
    cleanup_fn kill $!
done

# Everybody may read the guest and what was built, wherever they are.
make_user
mkdir "$tmp/home/vm.d"
cp "$linux/vmlinuz" "$linux/initrd" "$tmp/"
linux=$tmp
define_linux vm1 <<END
nic lan { network = user forward = "tcp:127.0.0.1:2222:22" }
END
cp "$tmp/vm.d/vm1.conf" "$tmp/home/vm.d/"
{
    echo "run_dir = \"$tmp/home/run\""
    echo "state_dir = \"$tmp/home/state\""
    echo "log_dir = \"$tmp/log\""
    echo "$wide"
} > "$tmp/home/hvctl.conf"
chown -R $user:$user "$tmp/home"

# The functions speak to the VMs of root, or of an ordinary user.
mkdir -p "$tmp/log"
be_root ()
{
    who=root
    chown -R 0:0 "$tmp/log" # It writes to no directory of another.
    as="$HVCTL -c $tmp/hvctl.conf"
}
be_user ()
{
    who=user
    chown -R $user:$user "$tmp/log"
    as="as_user hvctl -c $tmp/home/hvctl.conf"
}
hv ()
{
    $as "$@"
}

# passt_of VM NIC: its process, while it lives.
passt_of ()
{
    hv status "$1" | sed -n "s/^ *nic $2 *served by process \([0-9]*\)$/\1/p"
}

# check_passt PID QEMU: what it is once the VM runs.
check_passt ()
{
    check_process "$1"
    shares "$1" net || fail "passt is not in the host's network"
    ! shares "$2" net || fail "QEMU is in the host's network"
    [ "$(readlink "/proc/$1/ns/pid")" != "$(readlink "/proc/$2/ns/pid")" ] \
        || fail "passt and QEMU see each other"
    status=/proc/$1/status
    # shellcheck disable=SC2046
    set -- "$@" $(field "$status" Uid) $(field "$status" Gid)
    for id in $3 $4 $5 $6 $7 $8 $9 ${10}; do
        [ "$id" = "$3" ] || fail "several ids"
    done
    if [ $who = root ]; then
        [ "$3" -ge 100000 ] || fail "user $3"
        [ "$3" != "$(field "/proc/$2/status" Uid | cut -f 1)" ] \
            || fail "is QEMU's user"
    else
        [ "$3" = $user ] || fail "user $3"
        ! shares "$1" user || fail "passt shares our user namespace"
    fi
}

# check_filter PID [RESULT]: what both filters, hvctl's and passt's own, can let
# through, and what connect() of no socket gets.  (passt of 2026 may ask a
# socket by ioctl what is not sent yet, and nothing else: test-filter.c.)
check_filter ()
{
    "$inspect" filter "$1" > "$tmp/filter" || fail "no filter to be read"
    cat "$tmp/filter"
    for call in open openat openat2 execve execveat clone clone3 fork vfork \
        kill setns ptrace unshare mount splice; do
        ! grep -q "^call $call$" "$tmp/filter" || fail "passt may call $call"
    done
    [ "$(sed -n 's/^allowed //p' "$tmp/filter")" -le 30 ] || fail "too much"
    [ "$(sed -n 's/^families //p' "$tmp/filter")" -le 27 ] || fail "too much"
    inject "$1" "result ${2:--9}" 42 -1 0 0
}

# reach VM PORT: a line through a forwarded port, to the guest's port 22.
reach ()
{
    type_console "$1" "listen 22"
    word="hello$(date +%s%N)"
    wait_for 30 reached "$1" 127.0.0.1 "$2" "$word"
}
has_ended ()
{
    hv status vm1 | grep "process $1, which has exited"
}

for who in root user; do
    be_$who
    hv start vm1 2> "$tmp/err"
    ! grep "user-mode\|nic lan" "$tmp/err" || fail "it is announced as weaker"
    qemu=$(pid_of vm1)
    passt=$(passt_of vm1 lan)
    check_passt "$passt" "$qemu"
    wait_console vm1 "hvctl-guest: ready"
    guest vm1 dhcp eth0
    grep "lease 10.0.2.15/24 10.0.2.2 .* 65520" "$(console_log vm1)"
    guest vm1 fetch 10.99.0.1 8080 /file 1000000
    guest vm1 fetch 10.0.2.2 8080 /file 1000000
    [ "$(grep -c "fetched $sum" "$(console_log vm1)")" = 2 ] \
        || fail "it fetched something else"
    reach vm1 2222
    hv sandbox show vm1 > "$tmp/out"
    grep "^nic  *lan" "$tmp/out"
    grep "^groups  *base passt outbound" "$tmp/out"
    ! grep "^groups .*slirp" "$tmp/out" || fail "slirp"
    check_passt "$passt" "$qemu"
    [ "$(uname -m)" != x86_64 ] || check_filter "$passt"

    # Without it the guest goes on, and another can be plugged in and out.
    kill -KILL "$passt"
    wait_for 5 has_ended "$passt"
    guest vm1 echo alive
    [ -z "$(passt_of vm1 lan)" ] || fail "it is still there"
    expect "the running guest has it" hv attach-nic vm1 \
        "again:wide,forward=tcp:127.0.0.1:2223:22"
    passt=$(passt_of vm1 again)
    check_passt "$passt" "$qemu"
    guest vm1 look
    guest vm1 dhcp eth1
    guest vm1 fetch 192.168.6.2 8080 /file 1000000
    [ "$(grep -c "fetched $sum" "$(console_log vm1)")" = 3 ] \
        || fail "it fetched something else"
    reach vm1 2223
    expect "no longer has it" hv detach-nic vm1 again
    gone "$passt" || fail "passt outlives its NIC"
    expect "running" hv status vm1
    ! grep "nic again" "$tmp/out" || fail "status tells of it"

    # At the end all of them go, and after a crash of the hypervisor, too.
    hv attach-nic vm1 one:user
    one=$(passt_of vm1 one)
    hv kill vm1
    wait_for 5 gone "$one"
    hv start vm1
    passt=$(passt_of vm1 one)
    kill -KILL "$(pid_of vm1)"
    wait_for 5 gone "$passt"
    hv list > "$tmp/out"
    assert_nothing_left
done
[ -z "$(ls -A "$tmp/home/run/vm")" ] || fail "left behind"

# Other addresses, an MTU, and one that is restricted: it is reached, and
# reaches nothing, since its passt cannot connect.
be_root
define_linux vm2 <<END
nic wide { network = wide mtu = 1400 }
END
define_linux vm3 <<END
nic shut { network = shut forward = "tcp:127.0.0.1:2224:22" }
END
hv start vm2 vm3
wait_console vm2 "hvctl-guest: ready"
guest vm2 dhcp eth0
grep "lease 192.168.5.9/22 192.168.6.2 .* 1400" "$(console_log vm2)"
guest vm2 fetch 192.168.6.2 8080 /file 1000000
grep "fetched $sum" "$(console_log vm2)"
hv kill vm2
wait_console vm3 "hvctl-guest: ready"
guest vm3 dhcp eth0
reach vm3 2224
before=$(answers vm3 fetch)
type_console vm3 "fetch 10.99.0.1 8080 /file 1000000"
wait_for 60 sh -c "[ \$(grep -c 'hvctl-guest: .* fetch' \
    '$(console_log vm3)') -gt $before ]"
grep "hvctl-guest: failed fetch" "$(console_log vm3)"
[ "$(uname -m)" != x86_64 ] || check_filter "$(passt_of vm3 shut)" -1
hv kill vm3
assert_nothing_left

# Into a VM that had none, with the least calls.
define_linux vm6 <<END
plugin qemu { hotplug = 1 }
END
hv start vm6
wait_console vm6 "hvctl-guest: ready"
expect "the running guest has it" hv attach-nic vm6 lan:user
guest vm6 look
guest vm6 dhcp eth0
guest vm6 fetch 10.0.2.2 8080 /file 1000000
grep "fetched $sum" "$(console_log vm6)"
hv kill vm6
assert_nothing_left

# It satisfies the strictest, and slirp does not.
echo "sandbox { require = full }" >> "$tmp/hvctl.conf"
define_tiny vm5
echo 'nic lan { network = user }' >> "$tmp/vm.d/vm5.conf"
hv start vm5
expect "sandbox *full" hv status vm5
hv kill vm5
sed -i s/user/inside/ "$tmp/vm.d/vm5.conf"
expect_fail '[1-9]*' "require = full" hv start vm5
sed -i '/^sandbox/d' "$tmp/hvctl.conf"
echo "sandbox { deny_groups = {passt} }" >> "$tmp/hvctl.conf"
sed -i s/inside/user/ "$tmp/vm.d/vm5.conf"
expect_fail '[1-9]*' "net-user asks for .*'passt'.* denies" hv start vm5
assert_nothing_left
