#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A run directory that is lost (an 'rm -rf', a cleaner of /run) hides no VM: it
# is said to run, is not started twice, and can be killed.  Nor does it hide a
# change that goes on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
define_null vm2
kept=$tmp/state/processes/vm1

# runs_on: whatever has been lost.
runs_on ()
{
    kill -0 "$pid" || fail "its process has gone"
    expect "vm1 .*running .*$pid" hv list --running
    hv status vm1 > "$tmp/out" || fail "status: exit status $?"
    grep -q "only 'hvctl kill vm1' can stop it" "$tmp/out" \
        || fail "status: $(cat "$tmp/out")"
    ! grep -q "^  supervisor *none" "$tmp/out" || fail "it has one"
    expect_fail 5 "already running (process $pid)" hv start vm1
    expect_fail '[1-9]*' "only 'hvctl kill vm1' can stop it" hv stop vm1
    expect_fail 5 "" hv rm -y vm1
    # Commands for others leave it alone.
    hv start vm2
    hv stop vm2
    kill -0 "$pid" || fail "a command for another VM has ended it"
}

for lost in "$tmp/run/vm/vm1" "$tmp/run/vm/vm1/*" "$tmp/run"; do
    for supervisor in there gone; do
        hv start vm1
        pid=$(pid_of vm1)
        [ $supervisor = there ] || kill -9 "$(supervisor_of vm1)"
        # shellcheck disable=SC2086
        rm -rf $lost
        case $lost in
            *'*') hv list --running > "$tmp/out"
                grep -q "$pid" "$tmp/out" || fail "it is hidden" ;;
            *) runs_on ;;
        esac
        expect "vm1 was killed" hv kill vm1
        gone "$pid" || fail "kill has not ended it"
        [ ! -e "$kept" ] || fail "$kept is left"
        expect "stopped" hv list vm1
        wait_for 5 no_processes
        rm -rf "$tmp/null"/*
    done
done

# It is not lost, but another one: a login makes /run/user/UID, and removes it.
hv start vm1
pid=$(pid_of vm1)
cp "$tmp/hvctl.conf" "$tmp/first.conf"
sed -i "s,^run_dir.*,run_dir = \"$tmp/other run\"," "$tmp/hvctl.conf"
expect "vm1 .*running .*$pid" hv list
expect_fail '[1-9]*' \
    "vm1 was started with the run directory $tmp/run, and now that is $tmp/other run: set run_dir = \"$tmp/run\" in hvctl.conf, or use 'hvctl kill vm1'" \
    hv stop vm1
cp "$tmp/first.conf" "$tmp/hvctl.conf"
hv stop vm1
rm -rf "$tmp/other run"

# One whose definition is lost, too, shows as well.
hv start vm1
pid=$(pid_of vm1)
mv "$tmp/vm.d/vm1.conf" "$tmp/vm1.conf"
rm -rf "$tmp/run"
expect "vm1 .*running .*$pid" hv list
expect "vm1 was killed" hv kill vm1
mv "$tmp/vm1.conf" "$tmp/vm.d/vm1.conf"
wait_for 5 no_processes
rm -rf "$tmp/null"/*

# Words about a process that is not of this boot, or of none, count nothing.
hv start vm1
cp "$kept" "$tmp/kept"
pid=$(pid_of vm1)
hv stop vm1
[ ! -e "$kept" ] || fail "$kept outlives its process"
cp "$tmp/kept" "$kept"
expect "vm1 *stopped" hv list vm1
start=$(sed 's/.*) //' /proc/$$/stat | cut -d ' ' -f 20)
echo "$$ $start 00000000-0000-0000-0000-000000000000 -" > "$kept"
expect "vm1 *stopped" hv list vm1
head -c 300 /dev/urandom > "$kept"
expect "vm1 *stopped" hv list vm1
hv start vm1
hv stop vm1

# Another change waits for the one that goes on, and takes nothing of it back.
HVCTL_NULL_FAIL=storage.create:slow "$HVCTL" -c "$tmp/hvctl.conf" \
    attach-disk vm1 a:1M,pool=null > "$tmp/first" 2>&1 &
first=$!
is_begun ()
{
    grep -q new-volume "$tmp/state/changes/vm1"
}
wait_for 10 is_begun
rm -rf "$tmp/run"
hv attach-disk vm1 b:1M,pool=null > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
wait $first || fail "the first one: $(cat "$tmp/first")"
! grep -i "interrupted" "$tmp/first" "$tmp/out" || fail "it was not"
for disk in a b; do
    grep -q "^disk $disk " "$tmp/vm.d/vm1.conf" || fail "disk $disk is lost"
    hv volume list | grep -q "vm1-$disk " || fail "volume vm1-$disk is lost"
done
[ ! -e "$tmp/state/changes.lock" ] || fail "the lock is left"
assert_nothing_left
