#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Snapshots, of a guest that runs and of one that does not: what was written
# before is there after going back, and what was written last is there after
# snapshots are deleted.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires qemu-img
make_host
disks=$tmp/state/disks

# block VM DISK OFFSET LENGTH: what is there, outside.
block ()
{
    qemu-img convert -f qcow2 -O raw "$disks/$1-$2.qcow2" "$tmp/image.raw"
    dd if="$tmp/image.raw" bs=1 skip="$3" count="$4" status=none
}

expect_block ()
{
    [ "$(block vm1 root 4096 ${#1})" = "$1" ] \
        || fail "the disk holds '$(block vm1 root 4096 ${#1})', not '$1'"
}

hv create vm1 --memory 256M --disk root:64M --disk data:32M \
    --kernel "$linux/vmlinuz" --initrd "$linux/initrd" --accelerator "${HVCTL_TEST_ACCELERATOR:-tcg}" \
    --append "console=ttyS0 quiet no_timer_check" > "$tmp/out"

# While the guest runs: both disks at once, and it goes on writing.
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 write vda 4096 before
guest vm1 write vdb 4096 data-before
expect "snapshot s1 is created (online)" hv snapshot create vm1 s1
assert_same vm1
expect "running" hv status vm1
guest vm1 write vda 4096 middle
guest vm1 read vdb 4096 11
grep "read: data-before" "$(console_log vm1)"
expect "snapshot s2 is created (online)" hv snapshot create vm1 s2
assert_same vm1
guest vm1 write vda 4096 after!
guest vm1 write vda 1048576 elsewhere
guest vm1 read vda 4096 6
grep "read: after!" "$(console_log vm1)"
expect_fail '[1-9]*' "already" hv snapshot create vm1 s1
# What cannot be of all disks is refused before it is made of one.
mkdir "$tmp/plain"
echo "pool plain { type = raw path = \"$tmp/plain\" }" >> "$tmp/hvctl.conf"
before=$(hv snapshot list vm1)
expect "the running guest has it" hv attach-disk vm1 flat:8M,pool=plain
assert_same vm1
expect_fail 4 "disk flat: storage-raw cannot create snapshots: to leave it out, name the others: --disk root --disk data$" \
    hv snapshot create vm1 s3
expect "no longer has it" hv detach-disk vm1 flat
assert_same vm1
[ "$(hv snapshot list vm1)" = "$before" ] || fail "$(hv snapshot list vm1)"
expect "the running guest has it" hv attach-disk vm1 third:8M
assert_same vm1
expect "no longer has it" hv detach-disk vm1 third
assert_same vm1
hv volume snapshot default/vm1-third@s3
expect "the running guest has it" hv attach-disk vm1 third:pool=default
assert_same vm1
expect_fail 1 "disk third: there is already a snapshot 's3'" \
    hv snapshot create vm1 s3
expect "no longer has it" hv detach-disk vm1 third
assert_same vm1
hv volume rm --yes default/vm1-third
[ "$(hv snapshot list vm1)" = "$before" ] || fail "$(hv snapshot list vm1)"
guest vm1 echo still-there
expect_fail '[1-9]*' "stop it first" hv snapshot revert vm1 s2
expect_fail '[1-9]*' "stop it first" hv snapshot delete vm1 s2
hv snapshot list vm1 > "$tmp/out"
[ "$(sed -n 's/ .*//p' "$tmp/out" | tail -n 2 | tr '\n' ' ')" = "s1 s2 " ] \
    || fail "the list is $(cat "$tmp/out")"
# A disk grows above its snapshots.
expect "the running guest has it" hv resize vm1 --disk data=48M
assert_same vm1
expect "has shut down" hv stop vm1
assert_nothing_left
qemu-img check -q "$disks/vm1-root.qcow2"

# The volumes are what they were for everybody else.
hv volume list > "$tmp/out"
! grep "@" "$tmp/out" || fail "a snapshot is listed as a volume"

# It starts on three layers, and what it wrote is there.
expect_block "after!"
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 read vda 4096 6
grep "read: after!" "$(console_log vm1)"
grep "disk vdb 50331648 rw" "$(console_log vm1)"
expect "has shut down" hv stop vm1

# Back, but not over the heads of others.
expect_fail 5 "newer snapshots would be lost: s2" \
    hv snapshot revert vm1 s1
expect_block "after!"
hv snapshot revert vm1 s2
expect_block "middle"
[ "$(block vm1 root 1048576 9)" != elsewhere ] || fail "it did not go back"
hv snapshot delete vm1 s2
expect_block "middle"
hv snapshot revert vm1 s1
hv start vm1
expect "^vm1: disk data size: from 32M to 48M; now" hv diff vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 read vda 4096 6
grep "read: before" "$(console_log vm1)"
guest vm1 write vda 4096 newest
expect "has shut down" hv stop vm1

# Offline, with a name of its own making; deleting keeps what is newer.
expect "is created (offline)" hv snapshot create vm1
expect_block "newest"
hv snapshot delete vm1 s1
expect_block "newest"
[ "$(hv snapshot list vm1 | grep -c "20..-..-..")" = 1 ] \
    || fail "not one snapshot: $(hv snapshot list vm1)"

# A disk that came later has no such snapshot: nothing is done by halves.
hv snapshot create vm1 early
hv attach-disk vm1 late:8M > "$tmp/out"
before=$(md5sum "$disks"/vm1-*)
expect_fail 3 "disk late has no snapshot 'early'" hv snapshot revert vm1 early
[ "$(md5sum "$disks"/vm1-*)" = "$before" ] || fail "some disks went back"
expect_fail 3 "no snapshot 'never'" hv snapshot delete vm1 never
hv snapshot create vm1 both
hv snapshot list vm1 | grep "^early .* root, data$"
hv snapshot list vm1 | grep "^both .*root, data, late$"
# One disk has a newer one of its own, and not the first.
hv volume snapshot default/vm1-data@own
before=$(md5sum "$disks"/vm1-*)
expect_fail 5 "newer snapshots would be lost: own" \
    hv snapshot revert vm1 both
[ "$(md5sum "$disks"/vm1-*)" = "$before" ] || fail "some disks went back"
expect "is deleted (offline)" hv snapshot delete vm1 own
expect "is deleted (offline)" hv snapshot delete vm1 early
! hv snapshot list vm1 | grep early || fail "a disk still has it"
hv snapshot revert vm1 both

# A VM goes with all of it.
hv rm --disks --yes vm1
left=$(ls -A "$disks")
[ -z "$left" ] || fail "left behind: $left"
