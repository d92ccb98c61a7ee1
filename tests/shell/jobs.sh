#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several VMs at once: one that fails keeps no other one from anything, each is
# handled once, no more than --jobs at the same time, and after a signal those
# that were not begun are named.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
direct_hvctl
for n in 1 2 3 4 5 6; do
    define_null vm$n
done

# running NUMBER: so many do, and 'list' and the kernel agree.
running ()
{
    [ "$(hv list --running --names | wc -l)" = "$1" ] \
        || fail "$(hv list --running --names | wc -l) run, not $1"
}

# --------------------------------------------------- one that fails; twice
sed -i 's/^memory.*/memory = lots/' "$tmp/vm.d/vm3.conf"
expect_fail 7 "lots" hv start 'vm*' vm1 nope vm2
[ "$(grep -c "is running" "$tmp/out")" = 5 ] || fail "the others: $(cat "$tmp/out")"
[ "$(grep -c "^hypervisor.describe vm1" "$tmp/null.log")" = 1 ] \
    || fail "vm1 was started twice"
grep -q "there is no VM 'nope'" "$tmp/err" || fail "nope: $(cat "$tmp/err")"
running 5
hv stop 'vm*' > "$tmp/out"
status=0
hv start -o json 'vm*' > "$tmp/out" 2> "$tmp/err" || status=$?
[ $status = 7 ] || fail "exit status $status"
sed -n 's/.*"name": *"\(.*\)".*/\1/p' "$tmp/out" > "$tmp/names"
printf 'vm%s\n' 1 2 3 4 5 6 | diff - "$tmp/names" || fail "not in their order"
[ "$(grep -c '"error"' "$tmp/out")" = 1 ] || fail "errors: $(cat "$tmp/out")"
running 5
hv kill -o json 'vm*' > "$tmp/out"
[ "$(grep -c '"way": *"kill"' "$tmp/out")" = 5 ] || fail "kill: $(cat "$tmp/out")"
running 0
assert_nothing_left
define_null vm3

# A child that is killed is told of, and costs the others nothing.
HVCTL_NULL_FAIL=network.attach:kill
export HVCTL_NULL_FAIL
expect_fail 1 "vm2: the process that was starting it was killed by signal 9" \
    hv start vm1 vm2
unset HVCTL_NULL_FAIL
hv start vm1 vm2 > "$tmp/out"
running 2
hv kill vm1 vm2 > "$tmp/out"
assert_nothing_left

# ------------------------------------------------------------- how many
# most: how many starts were between two calls at the same time.
most ()
{
    awk '$1 == "hypervisor.describe" { if (++n > most) most = n }
         $1 == "hypervisor.go" { n-- }
         END { print most + 0 }' "$tmp/null.log"
}
HVCTL_NULL_FAIL=hypervisor.ready:slow
export HVCTL_NULL_FAIL
for jobs in 1 2 6; do
    : > "$tmp/null.log"
    hv start -j $jobs 'vm*' > "$tmp/out" 2> "$tmp/err"
    [ "$(most)" = $jobs ] || fail "--jobs $jobs: $(most) at once"
    running 6
    hv kill 'vm*' > "$tmp/out"
done
unset HVCTL_NULL_FAIL

for command in "start vm1 vm2" "start vm1" "stop vm1" "rm --yes vm1" "rm vm1" \
    "snapshot create vm1" "snapshot create vm*"; do
    for jobs in 0 257 two; do
        # shellcheck disable=SC2086
        expect_fail 2 "is not a number from 1 to 256" hv $command -j $jobs
    done
done

# ---------------------------------------------------------------- a signal
# Begun are two; the first signal rolls them back.
begin ()
{
    : > "$tmp/null.log"
    HVCTL_NULL_FAIL=hypervisor.ready:hang "$hvctl" -c "$tmp/hvctl.conf" \
        "$@" > "$tmp/out" 2> "$tmp/err" &
    pid=$!
    wait_for 10 eval '[ "$(grep -c hypervisor.ready "$tmp/null.log")" = 2 ]'
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ $status = 130 ] || fail "exit status $status: $(cat "$tmp/err")"
    running 0
    assert_nothing_left
}
begin start --jobs 2 'vm*'
grep -q "interrupted before the turn of vm3, vm4, vm5, vm6 came" "$tmp/err" \
    || fail "they are not named: $(cat "$tmp/err")"
! grep -q "describe vm[3-6]" "$tmp/null.log" || fail "they were begun"
begin start --jobs 2 -o json 'vm*'
[ "$(grep -c "interrupted before its turn came" "$tmp/out")" = 4 ] \
    || fail "JSON: $(cat "$tmp/out")"
[ "$(grep -c '"name"' "$tmp/out")" = 6 ] || fail "JSON: not all of them"

# The second one ends it at once, whatever the plugin does; the next command
# rolls back.
: > "$tmp/null.log"
HVCTL_NULL_FAIL=hypervisor.ready:deaf "$hvctl" -c "$tmp/hvctl.conf" \
    start -j 2 'vm*' > "$tmp/out" 2> "$tmp/err" & pid=$!
wait_for 10 eval '[ "$(grep -c hypervisor.ready "$tmp/null.log")" = 2 ]'
kill -TERM $pid
sleep 0.3
kill -TERM $pid
status=0
wait $pid || status=$?
[ $status = 130 ] || fail "exit status $status: $(cat "$tmp/err")"
grep -q "interrupted again" "$tmp/err" || fail "$(cat "$tmp/err")"
hv start vm6 > "$tmp/out"
wait_for 10 eval '[ "$(hv list --running --names)" = vm6 ]'
hv kill vm6 > "$tmp/out"
assert_nothing_left

# Those that are said to run do, and no others.
HVCTL_NULL_FAIL=hypervisor.ready:slow "$hvctl" -c "$tmp/hvctl.conf" \
    start -j 2 'vm*' > "$tmp/out" 2> "$tmp/err" & pid=$!
wait_for 10 grep -q "is running" "$tmp/out"
kill -TERM $pid
! wait $pid || fail "nothing was interrupted"
sed -n 's/^\(vm.\) is running.*/\1/p' "$tmp/out" | sort > "$tmp/told"
hv list --running --names | diff "$tmp/told" - || fail "other ones run"
hv kill 'vm*' > "$tmp/out"
assert_nothing_left

# One after another it is the same.
HVCTL_NULL_FAIL=hypervisor.ready:hang "$hvctl" -c "$tmp/hvctl.conf" \
    start -j 1 vm1 vm2 > "$tmp/out" 2> "$tmp/err" & pid=$!
wait_for 10 [ -e "$tmp/run/vm/vm1/lock" ]
kill -TERM $pid
! wait $pid || fail "nothing was interrupted"
grep -q "before the turn of vm2 came" "$tmp/err" || fail "$(cat "$tmp/err")"

# --------------------------------------------------------- another hvctl
# Of two commands for the same VMs each starts some, and none is started twice.
: > "$tmp/null.log"
"$hvctl" -c "$tmp/hvctl.conf" start 'vm*' > "$tmp/one" 2> "$tmp/err" & pid=$!
"$hvctl" -c "$tmp/hvctl.conf" start 'vm*' > "$tmp/two" 2> "$tmp/err2" || :
wait $pid || :
running 6
[ "$(cat "$tmp/one" "$tmp/two" | grep -c "is running")" = 6 ] \
    || fail "$(cat "$tmp/one" "$tmp/two")"
[ "$(grep -c hypervisor.go "$tmp/null.log")" = 6 ] || fail "one went twice"

# ----------------------------------------------------------- other commands
expect "vm6 is paused" hv pause 'vm*'
expect "vm6 is resumed" hv resume 'vm*'
hv save 'vm*' > "$tmp/out" 2> "$tmp/err"
[ "$(grep -c "is saved" "$tmp/out")" = 6 ] || fail "saved: $(cat "$tmp/out")"
hv start 'vm*' > "$tmp/out" 2> "$tmp/err"
expect "vm6 is running" hv restart 'vm*'
hv stop 'vm*' > "$tmp/out"
assert_nothing_left
hv rm --yes --disks 'vm*' > "$tmp/out"
[ -z "$(ls "$tmp/vm.d")" ] || fail "definitions are left"
[ -z "$(ls "$tmp/disks")" ] || fail "disks are left: $(ls "$tmp/disks")"

# Snapshots: of all that match, under one name.
[ -f "$plugins/storage_qcow2.so" ] || exit 0
command -v qemu-img > "$tmp/out" || exit 0
for n in 1 2 3; do
    hv create disk$n --hypervisor null --memory 16M --disk root:1M > "$tmp/out"
done
hv snapshot create 'disk*' s1 > "$tmp/out" 2> "$tmp/err"
[ "$(grep -c "snapshot s1 is created" "$tmp/out")" = 3 ] || fail "snapshots"
hv snapshot create -o json 'disk[12]' s2 > "$tmp/out"
[ "$(grep -c '"done": *"made"' "$tmp/out")" = 2 ] || fail "$(cat "$tmp/out")"
[ "$(head -c 1 "$tmp/out")" = "[" ] || fail "no array"
expect '^{' hv snapshot create -o json disk1 s3
expect_fail 3 "no VM matches 'x\*'" hv snapshot create 'x*'
expect_fail '[1-9]*' "s2" hv snapshot create 'disk*' s2
grep -q "disk3: snapshot s2 is created" "$tmp/out" || fail "$(cat "$tmp/out")"
hv snapshot create 'disk[12]' > "$tmp/out"
[ "$(sed -n 's/.*snapshot \([^ ]*\) is.*/\1/p' "$tmp/out" | sort -u | wc -l)" = 1 ] \
    || fail "each has another name: $(cat "$tmp/out")"
