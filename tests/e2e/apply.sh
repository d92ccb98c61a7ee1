#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl apply with a real QEMU: the running guest gets what the definition has,
# within its limits; what it cannot get waits for the next start, which has it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires_plugin storage-qcow2 net-user
requires qemu-img
requires_inject
make_host < /dev/null
conf=$tmp/vm.d/vm1.conf
define_tiny vm1
cat >> "$conf" <<END
cpus = 1
machine = q35
disk root { size = 8M }
plugin qemu { max_cpus = 3 max_memory = 64M hotplug = 4 }
END
hv apply -y vm1 > "$tmp/out"
hv start vm1
assert_same vm1
wait_console vm1 "."

# Now: a disk with its volume, a larger disk, processors, memory.
sed -i 's/cpus = 1$/cpus = 2/; s/memory = 32M/memory = 48M/; s/size = 8M/size = 16M/' "$conf"
cat >> "$conf" <<END
disk data { size = 4M serial = abc }
nic lan { network = user }
END
expect_fail 10 '' hv apply --check
hv apply -y > "$tmp/out" 2> "$tmp/err"
for line in 'disk data volume' 'disk root size' 'disk data' 'nic lan' cpus memory; do
    grep -q "^vm1: $line: done$" "$tmp/out" || fail "$line: $(cat "$tmp/out" "$tmp/err")"
done
assert_same vm1
expect '^disk.data' hv counters vm1
qemu-img info -U "$tmp/state/disks/vm1-root.qcow2" | grep -q 'virtual size: 16 MiB' \
    || fail "not enlarged"

# Not now, and why; a shrinking disk never.
sed -i 's/cpus = 2$/cpus = 4/; s/max_cpus = 3/max_cpus = 4/' "$conf"
expect "^vm1: cpus: from 2 to 4; at the next start: .*'max_cpus'" hv diff vm1
grep -q '^vm1: plugin qemu max_cpus: from 3 to 4; at the next start' "$tmp/out" \
    || fail "$(cat "$tmp/out")"
sed -i 's/serial = abc/serial = def/' "$conf"
expect '^vm1: disk data serial: from abc to def; at the next start' hv diff vm1
expect '^nothing to do$' hv apply
hv restart -t 0 vm1 > "$tmp/out"
assert_same vm1
sed -i 's/size = 16M/size = 12M/' "$conf"
expect_fail 7 'can only grow' hv apply -y
sed -i 's/size = 12M/size = 16M/' "$conf"

# Killed in the middle: the next command completes it, or rolls it back, and then
# nothing is left to do.
echo 'disk more { size = 4M }' >> "$conf"
for n in 3 9 15 21 27 33 39 45 51; do
    "$inject" -n $n -f kill -o "$tmp/calls" \
        "$hvctl" -c "$tmp/hvctl.conf" apply -y vm1 > "$tmp/out" 2>&1 || :
done
hv apply -y vm1 > "$tmp/out" 2> "$tmp/err" || fail "$(cat "$tmp/err")"
assert_same vm1
expect '^nothing to do$' hv apply
expect '^disk.more' hv counters vm1
# A disk that it was started with is not released while it runs, and a guest may
# keep one that was attached.
sed -i '/^disk data/d; /^disk more/d' "$conf"
expect_fail '[1-9]*' 'disk more: .*the guest does not release it' hv apply -y
expect '^vm1: disk data: removed .*; at the next start: ' hv diff
grep -q '^vm1: disk more: removed .*; now' "$tmp/out" || fail "$(cat "$tmp/out")"
hv stop -t 0 vm1
assert_nothing_left
