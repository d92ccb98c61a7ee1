#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# KVM where it works; where it does not, it is said, and refused if it was
# asked for.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1
sed -i 's/accelerator = tcg/accelerator = kvm/' "$tmp/vm.d/vm1.conf"

if [ ! -e /dev/kvm ]; then
    expect_fail '[1-9]*' "/dev/kvm" hv start vm1
    assert_nothing_left
    sed -i 's/accelerator = kvm/accelerator = auto/' "$tmp/vm.d/vm1.conf"
    hv start vm1 2> "$tmp/err"
    grep "tcg.*kvm" "$tmp/err"
    hv kill vm1
    assert_nothing_left
    skip "no /dev/kvm: only the refusal was tested"
fi
hv start vm1
wait_console vm1 "tiny guest: hello"
expect "kvm" hv status vm1
hv stop vm1
assert_nothing_left
