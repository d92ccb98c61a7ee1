#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A volume that another VM has, too, is not deleted with the first one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
define_null vm2
echo 'disk base { pool = null volume = base readonly = yes }' \
    | tee -a "$tmp/vm.d/vm1.conf" >> "$tmp/vm.d/vm2.conf"
truncate -s 1M "$tmp/disks/base.null"

expect_fail 5 "null/base is also a disk of vm2" hv rm --yes --disks vm1
for volume in base vm1-root vm2-root; do
    [ -f "$tmp/disks/$volume.null" ] || fail "$volume is gone"
done
[ -f "$tmp/vm.d/vm1.conf" ] || fail "the definition is gone"
expect "removed" hv rm --yes vm1
expect "disks" hv rm --yes --disks vm2
[ ! -f "$tmp/disks/base.null" ] || fail "base is still there"
[ ! -f "$tmp/disks/vm2-root.null" ] || fail "vm2's is still there"
[ -f "$tmp/disks/vm1-root.null" ] || fail "vm1's is gone"
