#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# SIGINT in any operation of a start rolls everything back, with an exit code
# of its own.
. "${abs_top_builddir:-.}/tests/functions.sh"
make_host
add_null
define_null vm1

for op in hypervisor.probe storage.chain network.check hypervisor.describe \
    storage.activate network.attach hypervisor.ready network.ready; do
    HVCTL_NULL_FAIL=$op:int
    export HVCTL_NULL_FAIL
    expect_fail 130 "interrupted" hv start vm1
    assert_nothing_left
done

unset HVCTL_NULL_FAIL
hv start vm1
hv stop vm1
assert_nothing_left
