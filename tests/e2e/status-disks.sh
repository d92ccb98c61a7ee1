#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# status: which disks the running guest has, and which it gets, or gives back,
# only at its next start.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires_plugin storage-qcow2
requires qemu-img
make_host
truncate -s 1M "$tmp/x.iso"
define_tiny vm1
cat >> "$tmp/vm.d/vm1.conf" <<END
disk root { size = 10M }
disk iso { cdrom = "$tmp/x.iso" }
END
hv create-disks vm1
hv status vm1 > "$tmp/out" || :
! grep -q "next start\|until" "$tmp/out" || fail "stopped: $(cat "$tmp/out")"
hv start vm1
hv status vm1 > "$tmp/out"
! grep -q "next start\|until" "$tmp/out" || fail "started: $(cat "$tmp/out")"

hv attach-disk vm1 now:10M
hv attach-disk vm1 "later:cdrom=$tmp/x.iso"
hv detach-disk vm1 root
expect "disk now *volume default/vm1-now$" hv status vm1
expect "disk later *$tmp/x.iso, from the next start on$" hv status vm1
expect "disk root *not in the definition: the guest keeps it until it stops$" \
    hv status vm1
expect "disk iso *$tmp/x.iso$" hv status vm1
hv -o json status vm1 > "$tmp/json"
python3 - "$tmp/json" <<'END'
import json, sys
disks = {d['name']: d['attached'] for d in json.load(open(sys.argv[1]))[0]['disks']}
assert disks == {'now': True, 'later': False, 'root': True, 'iso': True}, disks
END

# A guest that has been started again has what is defined.
hv restart vm1 -t 0
hv status vm1 > "$tmp/out"
! grep -q "next start\|until\|disk root" "$tmp/out" || fail "$(cat "$tmp/out")"
hv stop vm1
assert_nothing_left
