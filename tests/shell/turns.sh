#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two commands for the same VM or volume at once: who waited for the other finds
# all that the other has done, or, if that was killed meanwhile, finishes it
# first or takes it back; nobody goes on from what he saw before he waited.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img strace
traced_hvctl
renames=rename,renameat,renameat2
make_host
add_null

# new_vm: one with two disks in a pool of files, and a snapshot.
new_vm ()
{
    define_null vm1
    sed -i '/^disk/d' "$tmp/vm.d/vm1.conf"
    printf 'disk a { size = 1M }\ndisk b { size = 1M }\n' \
        >> "$tmp/vm.d/vm1.conf"
    hv create-disks vm1 > "$tmp/out"
    hv snapshot create vm1 s > "$tmp/out"
}

gone_vm ()
{
    hv kill vm1 > "$tmp/out" 2>&1 || :
    hv rm -y --disks vm1 > "$tmp/out" 2>&1 || :
    rm -rf "$tmp/state" "$tmp/vm.d/vm1.conf"
}

# first OPERATION COMMAND...: hangs in it, with the lock; sets holder.
first ()
{
    : > "$tmp/null.log"
    op=$1
    shift
    HVCTL_NULL_FAIL=$op:slow "$hvctl" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/first" 2>&1 &
    holder=$!
    wait_for 10 grep -q "^$op" "$tmp/null.log"
}

# slowed CALLS COMMAND...: the first of these calls takes two seconds.
slowed ()
{
    calls=$1
    shift
    strace -f -o "$tmp/calls" -e trace="$calls" \
        -e inject="$calls:delay_enter=2000000:when=1" \
        "$hvctl" -c "$tmp/hvctl.conf" "$@" > "$tmp/first" 2>&1 &
    holder=$!
    wait_for 10 test -s "$tmp/calls"
    sleep 0.3
}

# then_waits COMMAND...: another, that has to wait; sets waiter.
then_waits ()
{
    "$hvctl" -c "$tmp/hvctl.conf" "$@" > "$tmp/second" 2>&1 &
    waiter=$!
    sleep 0.5
    kill -0 $waiter || fail "$what: it did not wait: $(cat "$tmp/second")"
}

killed_meanwhile ()
{
    kill -9 $holder
    wait $holder || :
    status=0
    wait $waiter || status=$?
    [ -z "$(ls -A "$tmp/state/changes")" ] \
        || fail "$what: left: $(cat "$tmp/state/changes/"*)"
}

what="a save, killed while a resize waits"
new_vm
hv start vm1 > "$tmp/out"
first hypervisor.save save vm1
then_waits resize vm1 --cpus 2
killed_meanwhile
expect "^vm1 is running" hv status vm1
[ ! -e "$tmp/state/vm/vm1/saved.new" ] || fail "$what: it left what it wrote"

what="an attach, killed while another waits"
first hypervisor.attach_disk attach-disk vm1 new:1M
then_waits attach-disk vm1 other:1M
killed_meanwhile
hv volume list > "$tmp/out"
! grep -q vm1-new "$tmp/out" || grep -q "disk new" "$tmp/vm.d/vm1.conf" \
    || fail "$what: its volume is nobody's"
gone_vm

if [ "$(id -u)" = 0 ]; then
    what="an rm, killed while a start waits"
    new_vm
    slowed unlink,unlinkat rm -y vm1
    then_waits start vm1
    holder=$(sed -n '1s/ .*//p' "$tmp/calls")
    kill -9 "$holder"
    status=0
    wait $waiter || status=$?
    hv create other --memory 16M --hypervisor null > "$tmp/out" 2>&1
    hv list > "$tmp/out"
    [ $status != 0 ] || [ -e "$tmp/vm.d/vm1.conf" ] \
        || fail "$what: it runs without a definition"
    hv rm -y other > "$tmp/out"
    gone_vm
fi

# What fails while it is finished is neither given up nor gone over.
what="a revert, killed between the disks, and no room to finish it"
new_vm
strace -o "$tmp/calls" -e trace=$renames \
    -e inject=$renames:signal=KILL:error=EIO:when=2 \
    "$hvctl" -c "$tmp/hvctl.conf" snapshot revert vm1 s > "$tmp/out" 2>&1 || :
[ -e "$tmp/state/changes/vm1" ] || fail "$what: it was not interrupted"
# As often as it may be tried.
strace -o "$tmp/calls" -e trace=$renames -e inject=$renames:error=ENOSPC \
    "$hvctl" -c "$tmp/hvctl.conf" start vm1 > "$tmp/out" 2>&1 \
    && fail "$what: it was started all the same: $(cat "$tmp/out")"
grep -q "'snapshot revert s' was interrupted, and has to be completed first" \
    "$tmp/out" || fail "$what: $(cat "$tmp/out")"
[ -e "$tmp/state/changes/vm1" ] || fail "$what: it was given up"
hv start vm1 > "$tmp/out" 2>&1
[ ! -e "$tmp/state/changes/vm1" ] || fail "$what: it was not finished"
gone_vm

what="two clones of one name"
hv volume create default/src 1M > "$tmp/out"
hv volume snapshot default/src@s > "$tmp/out"
slowed $renames volume clone default/src@s default/dst
then_waits volume clone default/src@s default/dst
wait $holder || fail "$what: the first: $(cat "$tmp/first")"
! wait $waiter || fail "$what: both"
hv volume list > "$tmp/out"
grep -q "dst" "$tmp/out" || fail "$what: the second took it away"

for change in "revert vm1-a@s" "snapshot vm1-a@t"; do
    what="volume $change, and a start"
    new_vm
    slowed $renames volume $change
    then_waits start vm1
    wait $holder || fail "$what: $(cat "$tmp/first")"
    wait $waiter || fail "$what: start: $(cat "$tmp/second")"
    gone_vm
done
new_vm
mv "$tmp/vm.d/vm1.conf" "$tmp/vm1.conf"
what="volume rm, and a start"
slowed unlink,unlinkat volume rm -y vm1-a
mv "$tmp/vm1.conf" "$tmp/vm.d/vm1.conf"
then_waits start vm1
wait $holder || fail "$what: $(cat "$tmp/first")"
! wait $waiter || fail "$what: it was started without its disk"
gone_vm

# Names that resemble each other have locks of their own.
define_null vm1R
define_null vm21
hv start vm1R > "$tmp/out"
hv start vm21 > "$tmp/out"
first hypervisor.save save vm1R
from=$(date +%s%3N)
hv resize vm21 --cpus 2 > "$tmp/out"
took=$(($(date +%s%3N) - from))
[ $took -le $((1500 * ${HVCTL_TEST_PATIENCE:-1})) ] || fail "it took $took ms"
kill -9 $holder
hv kill vm1R vm21 > "$tmp/out" 2>&1
