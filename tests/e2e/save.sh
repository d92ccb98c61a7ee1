#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest is saved and goes on where it was; a snapshot that has the memory,
# too, brings both back; what could damage disks or lose memory is refused.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_linux
requires qemu-img
make_host <<'END'
network user { type = user }
END
disks=$tmp/state/disks
saved=$tmp/state/vm/vm1/saved
define_linux vm1 <<'END'
cpus = 2
disk root { size = 16M }
nic lan { network = user }
END
hv volume create default/vm1-root 16M > /dev/null

# recalls TEXT: the guest has it in memory, and has not booted for it.
recalls ()
{
    guest vm1 recall
    grep -q "hvctl-guest: kept $1" "$(console_log vm1)" \
        || fail "the guest does not remember '$1'"
}

reads ()
{
    guest vm1 read vda 4096 ${#1}
    grep -q "hvctl-guest: read: $1" "$(console_log vm1)" \
        || fail "the guest does not read '$1'"
}

not_booted ()
{
    if grep -q "hvctl-guest: ready" "$(console_log vm1)"; then
        fail "it has booted"
    fi
}

expect_fail 6 "not running" hv save vm1
expect_fail 6 "not running" hv snapshot create --memory vm1 s0
expect "vm1 is running" hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 keep first
guest vm1 write vda 4096 one
expect "vm1 is saved" hv save vm1
assert_nothing_left
[ "$(stat -c %a "$saved")" = 700 ] || fail "others can look into $saved"
expect "vm1 *saved" hv list
expect_fail 6 "" hv status vm1
grep -q "vm1 is saved: the next start restores" "$tmp/out"
! grep "last run" "$tmp/out" || fail "the guest has not ended"
hv plan vm1 | grep -q '"saved": *".*saved"' || fail "the plan does not tell"
expect "was not running" hv stop vm1
# A snapshot changes nothing of what the guest sees.
expect "snapshot s0 is created (offline)" hv snapshot create vm1 s0
hv snapshot create vm1 gone > /dev/null
hv snapshot delete vm1 gone > /dev/null
expect_fail 6 "" hv status vm1
grep -q "the next start restores" "$tmp/out" || fail "it does not"
expect_fail 5 "vm1 is saved, and could not be restored after that" \
    hv volume resize default/vm1-root 32M

# It goes on: memory, disk, processors, network.
expect "vm1 is running" hv start vm1
assert_same vm1
[ ! -e "$saved" ] && [ ! -e "$saved.used" ] || fail "what was saved is there"
recalls first
reads one
guest vm1 dhcp eth0
guest vm1 look
grep -q "hvctl-guest: cpus 2" "$(console_log vm1)" || fail "a processor is lost"
not_booted

# Paused stays paused.
hv pause vm1 > /dev/null
hv save vm1 > /dev/null
expect "vm1 is paused" hv start vm1
assert_same vm1
expect "vm1 is paused" hv status vm1
hv resume vm1 > /dev/null
recalls first
not_booted

# Memory and disks of a snapshot belong together.
guest vm1 keep second
guest vm1 write vda 4096 two
expect "snapshot s1 is created (online)" hv snapshot create --memory vm1 s1
assert_same vm1
expect_fail '[1-9]*' "s1" hv snapshot create --memory vm1 s1
recalls second
guest vm1 keep third
guest vm1 write vda 4096 three
hv snapshot create vm1 s2 > /dev/null
expect "s1 .* yes" hv snapshot list vm1
expect "s2 .* no" hv snapshot list vm1
hv stop --timeout 0s vm1 > /dev/null
hv snapshot delete vm1 s0 > /dev/null
hv snapshot delete vm1 s2 > /dev/null
expect "reverted to snapshot s1" hv snapshot revert vm1 s1
expect "vm1 *saved" hv list
hv start vm1 > /dev/null
assert_same vm1
recalls second
reads two
not_booted
# And again, from a saved one, whose memory then belongs to no disk.
guest vm1 keep fourth
hv save vm1 > /dev/null
hv snapshot revert vm1 s1 > "$tmp/out" 2> "$tmp/err"
grep -q "the saved state is discarded" "$tmp/err" || fail "nothing is said of it"
expect "vm1 *saved" hv list
hv start vm1 > /dev/null
assert_same vm1
recalls second
hv stop --timeout 0s vm1 > /dev/null
hv snapshot delete vm1 s1 > /dev/null
[ ! -e "$tmp/state/vm/vm1/memory" ] || fail "the memory of s1 is there"

# What has changed since: refused, and kept.
hv start vm1 > /dev/null
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 keep fifth
hv save vm1 > /dev/null
cp "$tmp/vm.d/vm1.conf" "$tmp/before"
echo "cpus = 3" >> "$tmp/vm.d/vm1.conf"
sed -i '/^cpus = 2/d' "$tmp/vm.d/vm1.conf"
expect_fail 7 "has changed since.*--fresh" hv start vm1
cp "$tmp/before" "$tmp/vm.d/vm1.conf"
top=$(find "$disks" -name 'vm1-root*.qcow2' | head -n 1)
modified=$(stat -c %y "$top")
touch "$top"
expect_fail '[1-9]*' "disk root .* has been written to since.*--fresh" hv start vm1
touch -d "$modified" "$top"
cp "$saved/state" "$tmp/good"
dd if=/dev/urandom of="$saved/state" bs=4096 seek=10 count=4 conv=notrunc \
    status=none
expect_fail '[1-9]*' "saved state cannot be restored, and is kept" \
    hv start vm1
    assert_same vm1
assert_nothing_left
cp "$tmp/good" "$saved/state"
hv start vm1 > /dev/null
assert_same vm1
recalls fifth
not_booted

# What QEMU could not load again is not saved, and the guest goes on.
expect "the running guest has it" hv attach-disk vm1 more:16M
assert_same vm1
expect_fail 4 "not saved.*'disk-more' was attached while it was running" hv save vm1
recalls fifth
hv detach-disk vm1 more > /dev/null
hv volume rm -y default/vm1-more > /dev/null
hv resize vm1 --memory 192M > /dev/null 2>&1
expect_fail 4 "not saved.*its memory differs from its definition" hv save vm1
hv resize vm1 --memory 256M > /dev/null 2>&1

# Given up half-way: the guest goes on.
mkdir "$saved.new"
touch "$saved.new/state"
hv save vm1 > /dev/null
expect "vm1 is running" hv start --fresh vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
[ ! -e "$saved" ] && [ ! -e "$saved.used" ] || fail "what was saved is there"

# rm takes all of it.
hv save vm1 > /dev/null
hv rm --disks -y vm1 > /dev/null
[ ! -e "$tmp/state/vm/vm1" ] || fail "$(find "$tmp/state/vm") is left"
