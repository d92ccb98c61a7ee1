#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An import of an image, and its removal, are killed, interrupted, or fail as on
# a full disk, at each of their system calls that changes something: the next
# command completes it, or rolls it back, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
requires qemu-img
make_host
add_null
define_null o
images=$tmp/state/images
truncate -s 1M "$tmp/a.raw"
echo data | dd of="$tmp/a.raw" conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$tmp/a.raw" "$tmp/a.qcow2"
import="import $tmp/a.qcow2 --unverified --name b"
rm="rm --yes b"

# disturbed "COMMAND" [OPTION...]
disturbed ()
{
    command=$1
    shift
    "$inject" "$@" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" image \
        $command > "$tmp/out" 2> "$tmp/err"
}

# all_or_none WHAT: sets there.
all_or_none ()
{
    # A command that makes changes, to a VM.
    hv stop o > "$tmp/out" 2>&1 || :
    there=$(find "$images/names" -name b 2> "$tmp/err.find" | wc -l)
    left=$(find "$tmp/state" -name '.?*' -o -path '*/changes/*')
    [ -z "$left" ] || fail "$1 left: $left"
    data=$(find "$images/data" -type f 2> "$tmp/err.find" | wc -l)
    [ "$data" = "$there" ] || fail "$1: $there records, $data contents"
    [ "$there" = 0 ] || hv image verify b > "$tmp/out" 2>&1 || fail "$1: damaged"
    seen="$seen $there"
}

# each_call IS "COMMAND" PREPARATION...: before each, there are IS images.
each_call ()
{
    is=$1 command=$2 seen=
    shift 2
    "$@"
    disturbed "$command" || fail "$(cat "$tmp/err")"
    all_or_none nothing
    [ "$seen" = " $((1 - is))" ] || fail "image $command: $seen"
    calls=$(sed -n 's/^count //p' "$tmp/calls")
    n=$(sed -n 's,^\([0-9]*\) .*/changes\.lock$,\1,p' "$tmp/calls" | head -n 1)
    while [ $n -le "$calls" ]; do
        for fault in kill $([ $((n % 2)) = 0 ] && echo 28 || echo term); do
            "$@" > "$tmp/out"
            if disturbed "$command" -n $n -f $fault; then
                [ "$(hv image list | grep -c '^b ')" != $is ] \
                    || fail "image $command: call $n, $fault: no success"
            fi
            all_or_none "image $command: call $n, $fault"
        done
        n=$((n + 1))
    done
    case $seen in *" 0"*) ;; *) fail "image $command: never nothing: $seen" ;; esac
    case $seen in *" 1"*) ;; *) fail "image $command: never all: $seen" ;; esac
}

absent () { hv image rm --yes b > "$tmp/out" 2>&1 || :; }
present () { hv image $import > "$tmp/out" 2>&1 || :; }

each_call 0 "$import" absent
each_call 1 "$rm" present

# One that was completed by recovery and is given again succeeds.
present
disturbed "$rm"
n=$(sed -n 's,^\([0-9]*\) unlink.*/names/b$,\1,p' "$tmp/calls" | head -n 1)
present
! disturbed "$rm" -n "$n" -f kill || fail "not killed"
expect "had been interrupted, and is now completed" hv image rm --yes b
assert_nothing_left
