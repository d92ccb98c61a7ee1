#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who takes a change back is killed at the end of that, too: the next command
# does not take it for finished.  And what a VM was saved as is put back if its
# guest has not gone on, though the hypervisor of the start that was killed has
# not ended yet.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
traced_hvctl
make_host
add_null
define_null vm1
printf 'disk a { size = 1M }\n' >> "$tmp/vm.d/vm1.conf"
hv create-disks vm1
hv start vm1
cp "$tmp/vm.d/vm1.conf" "$tmp/before"

# killed_at_the_end COMMAND...: it fails, is taken back, and is killed before the
# journal goes.
killed_at_the_end ()
{
    ! strace -o "$tmp/calls" -e trace=unlink,unlinkat \
        -P "$tmp/state/changes/vm1" \
        -e inject=unlink,unlinkat:signal=KILL:error=EIO:when=1 \
        "$hvctl" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/out" 2>&1 || fail "$*: it was not killed"
    [ -e "$tmp/state/changes/vm1" ] || fail "$*: there is no journal"
}

for change in "detach detach-disk vm1 a" "attach_disk attach-disk vm1 new:1M" \
    "attach_nic attach-nic vm1 more:null" "resize resize vm1 --cpus 2"; do
    # shellcheck disable=SC2086
    set -- $change
    HVCTL_NULL_FAIL=hypervisor.$1
    export HVCTL_NULL_FAIL
    shift
    killed_at_the_end "$@"
    unset HVCTL_NULL_FAIL
    hv pause vm1 > "$tmp/out" 2>&1
    hv resume vm1
    ! grep "finished\|completed" "$tmp/out" || fail "$*: it was taken back"
    cmp "$tmp/before" "$tmp/vm.d/vm1.conf" || fail "$*: the definition is another"
    [ -z "$(ls -A "$tmp/state/changes")" ] || fail "$*: it is unfinished"
done
! hv volume list | grep -q " vm1-new " || fail "the volume is there"
hv detach-disk vm1 a

# ------------------------------------------------ A start of what was saved
define_null other
hv save vm1
saved=$tmp/state/vm/vm1/saved
strace -o "$tmp/calls" -e trace=rename,renameat,renameat2 -P "$saved" \
    -e inject=rename,renameat,renameat2:delay_exit=60000000:when=1 \
    "$hvctl" -c "$tmp/hvctl.conf" start vm1 \
    > "$tmp/first" 2>&1 &
tracer=$!
wait_for 10 test -d "$saved.used"
starter=$(sed 's/ .*//' "$tmp/run/vm/vm1/starter")
kill -STOP "$starter"
kill -KILL $tracer
supervisor=$(sed -n 's/.*"supervisor": *\([0-9]*\).*/\1/p' \
    "$tmp/run/vm/vm1/state")
# Another command is past its look at VMs that were left half-way.
strace -o "$tmp/calls2" -e trace=openat,open -P "$tmp/state/changes" \
    -e inject=openat,open:delay_enter=1000000:when=1 \
    "$hvctl" -c "$tmp/hvctl.conf" start other \
    > "$tmp/second" 2>&1 &
second=$!
wait_for 10 grep -q changes "$tmp/calls2"
kill -STOP "$supervisor"
kill -KILL "$starter"
wait $second || fail "$(cat "$tmp/second")"
kill -CONT "$supervisor"
hv stop other
wait_for 10 is_released vm1
[ -d "$saved" ] || fail "what was saved is gone: $(cat "$tmp/second")"
expect "^vm1 *saved" hv list vm1
hv start vm1
expect "vm1 is running" hv status vm1
hv kill vm1
assert_nothing_left
: > "$tmp/null.log"

# --------------------------------- A start that is killed while another waits
# Its hypervisor is sealed, and its guest would run: without its disks.
define_null vm1
for command in "resume vm1" "pause vm1" "stop -t 1 vm1" "resize vm1 --cpus 1" \
    "snapshot create vm1 s" "detach-nic vm1 lan" "save vm1"; do
    define_null vm1
    rm -rf "$tmp/state/vm/vm1"
    mkdir -p "$tmp/state/vm/vm1"
    : > "$tmp/calls"
    strace -o "$tmp/calls" -e trace=unlink,unlinkat \
        -P "$tmp/state/vm/vm1/last" \
        -e inject=unlink,unlinkat:delay_enter=60000000 \
        "$hvctl" -c "$tmp/hvctl.conf" start vm1 \
        > "$tmp/first" 2>&1 &
    tracer=$!
    wait_for 10 grep -q last "$tmp/calls"
    starter=$(sed 's/ .*//' "$tmp/run/vm/vm1/starter")
    kill -STOP "$starter"
    kill -KILL $tracer
    # shellcheck disable=SC2086
    "$hvctl" -c "$tmp/hvctl.conf" $command \
        > "$tmp/second" 2>&1 &
    second=$!
    sleep 0.3
    kill -KILL "$starter"
    wait $second || :
    ! hv list vm1 | grep "running\|paused" || fail "$command: it runs"
    ! grep -q "^hypervisor.go\|^hypervisor.resume" "$tmp/null.log" \
        || fail "$command: it was let go"
    hv start vm1
    hv kill vm1
    assert_nothing_left
    : > "$tmp/null.log"
done

# ------------------------- One that is killed when its guest has begun to run
for saved in no yes; do
    define_null vm1
    hv start vm1 other
    [ $saved = no ] || hv save vm1
    [ $saved = yes ] || hv kill vm1
    : > "$tmp/null.log"
    strace -o "$tmp/calls" -e trace=rename,renameat,renameat2 \
        -e inject=rename,renameat,renameat2:delay_enter=700000 \
        "$hvctl" -c "$tmp/hvctl.conf" start vm1 \
        > "$tmp/first" 2>&1 &
    tracer=$!
    wait_for 20 grep -q "^hypervisor.go" "$tmp/null.log"
    starter=$(sed 's/ .*//' "$tmp/run/vm/vm1/starter")
    kill -STOP "$starter"
    kill -KILL $tracer
    kill -KILL "$starter"
    wait_for 5 gone "$starter"
    hv stop other > "$tmp/out" 2>&1
    expect "^vm1 *running" hv list vm1
    [ ! -e "$tmp/state/vm/vm1/saved" ] || fail "it runs, and is saved"
    expect "vm1 is running" hv status vm1
    hv stop vm1
    assert_nothing_left
done

# A release that comes late, when the VM runs again, has nothing to do.
hv start vm1
from=$(date +%s%3N)
hv release vm1
[ $(($(date +%s%3N) - from)) -lt $((2000 * ${HVCTL_TEST_PATIENCE:-1})) ] \
    || fail "a late release takes long"
expect "vm1 is running" hv status vm1
hv kill vm1
