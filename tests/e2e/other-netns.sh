#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Ports are given back in the network namespace in which they were made, by
# whatever ends a VM or takes a NIC out, wherever that is said; also when there
# is no supervisor to do it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires unshare
in_namespace
make_bridge
ip link add wire0 type veth peer name wire1
ip link set wire0 up
ip link set wire1 up
make_host <<END
network lan { type = bridge bridge = br0 }
network wire { type = macvtap parent = wire0 }
END
add_null
define_tiny vm1
printf 'nic one { network = lan }\nnic two { network = wire }\n' \
    >> "$tmp/vm.d/vm1.conf"
empty=$(list_links)

elsewhere ()
{
    unshare -n "$HVCTL" -c "$tmp/hvctl.conf" "$@"
}

# all_back WHAT: no link is left.
all_back ()
{
    [ "$(list_links)" = "$empty" ] || fail "$1: left: $(list_links)"
    hv list > "$tmp/out" 2>&1
    ! grep -q "vm1.*running" "$tmp/out" || fail "$1: $(cat "$tmp/out")"
}

# alone: the VM has no supervisor.
alone ()
{
    supervisor=$(supervisor_of vm1)
    kill -9 "$supervisor"
    wait_for 5 gone "$supervisor"
}

for how in supervised alone; do
    for verb in "stop --timeout 0s" kill; do
        hv start vm1
        [ "$(list_links)" != "$empty" ] || fail "there are no ports"
        [ $how = supervised ] || alone
        elsewhere $verb vm1
        all_back "$verb $how"
    done
done

# It ended by itself, and the next command finds it.
hv start vm1
pid=$(pid_of vm1)
alone
kill -9 "$pid"
wait_for 5 gone "$pid"
define_tiny vm2
elsewhere stop vm2
all_back "another VM's command"

# The next start is not kept off by the VM's own interfaces.
hv start vm1
hv stop --timeout 0s vm1
all_back "after all"

# A guest that lets go of a NIC.
define vm3 <<END
memory = 16M
hypervisor = null
nic one { network = lan }
END
hv start vm3
before=$(list_links)
hv attach-nic vm3 two:wire > "$tmp/out"
[ "$(list_links)" != "$before" ] || fail "two has no port"
elsewhere detach-nic vm3 two > "$tmp/out"
[ "$(list_links)" = "$before" ] || fail "two is left: $(list_links)"
hv stop vm3
all_back "detach-nic"

# One whose namespace is gone.  In a container it could be one that is not to be
# seen, and is not taken for gone; kill is the way out.
sed -i '/^nic/d' "$tmp/vm.d/vm1.conf"
echo 'nic one { network = lan }' >> "$tmp/vm.d/vm1.conf"

lost ()
{
    unshare -n sh -c "ip link add br0 type bridge && ip link set br0 up \
        && $HVCTL -c $tmp/hvctl.conf start vm1"
    pid=$(pid_of vm1)
    alone
    kill -9 "$pid"
    wait_for 5 gone "$pid"
}

contained ()
{
    unshare --pid --fork --mount --mount-proc "$HVCTL" -c "$tmp/hvctl.conf" "$@"
}

lost
# PROC_PID_INIT_INO: this is no container.
if [ "$(stat -L -c %i /proc/self/ns/pid)" = $((0xEFFFFFFC)) ]; then
    hv stop vm1
    all_back "the namespace is gone"
    lost
fi
expect_fail '[1-9]*' "is not accessible from here.*hvctl kill" contained stop vm1
contained kill vm1 2> "$tmp/err" || fail "kill: $(cat "$tmp/err")"
grep -q "of this NIC stay in it" "$tmp/err" || fail "kill: $(cat "$tmp/err")"
all_back "kill"
assert_nothing_left
