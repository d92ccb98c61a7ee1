#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A fleet of three real guests is created, started, listed, changed for one of
# them while it runs, and stopped, by its name.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
mkdir -p "$tmp/state"
hv create edge --count 3 --first 1 --memory 32M --kernel "$tiny" \
    --append 'wait ${name}' --hypervisor qemu \
    --accelerator "${HVCTL_TEST_ACCELERATOR:-tcg}" \
    --disk root:1M --nic lan:user --set plugin.qemu.hotplug=2
expect '^3 definitions, no problems' hv validate edge

hv start edge
for n in 1 2 3; do
    wait_console edge-$n "tiny guest: hello"
    expect "edge-$n is running" hv status edge-$n
done
[ "$(hv list --running --names edge | xargs)" = "edge-1 edge-2 edge-3" ] \
    || fail "not these are running"
hv list --wide edge | grep -o '52:54:00:[0-9a-f:]*' | sort -u > "$tmp/macs"
[ "$(wc -l < "$tmp/macs")" = 3 ] || fail "MAC addresses: $(cat "$tmp/macs")"

# One of them gets a disk: it has a file then, and the others do not.
expect "the running guest has it" hv attach-disk edge-2 data:1M
grep -q '^disk data' "$tmp/vm.d/edge-2.conf" || fail "it is not written"
expect "data" hv -o json status edge-2
[ ! -e "$tmp/vm.d/edge-1.conf" ] || fail "another one has a file"

# Fewer: the third one can be stopped all the same.
sed -i 's/^count = 3/count = 2/' "$tmp/vm.d/edge.conf"
expect "edge-3  *running" hv list
expect "edge-3 has shut down" hv stop edge-3
sed -i 's/^count = 2/count = 3/' "$tmp/vm.d/edge.conf"
expect_fail 5 "edge-1 is running: stop it first" hv rm --yes --disks edge
hv stop edge > "$tmp/out"
[ "$(grep -c 'has shut down' "$tmp/out")" = 2 ] || fail "not both: $(cat "$tmp/out")"
hv rm --yes --disks edge
! find "$tmp/state" "$tmp/vm.d" -name 'edge*' | grep . || fail "something is left"
assert_nothing_left
