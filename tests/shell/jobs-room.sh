#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several VMs at once where there is no room for as many copies of hvctl as
# there may be: the others wait, and no result is lost, whatever happens to a copy.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
traced_hvctl
for n in $(seq 1 24); do
    define_null vm$n
done

# all COMMAND WORD: of all 24 VMs, for each of which it says WORD.
all ()
{
    "$hvctl" -c "$tmp/hvctl.conf" "$1" -j 64 'vm*' > "$tmp/out" 2> "$tmp/err" \
        || {
            cat "$tmp/err"
            fail "$1: exit status $?"
        }
    [ "$(grep -c "$2" "$tmp/out")" = 24 ] || fail "$1: $(cat "$tmp/out")"
    ! grep -v "sandbox is degraded" "$tmp/err" || fail "$1: it complains"
}

# Few descriptors.  Those of one copy are not held by another, in which a start
# would have none; and a failed start keeps none.
few ()
(
    ulimit -Sn 40
    "$@"
)
few all start "is running"
[ "$(few hv list --running --names | wc -l)" = 24 ] || fail "not all run"
few all pause "is paused"
few all kill "was killed"
for fault in hypervisor.ready hypervisor.describe network.attach; do
    export HVCTL_NULL_FAIL=$fault
    for n in 1 2; do
        ! few hv start -j 1 'vm*' > "$tmp/out" 2> "$tmp/err" \
            || fail "$fault: it started"
        [ "$(grep -c "was told to fail" "$tmp/err")" = 24 ] \
            || fail "$fault: $(cat "$tmp/err")"
    done
    unset HVCTL_NULL_FAIL
done
assert_nothing_left

full ()
{
    hv "$@" > /dev/full
}

# A copy that was killed, or whose result was lost, is in the JSON, too.
HVCTL_NULL_FAIL=network.attach:kill
export HVCTL_NULL_FAIL
status=0
hv start -o json 'vm?' > "$tmp/out" 2> "$tmp/err" || status=$?
unset HVCTL_NULL_FAIL
[ $status = 1 ] || fail "killed: exit status $status"
[ "$(grep -c '"name"' "$tmp/out")" = 9 ] || fail "killed: $(cat "$tmp/out")"
[ "$(grep -c "was starting it was killed by signal 9" "$tmp/out")" = 9 ] \
    || fail "killed: $(cat "$tmp/out")"
[ ! -s "$tmp/err" ] || fail "killed: text beside JSON: $(cat "$tmp/err")"
hv release vm1

# Neither is output lost in silence.
if [ -c /dev/full ]; then
    for command in "start vm1 vm2" "stop vm1" "stop vm1 vm2"; do
        # shellcheck disable=SC2086
        expect_fail 1 "cannot write the output" full $command
    done
fi

command -v strace > "$tmp/out" || exit 0
strace -o /dev/null true 2> "$tmp/out" || exit 0

# No more processes: each VM is handled by hvctl itself.
all start "is running"
without_fork ()
{
    strace -o "$tmp/trace" -e inject=clone,clone3,fork:error=EAGAIN "$@"
}
: > "$tmp/null.log"
without_fork "$hvctl" -c "$tmp/hvctl.conf" list --running > "$tmp/out"
grep -q EAGAIN "$tmp/trace" || fail "there was a process"
[ "$(grep -c hypervisor.status "$tmp/null.log")" = 24 ] \
    || fail "list did not ask all: $(cat "$tmp/null.log")"
without_fork "$hvctl" -c "$tmp/hvctl.conf" kill 'vm*' > "$tmp/out" \
    2> "$tmp/err" || fail "kill: $(cat "$tmp/err")"
[ "$(grep -c "was killed" "$tmp/out")" = 24 ] || fail "kill: $(cat "$tmp/out")"
assert_nothing_left

# What copies say about their VMs comes in whole lines.
export HVCTL_NULL_FAIL=hypervisor.check
! strace -f -s 500 -e trace=write -e write=none -o "$tmp/trace" "$hvctl" \
    -c "$tmp/hvctl.conf" start vm1 vm2 2> "$tmp/err" || fail "they started"
grep "write(2," "$tmp/trace" > "$tmp/writes"
grep -q "was told to fail" "$tmp/writes" || fail "no messages"
! grep -v 'write(2, ".*\\n", [0-9]*' "$tmp/writes" || fail "parts of lines"
unset HVCTL_NULL_FAIL

# A signal that comes just before hvctl waits is passed on at once, not when the
# wait, of ten seconds, has ended.
began=$(date +%s)
status=0
HVCTL_NULL_FAIL=hypervisor.ready:hang strace -o "$tmp/trace" \
    -e inject=write:signal=SIGTERM:when=1 "$hvctl" -c "$tmp/hvctl.conf" \
    start vm1 vm2 > "$tmp/out" 2> "$tmp/err" || status=$?
grep -q "waiting for vm1, vm2 to start" "$tmp/err" || fail "$(cat "$tmp/err")"
[ $status = 130 ] || fail "exit status $status: $(cat "$tmp/err")"
[ $(($(date +%s) - began)) -lt 9 ] || fail "it waits for ten seconds"
assert_nothing_left
