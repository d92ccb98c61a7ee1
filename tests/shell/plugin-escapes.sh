#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A plugin whose code does not return (it exits, crashes, loops) fails as any
# other does: by name, with the operation, never with status 0, and with
# nothing left; hvctl goes on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
ulimit -c 0

in_start="hypervisor.locate hypervisor.probe hypervisor.capabilities
    storage.chain network.check hypervisor.check firmware.find
    hypervisor.describe storage.activate network.attach hypervisor.ready
    network.ready hypervisor.go"

# fails CODE ACT OP PATTERN COMMAND...
fails ()
{
    code=$1 act=$2 op=$3 pattern=$4
    shift 4
    HVCTL_NULL_FAIL=$op:$act
    export HVCTL_NULL_FAIL
    expect_fail "$code" "null.*: ${op#*.}: $pattern" "$@"
    grep -q "bug in the plugin" "$tmp/err" || fail "$op:$act: whose fault?"
    unset HVCTL_NULL_FAIL
}

fails 1 exit plugin.open "it called exit (0)" hv start vm1
for op in $in_start; do
    fails 1 exit $op "it called exit (0)" hv start vm1
    assert_nothing_left
    fails 1 crash $op "it crashed (signal 11" hv start vm1
    assert_nothing_left
done
fails 1 _exit hypervisor.ready "it called exit (0)" hv start vm1
fails 1 abort network.ready "it crashed (signal 6" hv start vm1
fails 1 overflow hypervisor.describe "it crashed (signal 11" hv start vm1
fails 1 alloc hypervisor.go "it asked for [0-9]* bytes of memory" hv start vm1
fails 1 positive hypervisor.check "it returned 1" hv start vm1
fails 1 alarm network.check "it used the process's timer" hv start vm1
fails 1 mute network.attach "it failed without a reason" hv start vm1
assert_nothing_left

# One that comes back twice does so once: nothing is done by its child.
for op in plugin.open hypervisor.ready; do
    HVCTL_NULL_FAIL=$op:fork
    export HVCTL_NULL_FAIL
    hv start vm1 > "$tmp/out" 2> "$tmp/err"
    unset HVCTL_NULL_FAIL
    wait_for 5 grep -q "it forked, and a child of it returned: this is a bug" \
        "$tmp/err"
    [ "$(grep -c "vm1 is running" "$tmp/out")" = 1 ] || fail "fork: twice"
    expect "^vm1 *running" hv list
    hv kill vm1
    assert_nothing_left
done

# A umask is its own.
HVCTL_NULL_FAIL="plugin.open:umask network.check:umask" hv start vm1
[ -z "$(find "$tmp/run" "$tmp/state" ! -type l ! -perm -400)" ] \
    || fail "its umask stays"
hv kill vm1
assert_nothing_left

# What one prints is no part of the results.
HVCTL_NULL_FAIL="plugin.open:print hypervisor.status:print"
export HVCTL_NULL_FAIL
hv start vm1 > "$tmp/out" 2> "$tmp/err"
hv status -o json vm1 > "$tmp/json" 2> "$tmp/err"
unset HVCTL_NULL_FAIL
! grep "a plugin's words" "$tmp/out" "$tmp/json" || fail "it is in a result"
grep -q "a plugin's words" "$tmp/err" || fail "it is lost"
hv kill vm1
assert_nothing_left

# What it had done before is undone.
for op in storage.activate network.attach hypervisor.ready hypervisor.go; do
    fails 1 exitafter $op "it called exit (0)" hv start vm1
    assert_nothing_left
done

# One that is bad while it undoes leaves the rest to the next command.
HVCTL_NULL_FAIL="go:crash detach:exit"
export HVCTL_NULL_FAIL
expect_fail 1 "go: it crashed" hv start vm1
grep -q "detach: it called exit" "$tmp/err" || fail "not told of detach"
[ -e "$tmp/null/port-vm1-lan" ] || fail "the port is gone already?"
unset HVCTL_NULL_FAIL
hv start vm1
hv list > "$tmp/list"
grep -q "vm1 *running" "$tmp/list" || fail "$(cat "$tmp/list")"

# While a VM runs: others are still told of.
define_null vm2
hv start vm2
fails '*' exit hypervisor.pause "it called exit (0)" hv pause vm1
expect "vm1 is running" hv status vm1
fails 1 exitafter hypervisor.pause "it called exit (0)" hv pause vm1
hv resume vm1 || :
HVCTL_NULL_FAIL=quit:crash hv stop vm1 vm2 2> "$tmp/err" || :
hv kill vm1 vm2 > "$tmp/out" 2>&1 || :
assert_nothing_left

# Out of a start.
fails 1 exit storage.list "it called exit (0)" hv volume list null
fails 1 crash storage.create "it crashed" hv volume create null/x 1M
hv volume create null/spare 1M
fails 1 exit storage.destroy "it called exit (0)" \
    hv volume rm --yes null/spare
hv validate vm1
