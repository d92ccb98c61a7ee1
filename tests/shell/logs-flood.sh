#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A log stays as short as the manual says, however fast a hypervisor writes it;
# what is kept of it is its end, also after a time in which nobody looked: the
# supervisor was suspended, or was not there.
# In memory: who writes to a disk as fast as this makes everybody wait for it.
[ ! -w /dev/shm ] || TMPDIR=/dev/shm
export TMPDIR
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1 flood
log=$tmp/log/vm1/hypervisor.log
mib=1048576

# Sets longest, in MiB, as it was seen within so many seconds.
watch_log ()
{
    longest=0 until=$(($(date +%s) + $1))
    while [ "$(date +%s)" -lt $until ]; do
        size=$(($(stat -c %s "$log") / mib))
        [ $size -le $longest ] || longest=$size
    done
}

written ()
{
    awk '/^wchar/ { print $2 }' "/proc/$pid/io"
}

hv start vm1
pid=$(pid_of vm1)
# 16 MiB, and what comes while the supervisor waits for a processor and copies:
# less than in a second, unless others want the processors, too.
for attempt in 1 2 3 4; do
    before=$(written)
    watch_log 4
    rate=$((($(written) - before) / mib / 4))
    echo "$rate MiB/s are written, the log had at most $longest MiB"
    [ $longest -gt $((32 + rate)) ] || break
done
[ $rate -gt 16 ] || fail "that is no flood"
[ $longest -le $((32 + rate)) ] || fail "the log is too long"
size=$(($(stat -c %s "$log.1") / mib))
[ $size -le 33 ] || fail "the log before is too long: $size MiB"

# Suspended: it grows, and is cut as soon as somebody looks again.
supervisor=$(supervisor_of vm1)
kill -STOP "$supervisor"
grown ()
{
    [ "$(stat -c %s "$log")" -gt $((64 * mib)) ]
}
wait_for 20 grown
kill -STOP "$pid"
kill -CONT "$supervisor"
is_short ()
{
    [ "$(stat -c %s "$log")" -le $((16 * mib)) ]
}
wait_for 3 is_short
[ "$(stat -c %s "$log.1")" -le $((33 * mib)) ] || fail "all of it is kept"
kill -CONT "$pid"

# Without one, the next command that changes something makes one.
kill -9 "$supervisor"
wait_for 20 grown
define_null vm2
hv start vm2
kill -STOP "$pid"
wait_for 3 is_short
kill -CONT "$pid"
hv kill vm1
hv kill vm2

# Who writes little wakes nobody up for long: time of processor in ticks.
define_null vm3
hv start vm3
supervisor=$(supervisor_of vm3)
ticks ()
{
    awk '{ print $14 + $15 }' "/proc/$supervisor/stat"
}
before=$(ticks)
for i in 1 2 3 4 5 6 7 8 9 10; do
    echo "line $i" >> "$tmp/log/vm3/hypervisor.log"
    sleep 0.1
done
[ $(($(ticks) - before)) -le 3 ] || fail "the supervisor is busy"
hv kill vm3
assert_nothing_left
