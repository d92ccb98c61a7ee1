#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that has no address is told apart: without a NIC, on a user-mode
# network, on one where nobody has seen it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define vm1 <<END
memory = 16M
hypervisor = null
END
hv start vm1
expect_fail 3 "no address of vm1 is known: it has no NIC (hvctl attach-nic" hv ip vm1
expect_fail 3 "it has no NIC" hv ssh vm1
hv attach-nic vm1 lan:null
expect_fail 3 "neither the leases of its network (key 'leases' in hvctl.conf) nor" \
    hv ip vm1
sed -i 's/network = null/network = user/' "$tmp/vm.d/vm1.conf"
expect_fail 3 "the host does not see into user-mode networks" hv ip -1 vm1
[ ! -s "$tmp/out" ] || fail "something is printed: $(cat "$tmp/out")"
expect_fail 3 "the host does not see into" hv ssh-config vm1
expect_fail 9 "vm1: waited 0.3 seconds for ip: no address of it is known" \
    hv wait --for ip -t 300ms vm1

# A port that is forwarded to nobody is no ssh server.
sed -i 's/network = user/network = user  forward = "tcp:127.0.0.1:1:22"/' \
    "$tmp/vm.d/vm1.conf"
expect_fail 9 "no ssh server answers at 127.0.0.1 (hvctl wait --for ssh vm1" \
    hv ssh vm1
hv kill vm1
hv wait --for shutdown vm1
expect_fail 6 "vm1 is not running (hvctl start vm1)" hv wait --for ssh vm1
