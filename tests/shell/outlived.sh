#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A change of a running VM is reported only if the VM outlived it, and a save
# waits for a guest that is about to give memory back.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null

# refuses COMMAND...: the hypervisor takes it, and then is gone; the definition
# has nothing of it.
refuses ()
{
    hv start vm1
    before=$(cat "$tmp/vm.d/vm1.conf")
    expect_fail 1 "vm1 stopped while it was being changed (.*signal 31\|sandbox" hv "$@"
    ! grep -q "running guest" "$tmp/out" || fail "$(cat "$tmp/out")"
    [ "$(cat "$tmp/vm.d/vm1.conf")" = "$before" ] \
        || fail "$*: the definition has it: $(cat "$tmp/vm.d/vm1.conf")"
    expect_fail 6 "" hv status vm1
    assert_nothing_left
}

truncate -s 1M "$tmp/disks/vm1-more.null"
for mode in brittle fragile; do
    define_null vm1 $mode
    refuses attach-nic vm1 more:null
    refuses detach-nic vm1 lan
    refuses attach-disk vm1 "more:image=$tmp/disks/vm1-more.null,format=raw"
    refuses detach-disk vm1 root
    refuses resize vm1 --cpus 2
    refuses resize vm1 --memory 32M
done

# One that outlives it, at once.
define_null vm1
hv start vm1
expect "the running guest has it" hv attach-nic vm1 more:null
expect "no longer has it" hv detach-nic vm1 more
expect "the running guest has it" hv resize vm1 --cpus 2

# What cannot be saved yet, but soon; what stays so is given up.
HVCTL_NULL_FAIL=save:settle
export HVCTL_NULL_FAIL
expect "vm1 is saved" hv save vm1
[ "$(grep -c "^hypervisor.save" "$tmp/null.log")" = 3 ] \
    || fail "$(cat "$tmp/null.log")"
[ "$(grep -c "^hypervisor.resume" "$tmp/null.log")" -ge 2 ] \
    || fail "it did not run meanwhile: $(cat "$tmp/null.log")"
unset HVCTL_NULL_FAIL
hv start vm1
HVCTL_NULL_FAIL=save:11
export HVCTL_NULL_FAIL
expect_fail '[1-9]*' "vm1 was not saved" hv save vm1
unset HVCTL_NULL_FAIL
expect "vm1 is running" hv status vm1
hv stop vm1
assert_nothing_left
