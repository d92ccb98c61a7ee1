#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# status says which change of a VM was interrupted, as long as it is unfinished
# and nobody is at it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img python3
make_host
add_null
define_null vm1
sed -i /^disk/d "$tmp/vm.d/vm1.conf"
echo "disk two { size = 8M } disk root { size = 8M }" >> "$tmp/vm.d/vm1.conf"
hv create-disks vm1 > "$tmp/out"
defined=$(cat "$tmp/vm.d/vm1.conf")
truncate -s 1M "$tmp/disks/vm1-more.null"

# As JSON: the text, or "null".
unfinished ()
{
    hv status -o json vm1 | python3 -c 'import json, sys
o = json.load(sys.stdin)
o = o[0] if isinstance(o, list) else o
print(o["unfinished"] or "null")'
}

# killed OPERATION TEXT COMMAND...: at it, and told as TEXT.
killed ()
{
    HVCTL_NULL_FAIL=$1:kill
    export HVCTL_NULL_FAIL
    text=$2
    shift 2
    ! hv "$@" > "$tmp/out" 2>&1 || fail "$*: was not killed"
    unset HVCTL_NULL_FAIL
    hv status vm1 > "$tmp/out" 2>&1 || :
    grep -q "^  unfinished  *$text: it was interrupted" "$tmp/out" \
        || fail "$*: $(cat "$tmp/out")"
    [ "$(unfinished)" = "$text" ] || fail "$*: in JSON: $(unfinished)"
    hv resume vm1 > "$tmp/out" 2>&1 || hv start vm1 > "$tmp/out" 2>&1
    [ "$(unfinished)" = null ] || fail "$*: still: $(unfinished)"
    ! hv status vm1 | grep "^  unfinished" || fail "$*: and it is said"
    printf '%s\n' "$defined" > "$tmp/vm.d/vm1.conf"
}

hv start vm1
[ "$(unfinished)" = null ] || fail "from the beginning: $(unfinished)"
killed pause "snapshot create" snapshot create vm1 s
killed save "snapshot create s" snapshot create --memory vm1 s
killed pause "save" save vm1
killed save "save" save vm1
killed attach_disk "attach-disk more" attach-disk vm1 \
    "more:image=$tmp/disks/vm1-more.null,format=raw"
killed detach "detach-disk two" detach-disk vm1 two
killed attach_nic "attach-nic more" attach-nic vm1 more:null
killed network.attach "attach-nic more" attach-nic vm1 more:null
killed detach "detach-nic lan" detach-nic vm1 lan
killed hypervisor.resize resize resize vm1 --cpus 2
killed resize_disk "resize --disk two" resize vm1 --disk two=16M
hv save vm1
killed go start start vm1

# Whether a guest has a disk is told by its counters, whose names have dots; if
# it does not count, it is asked for the disk before anything is unplugged.
# finished FATE CALLS: what the hypervisor is told to do then, the first four.
finished ()
{
    ! HVCTL_NULL_FAIL=attach_disk:kill hv attach-disk vm1 \
        "more:image=$tmp/disks/vm1-more.null,format=raw" > "$tmp/out" 2>&1 \
        || fail "attach-disk was not killed"
    : > "$tmp/null.log"
    HVCTL_NULL_FAIL=$1 hv create other --memory 64M > "$tmp/out" 2>&1
    calls=$(sed -n 's/^hypervisor\.\([ad].*tach[_a-z]*\) vm1$/\1/p' \
        "$tmp/null.log" | head -n 4 | tr '\n' ' ')
    [ "$calls" = "$2" ] || fail "$1: it was told: $calls"
    rm "$tmp/vm.d/other.conf"
    printf '%s\n' "$defined" > "$tmp/vm.d/vm1.conf"
}

finished counters:=dots "detach attach_disk "
finished "counters attach_disk:17" "attach_disk "
finished "counters attach_disk:16" "attach_disk attach_disk detach attach_disk "

# Somebody is at it.
HVCTL_NULL_FAIL=save:slow hv save vm1 > "$tmp/slow" 2>&1 &
wait_for 5 grep -qs '"save"' "$tmp/state/changes/vm1"
[ "$(unfinished)" = null ] || fail "it is not finished yet: $(unfinished)"
wait $! || fail "$(cat "$tmp/slow")"
hv start vm1
hv stop vm1
assert_nothing_left
