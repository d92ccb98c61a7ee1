#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A change to a VM that runs is killed at its system calls: the next command
# for another VM finishes it or takes it back.  With the null plugin, whose
# guests let go of what is unplugged; every third call, by HVCTL_TEST_SEED.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
make_host
add_null
define_null o
truncate -s 1M "$tmp/disks/k-more.null" "$tmp/disks/k-late.null"
define_null k
cat >> "$tmp/vm.d/k.conf" <<END
disk more { pool = null }
nic wan { network = null }
END
cp "$tmp/vm.d/k.conf" "$tmp/k.conf"

# disturbed [OPTION...] -- COMMAND...
disturbed ()
{
    options=
    while [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    shift
    "$inject" $options -o "$tmp/calls" "$hvctl" \
        -c "$tmp/hvctl.conf" "$@" > "$tmp/out" 2> "$tmp/err"
}

# What follows is told if it fails.
is_in_order ()
{
    expect "was not running" hv stop o
    hv list k | grep -q "^k *running" || fail "$what: $(hv list)"
    expect "k is running" hv status k
    left=$(find "$tmp/vm.d" "$tmp/state" -name '*.new' -o -name '.?*' \
        -o -path '*/changes/*')
    [ -z "$left" ] || fail "$what left:" $left
    hv validate k > "$tmp/out" || fail "$what: the definition is damaged"
}

reset ()
{
    cp "$tmp/k.conf" "$tmp/vm.d/k.conf"
    hv list k | grep -q "running" || hv start k > "$tmp/out"
}

try_all ()
{
    reset
    disturbed -- "$@" || fail "$*: $(cat "$tmp/err")"
    calls=$(sed -n 's/^count //p' "$tmp/calls")
    n=$((1 + ${HVCTL_TEST_SEED:-$(date +%s)} % 3))
    while [ $n -le "$calls" ]; do
        reset
        what="$* killed at call $n"
        disturbed -n $n -f kill -- "$@" || : # Sometimes it has fewer.
        [ "$1" != save ] || hv stop o > "$tmp/out"
        if [ "$1" = save ] && hv list k | grep -q "saved"; then
            hv start k > "$tmp/out"
        fi
        is_in_order
        n=$((n + 3))
    done
}

hv start k > "$tmp/out"
try_all attach-disk k late:pool=null
try_all attach-nic k dmz:null
try_all detach-disk k more
try_all detach-nic k wan
try_all resize k --memory 24M
try_all save k
reset
hv stop k > "$tmp/out"
hv rm -y k > "$tmp/out"
assert_nothing_left
