#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A sealed hypervisor that a guest has taken over makes the calls by which it
# could hurt its logs and sockets.  What the sandbox does not know kills it, and
# status says what it was; of what it lets through nothing comes but that the
# hypervisor does not answer: every command ends soon, and stop ends it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
kernel_log reads
[ "$(uname -m)" = x86_64 ] || skip "calls are made on x86_64 only"
make_host
define_tiny vm1
gib=1073741824
log=$tmp/log/vm1/hypervisor.log

begin ()
{
    is_released vm1 || hv kill vm1
    hv start vm1
    pid=$(pid_of vm1)
    # Those that it listens on come first: QMP's, the console's.
    sockets=$(find "/proc/$pid/fd" -lname 'socket:*' | sed 's,.*/,,' | sort -n)
    # shellcheck disable=SC2086
    set -- $sockets
    [ $# -ge 2 ] || fail "which sockets are these: $sockets"
    qmp=$1 console=$2
}

# What it is killed for.
while read -r name call; do
    begin
    uid=$(field "/proc/$pid/status" Uid | cut -f 1)
    call=$(echo "$call" | sed "s/QMP/$qmp/")
    # shellcheck disable=SC2086
    inject "$pid" "killed 31" $call
    wait_for 10 is_released vm1
    hv status vm1 > "$tmp/out" || :
    grep -q "vm1 is stopped" "$tmp/out" || fail "$name: $(cat "$tmp/out")"
    if log_is_open \
        && dmesg | grep -q "type=1326.* uid=$uid .*syscall=${call%% *} "; then
        grep -q "killed by the sandbox: $name (" "$tmp/out" \
            || fail "$name: $(cat "$tmp/out")"
    else
        grep -q "killed by the sandbox" "$tmp/out" || fail "$(cat "$tmp/out")"
    fi
done <<END
fallocate 285 2 0 0 $gib
pwrite64 18 2 =x 1 $gib
fchmod 91 2 511
fchown 93 2 0 0
fsetxattr 190 2 =user.x =y 1 0
flock 73 2 2
copy_file_range 326 2 0 2 0 10 0
renameat2 316 -100 =/x -100 =/y 0
bind 49 QMP @0100 2
connect 42 QMP @0100 2
shutdown 48 QMP 2
sendto 44 QMP =x 1 0 0 0
END

# However long it was made.
is_cut ()
{
    [ "$(stat -c %s "$log")" -le $((16 << 20)) ] \
        && [ "$(stat -c %s "$log.1")" -le $((33 << 20)) ]
}

# What is refused.  QEMU 8.2 and newer truncates the file that it saves to after
# the seal (core/groups.c), and so can its log.
begin
"$inspect" filter "$pid" > "$tmp/filter" || fail "$(cat "$tmp/filter")"
truncated=-38
! grep -q "^call ftruncate$" "$tmp/filter" || truncated=0
inject "$pid" "result $truncated" 77 2 0            # ftruncate
inject "$pid" "result $truncated" 77 2 $gib
inject "$pid" "result -1" 87 =/qmp.sock             # unlink
inject "$pid" "result -1" 263 -100 =/qmp.sock 0     # unlinkat
inject "$pid" "result -38" 53 1 1 0 @0000000000000000  # socketpair
expect "^vm1 is running$" hv status vm1
[ $truncated = -38 ] || wait_for 10 is_cut

# It writes to its log at an offset of its own, which makes it long: it is cut,
# however often, and nobody has to read all of it.
inject "$pid" "result 0" 72 2 4 0                   # F_SETFL, no O_APPEND
for at in $gib $((4 * gib)) $((1024 * gib)); do
    inject "$pid" "result $at" 8 2 "$at" 0          # lseek
    inject "$pid" "result 1" 1 2 =x 1               # write
    wait_for 10 is_cut
done
[ "$(du -sk "$tmp/log" | cut -f 1)" -le $((80 << 10)) ] \
    || fail "the logs have $(du -sh "$tmp/log")"
expect "^vm1 is running$" hv status vm1
expect "vm1 has shut down" hv stop vm1

# timed MILLISECONDS STATUSES PATTERN COMMAND...: ends so soon, and says so.
timed ()
{
    limit=$(($1 * ${HVCTL_TEST_PATIENCE:-1})) statuses=$2 pattern=$3 status=0
    shift 3
    began=$(date +%s%3N)
    printf '\035' | timeout 120 "$HVCTL" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/out" 2>&1 || status=$?
    took=$(($(date +%s%3N) - began))
    echo "$way: $*: $took ms, status $status: $(head -n 1 "$tmp/out")"
    [ $took -le "$limit" ] || fail "$*: $took ms"
    expr "$status" : "$statuses\$" > /dev/null || fail "$*: status $status"
    [ -z "$pattern" ] || grep -q -e "$pattern" "$tmp/out" \
        || fail "$*: $(cat "$tmp/out")"
}

# It does not answer any more: it closes its sockets, or leaves no room in them.
for way in closed full; do
    begin
    for fd in $qmp $console; do
        case $way in
            closed) inject "$pid" "result 0" 3 "$fd" ;;
            full) inject "$pid" "result 0" 50 "$fd" 0 ;;    # listen
        esac
    done
    [ $way = closed ] || kill -STOP "$pid"
    if [ $way = full ]; then
        # Whoever came first has the only place.
        for socket in qmp console; do
            timeout 60 "$HVCTL" -c "$tmp/hvctl.conf" status vm1 \
                > "$tmp/first" 2>&1 &
        done
    fi
    timed 10000 0 "vm1 is running" status vm1
    timed 10000 0 "vm1 *running" list
    timed 30000 '[1-9]*' "vm1" pause vm1
    timed 30000 '[1-9]*' "vm1 may be paused" save vm1
    timed 60000 '[0-9]*' "" console vm1
    timed 60000 '[0-9]*' "vm1" stop --timeout 1 vm1
    is_released vm1 \
        || timed 10000 0 "vm1 was killed\|vm1 was not running" kill vm1
    gone "$pid" || fail "$way: it goes on"
    assert_nothing_left
done
