#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# validate checks every section of hvctl.conf, with its plugin, and tells the
# line; what only the host lacks is doctor's business.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin net-user net-bridge storage-qcow2
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

# All at once, in order.
{ printf 'network x { type = user\nsubnet = no }\npool y { type = qcow2\n'
  printf 'pth = no }\n'; cat "$tmp/good.conf"; } > "$tmp/hvctl.conf"
expect_fail 7 "hvctl.conf:4" hv validate
grep -q "hvctl.conf:2: " "$tmp/err" || fail "$(cat "$tmp/err")"
hv -o json validate > "$tmp/out" || :
grep -q '"valid": *false' "$tmp/out" || fail "$(cat "$tmp/out")"
