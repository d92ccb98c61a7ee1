#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A start with passt that fails or is killed, at each step: nothing of it is
# left, at the latest after the next command.  And a host without passt.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin net-user
requires passt unshare
make_host
add_null
define_null vm1
sed -i 's/^nic lan.*/nic lan { network = user }/' "$tmp/vm.d/vm1.conf"

# Those before it is started, and those after it.
steps="hypervisor.describe storage.activate hypervisor.ready hypervisor.go"
for op in $steps; do
    HVCTL_NULL_FAIL=$op
    export HVCTL_NULL_FAIL
    expect_fail '[1-9]*' "$op was told to fail" hv start vm1
    assert_nothing_left
done
for op in $steps; do
    for how in kill killafter; do
        export HVCTL_NULL_FAIL="$op:$how"
        status=0
        hv start vm1 > "$tmp/out" 2>&1 || status=$?
        [ $status = 137 ] || [ $op:$how = hypervisor.describe:killafter ] \
            || fail "$op:$how: status $status"
        unset HVCTL_NULL_FAIL
        # A command that changes nothing may not have to clean up.
        [ $status = 0 ] || hv stop vm1 > "$tmp/out" 2>&1 || :
        [ $status != 0 ] || hv stop vm1
        assert_nothing_left
    done
done

# Stopped for long while it starts: what is half made does not stay.
HVCTL_NULL_FAIL=hypervisor.ready:hang
export HVCTL_NULL_FAIL
"$HVCTL" -c "$tmp/hvctl.conf" start vm1 > "$tmp/out" 2>&1 &
hvctl=$!
started ()
{
    grep -q '"helper"' "$tmp/run/vm/vm1/journal"
}
wait_for 10 started
passt=$(sed -n 's/.*"helper".*"pid":\([0-9]*\).*/\1/p' "$tmp/run/vm/vm1/journal")
! gone "$passt" || fail "no process $passt"
kill -KILL $hvctl
wait $hvctl || :
wait_for 5 gone "$passt"
unset HVCTL_NULL_FAIL
hv stop vm1 > "$tmp/out" 2>&1 || :
assert_nothing_left

# After a start that was finished it stays until the release.
hv start vm1
passt=$(sed -n 's/.*"helper".*"pid":\([0-9]*\).*/\1/p' "$tmp/run/vm/vm1/journal")
! gone "$passt" || fail "no process $passt"
hv kill vm1
wait_for 5 gone "$passt"
assert_nothing_left

# In the foreground it is a child of the supervisor.
hv run vm1 > "$tmp/out" 2>&1 &
run=$!
running ()
{
    hv status vm1 | grep -q "is running"
}
wait_for 10 running
expect "nic lan *served by process [0-9]*$" hv status vm1
hv stop vm1
wait $run || :
assert_nothing_left

# Without passt: the hypervisor's own, announced; or refused.
requires_tiny
cat >> "$tmp/hvctl.conf" <<END
network only { type = user backend = passt }
END
define_tiny vm2
echo 'nic lan { network = user }' >> "$tmp/vm.d/vm2.conf"
define_tiny vm3
echo 'nic lan { network = only }' >> "$tmp/vm.d/vm3.conf"
export HVCTL tmp
unshare -m sh -ec '
    for program in /usr/bin/passt /usr/local/bin/passt; do
        [ ! -e $program ] || mount --bind /dev/null $program
    done
    "$HVCTL" -c "$tmp/hvctl.conf" start vm2 2> "$tmp/err"
    ! "$HVCTL" -c "$tmp/hvctl.conf" start vm3 2> "$tmp/err3"'
grep "sandbox is degraded: .*nic lan: passt is not installed" "$tmp/err"
grep "backend = passt: passt is not installed" "$tmp/err3"
expect "vm2 *running.* degraded" hv list
expect "degraded: .*nic lan: passt is not installed" hv status vm2
hv kill vm2
assert_nothing_left
