#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# validate checks every section of hvctl.conf, with its plugin, and tells the
# line; what only the host lacks is doctor's business.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin net-user net-bridge storage-qcow2 qemu
make_host <<'END'
network good { type = bridge bridge = nowhere }
pool good { type = qcow2 path = "/nowhere/at/all" }
END
add_null
cp "$tmp/hvctl.conf" "$tmp/good.conf"
expect "0 definitions, no problems" hv validate

# wrong REASON TEXT: at its second line.
wrong ()
{
    { echo "$2"; cat "$tmp/good.conf"; } > "$tmp/hvctl.conf"
    expect_fail 7 "^$tmp/hvctl.conf:2: .*$1" hv validate
    [ "$(wc -l < "$tmp/err")" = 1 ] || fail "$(cat "$tmp/err")"
    # Whoever asks for one VM is told of that one.
    define_null vm1
    expect "1 definition, no problems" hv validate vm1
    rm "$tmp/vm.d/vm1.conf"
}

wrong "unknown key 'bridgee'" 'network x { type = bridge bridge = br0
bridgee = br0 }'
wrong "isolated = \"maybe\" is not yes or no" 'network x { type = bridge bridge = br0
isolated = maybe }'
wrong "MTU of 70000\|mtu = 70000" 'network x { type = bridge bridge = br0
mtu = 70000 }'
wrong "subnet = \"1.2.3\"" 'network x { type = user
subnet = "1.2.3" }'
wrong "bridg" 'network x {
type = bridg }'
wrong "there is no plugin 'nobody'" 'network x { type = user
provider = nobody }'
wrong "unknown key 'pth'" 'pool x { type = qcow2 path = "/x"
pth = "/x" }'
wrong "cluster_size = \"much\"" 'pool x { type = qcow2 path = "/x"
cluster_size = much }'
wrong "unknown key 'programm'" 'plugin qemu {
programm = "/x" }'
wrong "unknown key 'frob' in plugin qemu" 'template unused { plugin qemu {
frob = 1 } }'
wrong "hotplug = \"many\"" 'template unused { plugin qemu {
hotplug = many } plugin nosuch { frob = 1 } }'
# A mistake in the section of a hypervisor that another one is preferred to.
define_null vm1
sed -i '/^plugin null/d' "$tmp/vm.d/vm1.conf"
printf 'plugin qemu {\nfrob = 1 }\nplugin null { frub = 1 }\n' >> "$tmp/vm.d/vm1.conf"
n=$(($(wc -l < "$tmp/vm.d/vm1.conf") - 1))
for command in validate plan start; do
    expect_fail 7 "vm1.conf:$n: unknown key 'frob' in plugin qemu" hv $command vm1
    grep -q "vm1.conf:$((n + 1)): unknown key 'frub' in plugin null" "$tmp/err" \
        || fail "$command: $(cat "$tmp/err")"
done
rm "$tmp/vm.d/vm1.conf"

grep -q "nic lan" "$tmp/err" && fail "there is no such NIC"
wrong "network x: no plugin in" 'network x {
type = bridg }'

# Whatever is looked up by its name: the nearest one, and the file that has it.
mkdir "$tmp/conf.d"
cp "$tmp/good.conf" "$tmp/hvctl.conf"
printf '\nnetwork office { type = user }\npool archive { type = raw path = "/x" }\n' \
    > "$tmp/conf.d/n.conf"
nearest ()
{
    define_null vm1
    sed -i "s/$1/$2/" "$tmp/vm.d/vm1.conf"
    expect_fail 7 "vm1.conf:[0-9]*: .*there is no $3 '$4': did you mean '$5' ($6)?" \
        hv validate vm1
}
nearest "network = null" "network = offce" network offce office "$tmp/conf.d/n.conf:2"
nearest "pool = null" "pool = archve" pool archve archive "$tmp/conf.d/n.conf:3"
define_null vm1
for command in volume\ list\ archve volume\ snapshots\ archve/x; do
    # shellcheck disable=SC2086
    expect_fail 3 "there is no pool 'archve': did you mean 'archive' ($tmp/conf.d/n.conf:3)" \
        hv $command
done
expect_fail 3 "there is no VM 'vm11': .*did you mean 'vm1'?" hv start vm11
expect_fail 3 "vm1 has no disk 'rot': did you mean 'root'?" hv detach-disk vm1 rot
expect_fail 3 "vm1 has no disk 'rot': did you mean 'root'?" hv resize vm1 --disk rot=2G
expect_fail 3 "vm1 has no nic 'lna': did you mean 'lan'?" hv detach-nic vm1 lna
expect_fail 3 "there is no VM 'vm11': .*did you mean 'vm1'?" hv list vm11
define vm2 <<END
memory = 16M
hypervisor = null
disk root { size = 1M }
END
hv create-disks vm2 > "$tmp/out"
hv snapshot create vm2 before > "$tmp/out"
expect_fail 3 "vm2 has no snapshot 'befor' .*did you mean 'before'?" \
    hv snapshot revert vm2 befor
expect_fail 3 "vm2 has no snapshot 'befor' .*did you mean 'before'?" \
    hv snapshot delete vm2 befor
hv snapshot delete vm2 before > "$tmp/out"
hv rm --yes --disks vm2 > "$tmp/out"
wrong "there is no plugin 'net-usr'.*did you mean 'net-user'?" 'network x { type = user
provider = net-usr }'
rm -r "$tmp/conf.d"

# All at once, in order.
{ printf 'network x { type = user\nsubnet = no }\npool y { type = qcow2\n'
  printf 'pth = no }\n'; cat "$tmp/good.conf"; } > "$tmp/hvctl.conf"
expect_fail 7 "hvctl.conf:4" hv validate
grep -q "hvctl.conf:2: " "$tmp/err" || fail "$(cat "$tmp/err")"
hv -o json validate > "$tmp/out" || :
grep -q '"valid": *false' "$tmp/out" || fail "$(cat "$tmp/out")"
