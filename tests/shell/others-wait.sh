#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What takes long to finish of an interrupted change holds up a command for
# another VM for less than a second, once; who comes for the VM, or for the
# volume, or starts a VM on that, has it finished first.  So it is with what VMs
# that have ended had, and with what is looked for in networks.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
define_null vm2

# quick COMMAND...: succeeds within a second, and says nothing of it.
quick ()
{
    from=$(date +%s%N)
    hv "$@" > "$tmp/out" 2> "$tmp/err" || fail "$*: $(cat "$tmp/err")"
    took=$((($(date +%s%N) - from) / 1000000))
    [ $took -le $((1000 * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || fail "$*: took $took ms"
    ! grep "hvctl:" "$tmp/err" || fail "$*: it says something"
}

tries ()
{
    grep -c "^storage.destroy" "$tmp/null.log" || :
}

# killed KEY COMMAND...: while something is destroyed.
killed ()
{
    key=$1
    shift
    ! HVCTL_NULL_FAIL=storage.destroy:kill hv "$@" > "$tmp/out" 2>&1 \
        || fail "$*: was not killed"
    [ -e "$tmp/state/changes/$key" ] || fail "$*: there is no journal"
    HVCTL_NULL_FAIL=storage.destroy:hang
    export HVCTL_NULL_FAIL
    quick stop vm2
    before=$(tries)
    quick stop vm2
    unset HVCTL_NULL_FAIL
    quick stop vm2
    [ "$(tries)" = "$before" ] || fail "$*: others try again and again"
    [ -e "$tmp/state/changes/$key" ] || fail "$*: it was given up"
}

killed vm1 rm --yes --disks vm1
hv status vm1 > "$tmp/out" || :
grep -q "^  unfinished  *rm: " "$tmp/out" || fail "$(cat "$tmp/out")"
expect_fail 3 "now completed" hv start vm1
[ ! -e "$tmp/disks/vm1-root.null" ] || fail "the disk is there"
[ -z "$(ls -A "$tmp/state/changes")" ] || fail "it is unfinished"

truncate -s 1M "$tmp/disks/v.null"
killed null@v volume rm --yes null/v
hv volume rm --yes null/v > "$tmp/out" 2> "$tmp/err" || :
grep -q "now completed" "$tmp/err" || fail "$(cat "$tmp/err")"
[ ! -e "$tmp/disks/v.null" ] || fail "the volume is there"

# A VM that is about to use it.
truncate -s 1M "$tmp/disks/v.null"
killed null@v volume rm --yes null/v
define_null vm3
sed -i 's/pool = null/pool = null volume = v/' "$tmp/vm.d/vm3.conf"
expect_fail '[1-9]*' "now completed" hv start vm3
[ ! -e "$tmp/disks/v.null" ] || fail "the volume is there"
[ -z "$(ls -A "$tmp/state/changes")" ] || fail "it is unfinished"
assert_nothing_left

# ------------------------------------------------- VMs that cannot be released

# all_gone VM...: they have ended, with their supervisors.
all_gone ()
{
    for vm; do
        kill -KILL "$(supervisor_of $vm)"
        kill -KILL "$(pid_of $vm)"
    done
    for vm; do
        wait_for 5 is_stopped $vm
    done
}

is_stopped ()
{
    hv list "$1" > "$tmp/out" && grep -q " stopped" "$tmp/out"
}

calls ()
{
    grep -c "^$1" "$tmp/null.log" || :
}

for op in network.detach:hang storage.deactivate:hang network.detach:deaf; do
    for vm in a1 a2 a3; do
        define_null $vm
        hv start $vm
    done
    all_gone a1 a2 a3
    export HVCTL_NULL_FAIL=$op
    before=$(calls "${op%:*}")
    # Each is tried once, by three commands, or by more if these had no time;
    # that is not done again and again.
    for i in 1 2 3 4 5 6 7 8; do
        quick stop vm2
        [ $i -lt 3 ] || [ "$(calls "${op%:*}")" -lt $((before + 3)) ] || break
    done
    [ "$(calls "${op%:*}")" -ge $((before + 3)) ] || fail "$op: not tried"
    before=$(calls "${op%:*}")
    quick stop vm2
    [ "$(calls "${op%:*}")" = "$before" ] || fail "$op: again and again"
    unset HVCTL_NULL_FAIL
    hv start a1
    hv kill a1 a2 a3
    assert_nothing_left
done

# What is looked for in networks is not looked for in the name of anybody.
rm "$tmp/run/swept"
export HVCTL_NULL_FAIL=network.sweep:hang
quick stop vm2
[ "$(calls network.sweep)" = 1 ] || fail "no sweep"
quick stop vm2
[ "$(calls network.sweep)" = 1 ] || fail "a sweep, again and again"
unset HVCTL_NULL_FAIL
rm "$tmp/run/late"
quick stop vm2
[ -e "$tmp/run/swept" ] || fail "it is not swept"
