#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A sealed hypervisor that a guest has taken over makes the calls that it still
# may: it drops its locks, claims what is others', closes what it has, unlocks its
# disk.  hvctl knows that it runs, other VMs start, nobody starts on its disk, and
# kill ends it; also when nothing is left but one of the witnesses.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
[ "$(uname -m)" = x86_64 ] || skip "calls are made on x86_64 only"
make_host
hv volume create d 16M
for vm in vm1 thief; do
    define_tiny $vm
    echo "disk d { pool = default volume = d }" >> "$tmp/vm.d/$vm.conf"
done
define_tiny other

# Numbers of calls, commands of fcntl(), and struct flock.
write=1 close=3 exit=60 fcntl=72 fallocate=285 ftruncate=77
setlk=6 ofd_setlk=37
zeros=00000000000000000000000000000000000000000000000000000000
read_all=@00000000$zeros write_all=@01000000$zeros unlock_all=@02000000$zeros

# fds_of PATTERN: the numbers of its descriptors of such files
fds_of ()
{
    find "/proc/$pid/fd" -lname "$1" | sed 's,.*/,,'
}

runs ()
{
    expect "vm1 *running" hv list
    expect "vm1 is running" hv status vm1
    expect_fail 5 "already running" hv start vm1
    expect_fail 5 "stop it first" hv rm vm1
    [ -d "/proc/$pid" ] || fail "it was ended"
}

begin ()
{
    hv start vm1
    pid=$(pid_of vm1)
    lock=$(fds_of '*/vm1/lock') uids=$(fds_of '*/uids')
    disks=$(fds_of "$tmp/*/d.qcow2")
    [ -n "$lock" ] && [ -n "$uids" ] && [ -n "$disks" ] || fail "no descriptors"
}

ends ()
{
    expect "vm1 was killed" hv kill vm1
    gone "$pid" || fail "it goes on"
    assert_nothing_left
}

# Nothing below run_dir is open for writing, a socket excepted.
begin
for fd in $(fds_of "$tmp/run/*"); do
    [ -S "/proc/$pid/fd/$fd" ] \
        || grep -q '^flags:.*0$' "/proc/$pid/fdinfo/$fd" \
        || fail "$(readlink "/proc/$pid/fd/$fd") is open for writing"
done
for fd in $lock $uids; do
    inject "$pid" "result -9" $fallocate $fd 0 0 33554432
    inject "$pid" "result -9" $write $fd =x 1
    inject "$pid" "result -9" $fcntl $fd $ofd_setlk $write_all
done

# It claims all user ids, and locks its own file whole.
inject "$pid" "result 0" $fcntl $uids $ofd_setlk $read_all
inject "$pid" "result 0" $fcntl $lock $ofd_setlk $read_all
hv start other
[ "$(stat -c %u "/proc/$(pid_of other)")" != "$(stat -c %u "/proc/$pid")" ] \
    || [ "$(field "/proc/$(pid_of other)/status" Uid)" \
        != "$(field "/proc/$pid/status" Uid)" ] || fail "two have one user id"
hv kill other
runs
# It drops them.
inject "$pid" "result 0" $fcntl $uids $ofd_setlk $unlock_all
inject "$pid" "result 0" $close $lock
inject "$pid" "result 0" $close $uids
runs
hv start other
[ "$(field "/proc/$(pid_of other)/status" Uid)" \
    != "$(field "/proc/$pid/status" Uid)" ] || fail "two have one user id"
hv kill other
# Its disk is unlocked, and is not given to another.
for fd in $disks; do
    inject "$pid" "result 0" $fcntl $fd $ofd_setlk $unlock_all
done
expect_fail 5 "in use by VM vm1" hv start thief
runs
ends

# Only the supervisor knows.
begin
inject "$pid" "result 0" $close $lock
: > "$tmp/run/vm/vm1/state"
runs
hv start other
hv kill other
ends

# Only the state file does, until there is a supervisor again.
begin
inject "$pid" "result 0" $close $lock
kill -9 "$(supervisor_of vm1)"
runs
hv start other
hv kill other
rm "$tmp/run/vm/vm1/state"
runs
ends

# Only its own lock, which it leaves alone; and stop works, too.
begin
supervisor=$(supervisor_of vm1)
echo garbage > "$tmp/run/vm/vm1/state"
kill -9 "$supervisor"
expect "vm1 *running" hv list
expect "vm1 has shut down" hv stop vm1
assert_nothing_left

# Its first thread ends, which makes a zombie of the process for ps(1); another
# goes on.
for witnesses in all few; do
    begin
    # Who makes the call does not hear of it.
    timeout 2 "$inspect" call "$pid" $exit 0 > "$tmp/out" 2>&1 || :
    wait_for 5 grep -q '^State:.*zombie' "/proc/$pid/status"
    [ "$(ls "/proc/$pid/task" | wc -l)" -gt 1 ] || fail "no thread is left"
    if [ $witnesses = few ]; then
        kill -9 "$(supervisor_of vm1)"
        : > "$tmp/run/vm/vm1/state"
    fi
    expect "vm1 *running" hv list
    expect_fail 5 "in use by VM vm1" hv start thief
    hv start other
    [ "$(field "/proc/$(pid_of other)/status" Uid)" \
        != "$(field "/proc/$pid/status" Uid)" ] || fail "two have one user id"
    hv kill other
    ends
done
