#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whoever is asked whether something is to be deleted is told everything that
# goes with it; so is who cannot be asked.  With --yes nobody is asked.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img script
requires_plugin storage-qcow2
make_host < /dev/null
add_null

# asks QUESTION LOSS COMMAND...: at a terminal it is the question, without one
# the loss is in the refusal; nothing is gone.
asks ()
{
    question=$1 loss=$2
    shift 2
    echo n | script -qec "'$HVCTL' -c '$tmp/hvctl.conf' $*" /dev/null \
        > "$tmp/asked" || :
    grep -qF "$question$loss? [y/N]" "$tmp/asked" \
        || fail "$*: $(cat "$tmp/asked")"
    expect_fail 2 "is kept" hv "$@" < /dev/null
    grep -qF " is kept$loss: standard input is not a terminal" "$tmp/err" \
        || fail "$*: $(cat "$tmp/err")"
}

# Volumes.
hv volume create one 1M > "$tmp/out"
asks "Delete volume one" "" volume rm one
hv volume snapshot one@s1 > "$tmp/out"
asks "Delete volume one" ", with its 1 snapshot (s1)" volume rm one
hv volume snapshot one@s2 > "$tmp/out"
asks "Delete volume one" ", with its 2 snapshots (s1, s2)" volume rm one
asks "Delete snapshot one@s1" "" volume rm one@s1
for n in 3 4 5 6; do
    hv volume snapshot one@s$n > "$tmp/out"
done
asks "Delete volume one" ", with its 6 snapshots" volume rm one
hv volume rm -y one < /dev/null
expect_fail 3 "" hv volume rm -y one

# VMs.
hv create vm1 --memory 16M --disk root:1M --disk data:1M > "$tmp/out"
asks "Remove vm1" "" rm vm1
asks "Remove vm1" ", with disk root, disk data" rm --disks vm1
hv snapshot create vm1 s1 > "$tmp/out"
asks "Remove vm1" "" rm vm1
asks "Remove vm1" \
    ", with disk root and its 1 snapshot (s1), disk data and its 1 snapshot (s1)" \
    rm --disks vm1
hv rm -y --disks vm1 < /dev/null > "$tmp/out"

# And what only the VM has.
define_null vm2
hv start vm2
hv save vm2 > "$tmp/out"
mkdir "$tmp/state/vm/vm2/memory"
cp -r "$tmp/state/vm/vm2/saved" "$tmp/state/vm/vm2/memory/now"
: > "$tmp/state/vm/vm2/vars.fd"
asks "Remove vm2" \
    ", with its saved state, the memory of its 1 snapshot (now), its firmware variables" \
    rm vm2
hv rm -y vm2 < /dev/null > "$tmp/out"
[ ! -e "$tmp/state/vm/vm2" ] || fail "$(find "$tmp/state/vm")"
assert_nothing_left
