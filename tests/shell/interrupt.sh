#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# SIGINT in any operation of a start rolls everything back, with an exit code
# of its own.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

for op in hypervisor.probe storage.chain network.check hypervisor.describe \
    storage.activate network.attach hypervisor.ready network.ready; do
    HVCTL_NULL_FAIL=$op:int
    export HVCTL_NULL_FAIL
    expect_fail 130 "interrupted" hv start vm1
    assert_nothing_left
done

unset HVCTL_NULL_FAIL
hv start vm1
for op in hypervisor.pause hypervisor.save; do
    HVCTL_NULL_FAIL=$op:int
    export HVCTL_NULL_FAIL
    expect_fail 130 "interrupted" hv save vm1
    unset HVCTL_NULL_FAIL
    expect "vm1 is running" hv status vm1
done
# Too late: it is saved all the same.
HVCTL_NULL_FAIL=hypervisor.quit:int
export HVCTL_NULL_FAIL
hv save vm1 || [ $? -eq 130 ]
assert_nothing_left
HVCTL_NULL_FAIL=hypervisor.restore:int
export HVCTL_NULL_FAIL
expect_fail 130 "interrupted: the saved state is kept, and the next start restores" \
    hv start vm1
! grep -q "cannot be restored\|--fresh" "$tmp/err" || fail "it can: $(cat "$tmp/err")"
for op in network.attach hypervisor.ready; do
    HVCTL_NULL_FAIL=$op:int
    expect_fail 130 "the saved state is kept" hv start vm1
done
unset HVCTL_NULL_FAIL
assert_nothing_left
hv start vm1
grep -q "hypervisor.restore vm1" "$tmp/null.log"
hv stop vm1
assert_nothing_left

# What may not stop half-way does not: it is gone with all its disks.
truncate -s 1M "$tmp/disks/vm1-two.null"
echo 'disk two { pool = null }' >> "$tmp/vm.d/vm1.conf"
HVCTL_NULL_FAIL=storage.destroy:intrun hv rm --yes --disks vm1 \
    || [ $? -eq 130 ]
[ -z "$(ls -A "$tmp/vm.d" "$tmp/disks" | grep vm1)" ] \
    || fail "half of it: $(ls -A "$tmp/vm.d" "$tmp/disks")"
[ -z "$(ls -A "$tmp/state/changes")" ] || fail "it is unfinished"

# A hypervisor that was asked to quit before the signal came is not said to run
# on.
direct_hvctl
define_null vm2 stubborn
hv start vm2
"$hvctl" -c "$tmp/hvctl.conf" stop -t 0 vm2 > "$tmp/out" 2> "$tmp/err" & pid=$!
wait_for 10 grep -q "hypervisor.quit vm2" "$tmp/null.log"
kill -TERM $pid
status=0
wait $pid || status=$?
[ $status = 130 ] || fail "exit status $status"
grep -q "vm2: interrupted after its hypervisor was asked to quit" "$tmp/err" \
    || fail "$(cat "$tmp/err")"
hv kill vm2
assert_nothing_left

# Under nohup(1) the end of the terminal is none of the command.
export HVCTL_NULL_FAIL=hypervisor.ready:slow
rm "$tmp/null.log"
(
    trap "" HUP
    exec "$hvctl" -c "$tmp/hvctl.conf" start vm2 > "$tmp/out" 2> "$tmp/err"
) &
pid=$!
wait_for 10 grep -q "hypervisor.ready vm2" "$tmp/null.log"
kill -HUP $pid
wait $pid || fail "hung up: $(cat "$tmp/err")"
unset HVCTL_NULL_FAIL
hv kill vm2
assert_nothing_left
