#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Volumes on a host that has never had one: made, listed, enlarged, deleted.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img qemu-io
make_host

hv volume create default/one 16M
expect "one.*16M" hv volume list default
expect_fail '[1-9]*' "one" hv volume create default/one 16M
hv volume resize default/one 32M
expect "one.*32M" hv volume list default
expect_fail '[1-9]*' "" hv volume resize default/one 8M
expect "one.*32M" hv volume list default
qemu-img check -q "$(find "$tmp/state" -name '*one*' -type f)"
hv volume rm --yes default/one
! hv volume list default | grep one || fail "it is still there"
[ -z "$(find "$tmp/state" -type f)" ] || fail "a file was left"
expect_fail 3 "nowhere" hv volume create nowhere/one 1M

# Snapshots and clones of a volume that no VM has; each says what it lacks.
expect_fail 3 "two" hv volume rm --yes default/two
hv volume create default/two 16M
expect_fail 2 "name a snapshot" hv volume snapshot default/two
hv volume snapshot default/two@s1
expect "^s1 " hv volume snapshots default/two
expect_fail 1 "already" hv volume snapshot default/two@s1
hv volume clone default/two@s1 three
hv volume clone default/two four
expect "^clone-four " hv volume snapshots default/two
expect_fail 1 "four" hv volume clone default/two four
expect_fail 3 "s9" hv volume clone default/two@s9 five
expect_fail '[1-9]*' "four, three" hv volume rm --yes default/two
expect_fail '[1-9]*' "three" hv volume rm --yes default/two@s1
hv volume promote default/three
hv volume rm --yes default/four
hv volume rm --yes default/two@clone-four
hv volume revert default/two@s1
hv volume rm --yes default/two@s1
expect_fail 3 "s1" hv volume rm --yes default/two@s1
hv volume rm --yes default/two
hv volume rm --yes default/three
expect_fail 3 "two" hv volume send default/two@s1 "$tmp/none"
[ ! -e "$tmp/none" ] || fail "a file was left"
[ -z "$(find "$tmp/state" -type f)" ] || fail "a file was left"

# What is sent is one image that needs no other, and what is received is that.
hv volume create default/five 64M
file=$(find "$tmp/state" -name 'five.qcow2')
qemu-io -f qcow2 -c "write -P 1 0 2M" "$file" > "$tmp/out"
hv volume snapshot default/five@s1
qemu-io -f qcow2 -c "write -P 2 1M 2M" "$file" > "$tmp/out"
hv volume snapshot default/five@s2
qemu-io -f qcow2 -c "write -P 3 0 4M" "$file" > "$tmp/out"
hv volume send default/five@s2 | hv volume receive default/six
grep "writ" "$tmp/err" && fail "$(cat "$tmp/err")"
six=$(find "$tmp/state" -name 'six.qcow2')
qemu-io -f qcow2 -c "read -P 1 0 1M" -c "read -P 2 1M 2M" \
    -c "read -P 0 3M 61M" "$six" > "$tmp/out"
! grep -i "fail" "$tmp/out" || fail "$(cat "$tmp/out")"
! qemu-img info "$six" | grep backing || fail "it has a backing file"
expect "six.*64M" hv volume list default

expect "is sent" hv volume send default/five@s1 "$tmp/image"
qemu-img check -q -f qcow2 "$tmp/image"
expect_fail 1 "exists" hv volume receive "$tmp/image" default/six
head -c 1500000 "$tmp/image" > "$tmp/cut"
expect_fail 1 "truncated" hv volume receive "$tmp/cut" default/seven
head -c 100 "$tmp/image" > "$tmp/cut"
expect_fail 1 "the received image" hv volume receive "$tmp/cut" default/seven
expect_fail 1 "the received image" hv volume receive /dev/null default/seven
echo hello | expect_fail 1 "the received image" hv volume receive default/seven
qemu-img create -q -f qcow2 -b /etc/passwd -F raw "$tmp/liar"
expect_fail 1 "has a backing file" hv volume receive "$tmp/liar" default/seven
hv volume send default/five@s1 2> "$tmp/err" | head -c 1000 > "$tmp/cut" || :
grep "cannot write the image" "$tmp/err"
expect_fail 4 "leave out '--from'" \
    hv volume send --from s1 default/five@s2 "$tmp/none"
expect_fail 3 "s9" hv volume send default/five@s9 "$tmp/none"
[ ! -e "$tmp/none" ] || fail "a file was left"
! find "$tmp/state" | grep -e seven -e sent -e new || fail "a file was left"
# With a snapshot of its own.
expect "default/eight@base is received" \
    hv volume receive "$tmp/image" default/eight@base
expect "^base " hv volume snapshots default/eight
hv volume rm --yes default/eight
hv volume rm --yes default/five
hv volume rm --yes default/six
[ -z "$(find "$tmp/state" -type f)" ] || fail "a file was left"
