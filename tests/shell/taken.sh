#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A VM does not get what a running one has: start, restart and
# attach-nic say which one that is, also of a VM of a fleet that has a file of
# its own.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin net-user
make_host
add_null
echo 'network user { type = user }' >> "$tmp/hvctl.conf"

# own VM LINE...: the file of one of the fleet.
own ()
{
    vm=$1
    shift
    printf '%s\n' "$@" > "$tmp/vm.d/$vm.conf"
}
define edge <<'END'
count = 3
memory = 16M
hypervisor = null
nic lan { network = null }
nic fwd { network = user forward = "tcp:127.0.0.1:${24440 + index}:22" }
END
mac=$(hv gen-mac edge-1 lan)
hv start edge-1

# MAC addresses, explicit and derived.
own edge-2 "nic lan { mac = \"$mac\" }"
for command in start "start --fresh"; do
    expect_fail 7 "edge-2.conf:1: nic lan: MAC $mac is that of nic lan of edge-1, which is running: set another 'mac', or stop edge-1 first" \
        hv $command edge-2
done
hv pause edge-1
expect_fail 7 "nic lan of edge-1, which is paused" hv start edge-2
hv resume edge-1
hv stop edge-1
hv start edge-2
expect_fail 7 "edge.conf:4: nic lan: MAC $mac is that of nic lan of edge-2, which is running: set another 'mac'" \
    hv start edge-1

# Nothing of the VM that was refused is left, and it is what it was.
[ ! -e "$tmp/run/vm/edge-1" ] || fail "left: $(ls "$tmp/run/vm/edge-1")"
expect "^edge-1 *stopped " hv list edge-1

# A VM is not in its own way; what it no longer has is free.
hv restart edge-2
own edge-2 "nic lan { mac = \"52:54:00:00:00:99\" }"
expect_fail 7 "MAC $mac is that" hv start edge-1
hv restart edge-2
own edge-0 "nic lan { mac = \"52:54:00:00:00:77\" }"
hv start edge-0
own edge-0 "nic lan { mac = \"52:54:00:00:00:99\" }"
expect_fail 7 "edge-0.conf:1: nic lan: MAC 52:54:00:00:00:99 is that of nic lan of edge-2" \
    hv restart edge-0
expect "^edge-0 *running" hv list edge-0
hv stop edge-0
hv start edge-1

# Devices that came and went since.
expect_fail 7 "nic more: MAC $mac is that of nic lan of edge-1" \
    hv attach-nic edge-2 "more:network=null,mac=$mac"
hv attach-nic edge-2 "more:network=null,mac=52:54:00:00:00:98"
own edge-0 "nic lan { mac = \"52:54:00:00:00:98\" }"
expect_fail 7 "MAC 52:54:00:00:00:98 is that of nic more of edge-2" hv start edge-0
hv detach-nic edge-2 more
hv start edge-0
hv stop edge-0

# Ports, on whichever addresses.
own edge-0 "nic fwd { forward = \"udp:0.0.0.0:24441:1,tcp:0.0.0.0:24441:2222\" }"
expect_fail 7 "edge-0.conf:1: nic fwd: port 24441 (tcp) of 0.0.0.0 is forwarded to edge-1 (nic fwd), which is running: choose another port in 'forward', or stop edge-1 first" \
    hv start edge-0
own edge-0 "nic fwd { forward = \"tcp:127.0.0.2:24441:2222\" }"
hv start edge-0
hv stop edge-0

# UUIDs.
uuid=$(hv plan edge-1 | sed -n 's/.*"uuid": *"\([^"]*\)".*/\1/p')
own edge-0 "uuid = $uuid"
expect_fail 7 "edge-0.conf:1: UUID $uuid is that of edge-1, which is running: set another 'uuid', or stop edge-1 first" \
    hv start edge-0
hv stop edge-1 edge-2
hv start edge-0
hv stop edge-0

# Of two that start at once, not both do.
own edge-0
own edge-2 "nic lan { mac = \"$mac\" }"
for i in 1 2 3; do
    expect_fail 7 "is that of nic lan of" hv start --jobs 2 edge-1 edge-2
    hv stop edge-1 edge-2 > "$tmp/out" 2>&1 || :
done
assert_nothing_left

# Two at once: never both, whichever is first.  A NIC counts from before it is
# plugged in; what a killed hvctl had begun does not count for ever.
for vm in left right late; do
    define_null $vm
done
same=52:54:00:00:00:77
echo "nic more { network = null mac = \"$same\" }" >> "$tmp/vm.d/late.conf"
hv start left right
for pause in 0 0.01 0.02 0.03 0.04 0.05 0 0.01; do
    one=0 two=0 three=0
    hv attach-nic left more:network=null,mac=$same > "$tmp/one" 2>&1 & job=$!
    sleep $pause
    hv attach-nic right more:network=null,mac=$same > "$tmp/two" 2>&1 || two=$?
    wait $job || one=$?
    [ $one != 0 ] || [ $two != 0 ] || fail "both have it, $pause s apart"
    for file in one two; do
        grep -q "MAC $same is that of nic more of\|the running guest has it" \
            "$tmp/$file" || fail "$file: $(cat "$tmp/$file")"
    done
    hv detach-nic left more > "$tmp/out" 2>&1 || :
    hv detach-nic right more > "$tmp/out" 2>&1 || :
    hv attach-nic left more:network=null,mac=$same > "$tmp/one" 2>&1 & job=$!
    sleep $pause
    hv start late > "$tmp/three" 2>&1 || three=$?
    one=0
    wait $job || one=$?
    [ $one != 0 ] || [ $three != 0 ] || fail "start: both have it, $pause s apart"
    hv detach-nic left more > "$tmp/out" 2>&1 || :
    hv kill late > "$tmp/out" 2>&1 || :
done
! HVCTL_NULL_FAIL=attach_nic:kill hv attach-nic left more:network=null,mac=$same \
    || fail "it was not killed"
hv start late > "$tmp/out" 2>&1 || {
    # The next change of it tells whether it has the NIC.
    hv detach-nic left more
    hv start late
}
hv kill left right late
assert_nothing_left
