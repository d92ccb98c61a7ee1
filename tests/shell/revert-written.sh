#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# 'volume revert' is killed before it has done anything, and somebody else
# writes to the volume: the next command leaves it alone, and says so.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
requires qemu-io
traced_hvctl
make_host
volume=$tmp/state/disks/v.qcow2

hv volume create default/v 1M
hv volume snapshot default/v@s
! strace -o "$tmp/calls" -e trace=rename,renameat,renameat2 \
    -e inject=rename,renameat,renameat2:signal=KILL:error=EIO:when=1 \
    "$hvctl" -c "$tmp/hvctl.conf" volume revert default/v@s \
    > "$tmp/out" 2>&1 || fail "it was not killed"
qemu-io -c 'write -P 2 0 64k' "$volume" > "$tmp/out"
hv volume create default/w 1M > "$tmp/out" 2>&1
grep -q "v.qcow2 has been written to since, and is left alone" "$tmp/out" \
    || fail "$(cat "$tmp/out")"
! grep "now completed" "$tmp/out" || fail "it was not reverted"
qemu-io -c 'read -P 2 0 64k' "$volume" > "$tmp/out" \
    || fail "what was written is gone"
[ -z "$(ls -A "$tmp/state/changes" 2> /dev/null)" ] || fail "it is unfinished"

# Given once more, it is done.
hv volume revert default/v@s
! qemu-io -c 'read -P 2 0 64k' "$volume" > "$tmp/out" \
    || fail "it is not reverted"
