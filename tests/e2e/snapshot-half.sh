#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A snapshot of a running VM that not all of its disks can have: none has it,
# nothing of it is left, and the guest goes on where it was.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
in_mounts
requires_linux
requires qemu-img
make_host
mkdir "$tmp/small"
mount -t tmpfs -o size=1M tmpfs "$tmp/small"
cleanup_fn "umount -l '$tmp/small'"
echo "pool small { type = qcow2 path = \"$tmp/small\" }" >> "$tmp/hvctl.conf"

images ()
{
    find "$tmp/state/disks" "$tmp/small" -name '*.qcow2' \
        -exec stat -c "%n %i" {} + | sort
}

# refused CODE PATTERN: a snapshot is; that is said once, and nothing is left.
refused ()
{
    before=$(images)
    expect_fail "$1" "$2" hv snapshot create vm1 half
    [ "$(wc -l < "$tmp/err")" = 1 ] || fail "more is said: $(cat "$tmp/err")"
    ! hv snapshot list vm1 | grep half || fail "half a snapshot"
    [ "$(images)" = "$before" ] || fail "left: $(images)"
    [ -z "$(ls "$tmp/state/changes")" ] || fail "it is unfinished"
    expect "^vm1 is running" hv status vm1
    [ ! -s "$tmp/err" ] || fail "the next one says: $(cat "$tmp/err")"
}

# boot DISK...: these lines in the definition.
boot ()
{
    printf '%s\n' "$@" | define_linux vm1
    hv create-disks vm1 > "$tmp/out"
    hv start vm1
    wait_console vm1 "hvctl-guest: ready"
}

away ()
{
    expect "has shut down" hv stop vm1
    hv rm --disks --yes vm1
}

# ---------------------------------------- The pool of the second disk is full
boot "disk root { size = 8M }" "disk data { pool = small size = 8M }"
guest vm1 write vda 4096 before
dd if=/dev/zero of="$tmp/small/filler" bs=4096 2> "$tmp/err" || :
refused 1 "the disk is full\|No space left"
guest vm1 write vda 8192 written
rm "$tmp/small/filler"
expect "snapshot whole is created (online)" hv snapshot create vm1 whole
expect "^whole .*root, data" hv snapshot list vm1
guest vm1 read vda 8192 7
grep "read: written" "$(console_log vm1)"
expect "has shut down" hv stop vm1
hv snapshot delete vm1 whole
qemu-img convert -f qcow2 -O raw "$tmp/state/disks/vm1-root.qcow2" "$tmp/raw"
[ "$(dd if="$tmp/raw" bs=1 skip=8192 count=7 status=none)" = written ] \
    || fail "what was written after it is lost"
hv rm --disks --yes vm1

# ------------------------------ The guest lets go of a disk when nobody waits
has_let_go ()
{
    ! hv counters vm1 | grep -q "disk\.aa\."
}

boot "disk root { size = 8M }"
expect "the running guest has it" hv attach-disk vm1 aa:5M
hv pause vm1
expect_fail 9 "" hv detach-disk vm1 aa
hv resume vm1
wait_for 20 has_let_go
refused 5 "disk aa is not attached to the running guest.*hvctl detach-disk vm1 aa"
expect "no longer has it" hv detach-disk vm1 aa
expect "(online)" hv snapshot create vm1 whole
expect "^whole .*root$" hv snapshot list vm1
away

# ----------------------- The guest keeps what the definition no longer has
# What it only reads is no part of a snapshot.
boot "disk root { size = 8M }" "disk data { size = 8M }" \
    "disk look { size = 8M readonly = true }"
expect "until it stops" hv detach-disk vm1 look
expect "(online)" hv snapshot create vm1 s1
expect "until it stops" hv detach-disk vm1 data
refused 5 "disk 'data' is no longer in .*, but the guest still uses it.*hvctl stop vm1"
expect "has shut down" hv stop vm1
expect "(offline)" hv snapshot create vm1 s2
expect "^s2 .*root$" hv snapshot list vm1
assert_nothing_left
