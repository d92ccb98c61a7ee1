#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What two VMs must not share is found by validate, with file and line.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
define_null vm2

hv validate
echo 'nic two { network = null mac = "52:54:00:11:22:33" }' \
    | tee -a "$tmp/vm.d/vm1.conf" >> "$tmp/vm.d/vm2.conf"
expect_fail 7 "52:54:00:11:22:33" hv validate
grep -q "vm2.conf:[0-9]*:" "$tmp/err" || fail "no file and line"

define_null vm2
echo 'disk more { pool = null volume = vm1-root }' >> "$tmp/vm.d/vm2.conf"
expect_fail 7 "vm1-root" hv validate

# The other kind: the same name twice in one definition.
define_null vm2
echo 'disk root { pool = null }' >> "$tmp/vm.d/vm2.conf"
expect_fail 7 "root" hv validate vm2
