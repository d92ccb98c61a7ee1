#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A running VM is cloned without being stopped, and its clones start beside it:
# nobody can write to the layers that they share.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_tiny
requires qemu-img
make_host
hv create web --memory 33M --kernel "$tiny" --accelerator tcg \
    --disk root:8M --disk data:8M
qemu-io -c 'write -P 0x42 0 64k' "$tmp/state/disks/web-root.qcow2" > /dev/null
hv start web
process=$(pid_of web)

hv clone web www
[ "$(pid_of web)" = "$process" ] || fail "web was stopped"
expect "running" hv status web
for fd in "/proc/$process/fd/"*; do
    case $(readlink "$fd") in
        *"(deleted)" | *@clone-www*)
            ! grep -q "^flags:.*[12]$" "/proc/$process/fdinfo/${fd##*/}" \
                || fail "it can write to the snapshot: $(readlink "$fd")" ;;
    esac
done
hv start www
expect "running" hv status www
expect_fail 5 "web is running" hv rename web other

# Once more, of both, while both run.
hv clone web two > "$tmp/out"
hv clone www three > "$tmp/out"
hv start two three
hv stop web www two three
for vm in www two three; do
    qemu-io -r -c 'read -P 0x42 0 64k' "$tmp/state/disks/$vm-root.qcow2" \
        | grep -q "64 KiB" || fail "$vm has other data"
done

# They are other machines; renamed, one stays the same.
macs=$(for vm in web www two three; do
    hv show --effective -o json $vm | sed -n 's/.*"uuid": *"\([^"]*\)".*/\1/p'
done | sort -u | wc -l)
[ "$macs" = 4 ] || fail "$macs UUIDs of four VMs"
hv start two
hv snapshot create --memory two s
hv stop two
hv rename two other
hv snapshot revert other s
hv start other
expect "running" hv status other
hv stop other

# What shares nothing keeps nothing.
hv clone --full web single
hv start single
hv stop single
! qemu-img info "$tmp/state/disks/single-root.qcow2" | grep "backing file" \
    || fail "it shares data"
hv start web
hv clone --full web full 2> "$tmp/err"
grep -q "the snapshot 'clone-full' of web is kept: .*'hvctl snapshot delete web clone-full'" \
    "$tmp/err" || fail "$(cat "$tmp/err")"
hv start full
hv stop web full
hv snapshot delete web clone-full
hv rm --yes --disks full
hv rm --yes --disks three
hv rm --yes --disks www other
hv rm --yes --disks web
hv start single
hv stop single
assert_nothing_left
