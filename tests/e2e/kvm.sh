#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# KVM where it works; where it does not, it is refused with the reason if it
# was asked for, and TCG takes its place, with a warning, if it was not.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1
sed -i 's/accelerator = tcg/accelerator = kvm/' "$tmp/vm.d/vm1.conf"

status=0
hv start vm1 2> "$tmp/err" || status=$?
if [ $status -eq 0 ]; then
    wait_console vm1 "tiny guest: hello"
    expect "accelerator *kvm" hv status vm1
    hv stop vm1
    assert_nothing_left
    exit 0
fi
cat "$tmp/err"
grep -q "accelerator kvm is not available: ." "$tmp/err" || fail "no reason"
assert_nothing_left

sed -i 's/accelerator = kvm/accelerator = auto/' "$tmp/vm.d/vm1.conf"
hv start vm1 2> "$tmp/err"
grep -q "tcg" "$tmp/err" || fail "no warning"
wait_console vm1 "tiny guest: hello"
expect "accelerator *tcg: ." hv status vm1
hv stop vm1
assert_nothing_left
