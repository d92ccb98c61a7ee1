#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# UEFI: the guest is booted by it, and its variables are the VM's own.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_plugin firmware-qemu
requires_linux
[ -d /usr/share/qemu/firmware ] || skip "no firmware descriptors"
make_host
define_linux vm1 <<EOF
firmware = uefi
EOF

hv start vm1
wait_console vm1 "hvctl-guest: ready" 120
grep "firmware uefi" "$(console_log vm1)"
expect "has shut down" hv stop vm1
assert_nothing_left
[ -n "$(find "$tmp/state" -type f -size +100k)" ] || fail "no variables kept"
