#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the sandbox costs, measured against the same QEMU without it, in turn:
# the launch, at most 5 ms more until the first QMP answer (where QEMU alone needs
# 40, else in proportion); and a supervisor, at most 0.30 MiB (PSS).
# sandbox-exits.sh has the rest.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
cost=$abs_top_builddir/tests/probe/cost
supervisor=$abs_top_builddir/supervisor/hvctl-supervisor
make_host
qemu=$(command -v qemu-system-x86_64)
truncate -s 16M "$tmp/disk"

HVCTL_COST_CACHE=$tmp "$cost" launch 60 "$supervisor" "$qemu" "$tmp/disk" 2> "$tmp/err" \
    || fail "the launch: $(tail -n 3 "$tmp/err")"

# A VM's supervisor that is alone shares its code with nobody.
define_tiny vm1
hv start vm1
kib=$(awk '/^Pss:/ { print $2 }' "/proc/$(supervisor_of vm1)/smaps_rollup")
echo "supervisor: $kib KiB PSS"
[ "$kib" -gt 0 ] && [ "$kib" -le 307 ] || fail "supervisor: $kib KiB PSS"
hv kill vm1
assert_nothing_left
