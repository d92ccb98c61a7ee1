#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a plugin hands back is believed as little as anything from outside: it
# is named, with the operation, before anything is done with it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

# answers OP:=WORD PATTERN COMMAND...
answers ()
{
    op=${1%%:*} HVCTL_NULL_FAIL=$1 pattern=$2
    shift 2
    export HVCTL_NULL_FAIL
    expect_fail 1 "null.*: ${op#*.}: .*$pattern.*bug in the plugin" "$@"
    unset HVCTL_NULL_FAIL
    assert_nothing_left
}

answers hypervisor.locate:=nothing "succeeded without giving a program" hv start vm1
answers hypervisor.locate:=relative '"null-hypervisor" is not' hv start vm1
answers hypervisor.check:=nothing "succeeded without choosing a machine" hv start vm1
answers hypervisor.describe:=need "hv_need() was called without a name" hv start vm1
answers hypervisor.describe:=listen '"../x" must' hv start vm1
answers hypervisor.describe:=twice 'twice for the socket "null"' hv start vm1
answers hypervisor.describe:=logfile '"../../../pwned" must' hv start vm1
answers hypervisor.describe:=own-log "hypervisor.log" hv start vm1
answers hypervisor.describe:=port '"nonic", which vm1 does not' hv start vm1
answers hypervisor.describe:=queue "queue 3 of NIC lan, which has 1" \
    hv start vm1
answers hypervisor.describe:=open '"etc/passwd" is not absolute' hv start vm1
answers hypervisor.describe:=expose '"" is not absolute' hv start vm1
answers hypervisor.describe:=argument '"null-hypervisor", is not' hv start vm1
answers hypervisor.describe:=watch '"../x" must' hv start vm1
answers network.check:=kind "77 is not a valid kind of NIC" hv start vm1
answers network.check:=name "renamed NIC lan" hv start vm1
answers network.check:=queues "1000000 queues, of 1" hv start vm1
answers network.check:=address '"../../x", is not' hv start vm1
answers network.attach:=socket "announced a tap, but it gave a socket" hv start vm1
answers network.attach:=closed "descriptor 999 of queue 0" hv start vm1
answers storage.chain:=nothing "succeeded without adding a layer" hv start vm1
answers storage.chain:=relative '"x", is not absolute' hv start vm1
answers storage.chain:=format "has no format" hv start vm1
answers firmware.find:=nothing "no absolute path" hv start vm1
answers firmware.find:=mapping "9 is not a valid mapping" hv start vm1
answers storage.list:=empty "was called without a name" hv volume list null
answers storage.list:=null "was called without a name" hv volume list null
answers storage.list:=path '"../etc/passwd" must' hv volume list null

HVCTL_NULL_FAIL=network.check:=stream expect_fail 1 \
    "null.*: attach: .*stream socket, but it gave something else" hv start vm1
unset HVCTL_NULL_FAIL
assert_nothing_left
find "$tmp" -name "pwned*" -o -name "x.sock" | grep . && fail "it wrote" || :

# What runs is told of, whatever its plugin says.
hv start vm1
HVCTL_NULL_FAIL=status:=state
export HVCTL_NULL_FAIL
hv list > "$tmp/list" 2> "$tmp/err" || :
grep -q "vm1" "$tmp/list" || fail "vm1 is not in the list"
expect "null: status: 77 is not a valid state" hv status vm1
unset HVCTL_NULL_FAIL
hv stop vm1
assert_nothing_left

# The core's own refusals, that no plugin needs to know.
hv volume create null/v 2M
expect_fail 1 "2M and is not shrunk to 1M" hv volume resize null/v 1M
[ "$(stat -c %s "$tmp/disks/v.null")" = 2097152 ] || fail "it was shrunk"
hv volume resize null/v 4M
expect_fail '[1-9]*' "a volume needs a size" hv volume create null/w 0
[ ! -e "$tmp/disks/w.null" ] || fail "it was made"
