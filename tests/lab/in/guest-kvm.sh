#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A Linux guest on QEMU with real KVM, -cpu host and two processors, from start
# to stop: it reboots, is paused, saved and restored, in a sealed jail in which
# nothing is writable and executable.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
requires_linux
make_host
define_linux vm1 <<'END'
cpus = 2
disk root { size = 16M }
END
hv volume create default/vm1-root 16M > /dev/null

hv start vm1
expect "accelerator *kvm" hv status vm1
wait_console vm1 "hvctl-guest: ready"
grep -q "hvctl-guest: cpus 2" "$(console_log vm1)" || fail "not two processors"
check_mappings vm1
pid=$(pid_of vm1)

type_console vm1 reboot
wait_for 60 said vm1 "hvctl-guest: ready" 2
[ "$(pid_of vm1)" = "$pid" ] || fail "another process"
check_mappings vm1

guest vm1 keep this
hv pause vm1
expect "vm1 is paused" hv status vm1
hv resume vm1
expect "vm1 is saved" hv save vm1
assert_nothing_left
hv start vm1
guest vm1 recall
grep -q "hvctl-guest: kept this" "$(console_log vm1)" || fail "it has booted"
[ "$(grep -c "hvctl-guest: ready" "$(console_log vm1)")" = 0 ] \
    || fail "it has booted"

# What it may do at run time, with a disk, KVM, and restored.
assert_few_calls "$(pid_of vm1)" 52 82
expect "has shut down" hv stop vm1
! grep -q "killed\|refused" "$tmp"/log/vm1/hypervisor.log* \
    || fail "$(cat "$tmp"/log/vm1/hypervisor.log*)"
assert_nothing_left
