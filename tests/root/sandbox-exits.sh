#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An exit of KVM to QEMU costs at most 2 % more in the sandbox: measured with and
# without it in turn, by a firmware that does nothing else.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires qemu-system-x86_64
cost=$abs_top_builddir/tests/probe/cost
supervisor=$abs_top_builddir/supervisor/hvctl-supervisor
firmware=$abs_top_builddir/tests/exits.bin
[ -f "$firmware" ] || skip "the firmware is for x86"
[ -e /dev/kvm ] || skip "there is no /dev/kvm"
make_tempdir
status=0
"$cost" exits 40 "$supervisor" "$(command -v qemu-system-x86_64)" "$firmware" \
    2> "$tmp/err" || status=$?
[ $status -ne 77 ] \
    || skip "KVM does not run real-mode code, or this machine is too noisy"
[ $status -eq 0 ] || fail "exits: status $status: $(tail -n 3 "$tmp/err")"
