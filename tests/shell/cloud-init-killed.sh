#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A start, a save and a restore are killed, or fail, at each system call that is
# about the image for cloud-init, and at those beside it: nothing is left of the
# image, and a saved VM has the one that it was started with.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
make_host < /dev/null
add_null
define_null vm1
cat >> "$tmp/vm.d/vm1.conf" <<END
cloud_init {
    ssh_keys = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq2sbBqhAyK0L8bUuWW2bD5x4Yc0G4vYtYV8nGm0t3Q"
}
END
cp "$tmp/vm.d/vm1.conf" "$tmp/vm1.conf"
image=$tmp/run/vm/vm1/cloud-init.iso
saved=$tmp/state/vm/vm1/saved/cloud-init.iso

# disturbed FAULT... COMMAND: with that fault, or none.
disturbed ()
{
    "$inject" "$@" > "$tmp/out" 2> "$tmp/err"
}

# points COMMAND: the numbers of its calls that are to be tried.
points ()
{
    disturbed -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" "$1" vm1 \
        || fail "$1: $(cat "$tmp/err")"
    sed -n 's/^\([0-9]*\) .*cloud-init\.iso.*/\1/p' "$tmp/calls" | awk '
        { for (i = -1; i < 4; i++) print $1 + i }' | sort -nu
}

hv start vm1
hv stop vm1
all=$(points start)
[ "$(echo "$all" | wc -l)" -ge 5 ] || fail "start: $(cat "$tmp/calls")"
hv stop vm1
for n in $all; do
    for fault in kill term 28; do
        disturbed -n "$n" -f $fault -o "$tmp/calls" \
            "$hvctl" -c "$tmp/hvctl.conf" start vm1 || :
        hv stop vm1 > "$tmp/out" 2>&1 || :
        [ ! -e "$image" ] || fail "call $n, $fault: the image is left"
        assert_nothing_left
    done
done

hv start vm1
sum=$(cksum < "$image")
all=$(points save)
[ "$(echo "$all" | wc -l)" -ge 5 ] || fail "save: $(cat "$tmp/calls")"
[ "$(cksum < "$saved")" = "$sum" ] || fail "the saved image is another one"
hv start vm1
[ "$(cksum < "$image")" = "$sum" ] || fail "the restored image is another one"
[ ! -e "$saved" ] || fail "the saved image is left"
for n in $all; do
    for fault in kill 28; do
        disturbed -n "$n" -f $fault -o "$tmp/calls" \
            "$hvctl" -c "$tmp/hvctl.conf" save vm1 || :
        # It is running, or saved; the next command says which.
        hv resume vm1 > "$tmp/out" 2>&1 || :
        if [ ! -e "$saved" ]; then
            [ "$(cksum < "$image")" = "$sum" ] || fail "call $n, $fault: no image"
        else
            hv start vm1 > "$tmp/out"
            [ "$(cksum < "$image")" = "$sum" ] || fail "call $n, $fault: another image"
        fi
        left=$(find "$tmp/state" -name '*.new')
        [ -z "$left" ] || fail "call $n, $fault: $left"
    done
done
hv kill vm1
assert_nothing_left
