#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Commands do not become slower with the number of VMs, beyond what they print:
# counted in system calls, processes and memory, which noise does not touch.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
strace -o /dev/null true 2> /dev/null || skip "strace is not allowed to trace"
make_host
add_null
traced_hvctl
define_null vm1
# Not each of ten thousand is to be killed at the end.
cleanup_fn "find '$tmp/vm.d' -name 'vm???*.conf' -delete"

# calls COMMAND...: how many system calls hvctl itself makes.
calls ()
{
    strace -o "$tmp/trace" "$hvctl" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/out" 2> "$tmp/err" || [ $? = 6 ] || {
        cat "$tmp/err"
        fail "$*: it failed"
    }
    grep -c '^[a-z0-9_]*(' "$tmp/trace"
}

# read_of_directories: bytes, by the command that was traced.
read_of_directories ()
{
    sed -n 's/^getdents64(.* = //p' "$tmp/trace" \
        | awk '{ n += $1 } END { print n + 0 }'
}

# one KEY: commands for a single VM; the counts in files.
one ()
{
    for command in "list vm1" "list --wide vm1" "show vm1" "diff vm1" \
        "explain vm1" "validate vm1" "status vm1" "plan vm1" "start vm1" \
        "pause vm1" "list vm1" "status vm1" "diff vm1"; do
        # shellcheck disable=SC2086
        echo "$command:$(calls $command):$(read_of_directories)"
    done > "$tmp/$1"
    hv kill vm1 > "$tmp/out"
}

one warm-up
one few
# Each has run once, and its directory with what is kept is there.
# more FIRST LAST: VMs like it, made without other programs.
definition=$(cat "$tmp/vm.d/vm1.conf")
last=$(cat "$tmp/state/vm/vm1/last")
more ()
{
    seq "$1" "$2" | sed "s,^,$tmp/state/vm/vm," | xargs mkdir
    for n in $(seq "$1" "$2"); do
        echo "$definition" > "$tmp/vm.d/vm$n.conf"
        echo "$last" > "$tmp/state/vm/vm$n/last"
    done
}
more 2 1000
one many
# The names of a thousand are read by one call or two, and so counted in bytes.
paste -d : "$tmp/few" "$tmp/many" | awk -F : '
    { printf "%s: %d with one definition, %d with 1000\n", $1, $2, $5
      if ($5 > $2 * 1.05 + 5) { bad = 1; print "  ^ too many" }
      if ($6 > $3 + 1000) {
          bad = 1
          print "  ^ reads " $6 " bytes of names, " $3 " with one" } }
    END { exit bad }' || fail "a command for one VM depends on the others"

# What a list costs for each VM: its file is read, once, and how it ended.
all=$(calls list)
[ "$(wc -l < "$tmp/out")" = 1001 ] || fail "not all are listed"
[ "$(grep -c 'vm500.conf"' "$tmp/trace")" = 1 ] || fail "a file is read twice"
none=$(calls list vm1)
each=$(((all - none) / 1000))
echo "list: $each system calls for each VM"
[ $each -le 15 ] || fail "list makes $each system calls for each VM"
! grep -q '^\(clone3\?\|v\?fork\)(' "$tmp/trace" || fail "it makes processes"
# Each file is read, but not parsed, since it may be a fleet's.
# Without a column that needs it, neither states nor ends are read; labels need
# the definitions.
some=$(calls list -C name,labels)
[ "$(wc -l < "$tmp/out")" = 1001 ] || fail "not all are listed"
[ $((some - none)) -le 10500 ] \
    || grep -q "^#define HVCTL_SANITIZE" "$abs_top_builddir/config.h" \
    || fail "list -C name,labels: $some system calls"
bare=$(calls list -C name --sort -name)
[ $((bare - none)) -le 3200 ] || fail "list -C name: $bare system calls"
names=$(calls list --names)
[ $((names - none)) -le 3200 ] || fail "list --names: $names system calls"

# A fleet: its file is read once for all of its VMs, and has their plans.
# fleet COUNT: the rest is that of vm1.
fleet ()
{
    mkdir -p "$tmp/fleet.d"
    { echo "count = $1"; echo "$definition"; } > "$tmp/fleet.d/edge.conf"
    { echo "vm_dir = \"$tmp/fleet.d\""; cat "$tmp/hvctl.conf"; } > "$tmp/fleet.conf"
}
# in_fleet COMMAND...: how many system calls that makes.
in_fleet ()
{
    strace -o "$tmp/trace" "$hvctl" -c "$tmp/fleet.conf" "$@" \
        > "$tmp/out" 2> "$tmp/err" || fail "$*: $(cat "$tmp/err")"
    grep -c '^[a-z0-9_]*(' "$tmp/trace"
}
fleet 1000
all=$(in_fleet list)
[ "$(grep -c '^edge-' "$tmp/out")" = 1000 ] || fail "not all of the fleet are listed"
one=$(in_fleet list edge-7)
[ $((all - one)) -le 5000 ] || fail "list of a fleet: $all system calls"
[ "$(grep -c 'fleet.d/edge.conf", O_RDONLY' "$tmp/trace")" -le 2 ] \
    || fail "its file is read again and again"
seq 0 999 | sed "s,.*,$tmp/disks/edge-&-root.null," | xargs truncate -s 1M
plans=$(in_fleet plan edge)
[ "$(grep -c '"definition":' "$tmp/out")" -ge 1 ] || fail "there are no plans"
in_fleet list --names > "$tmp/count"
few=$(in_fleet validate edge-1)
all=$(in_fleet validate)
echo "fleet of 1000: validate $all, plan $plans system calls"
[ $(((all - few) / 1000)) -le 110 ] || fail "validate of a fleet: $all system calls"
fleet 10
one=$(in_fleet show --effective edge-3)
fleet 10000
many=$(in_fleet show --effective edge-3)
[ "$many" = "$one" ] || fail "one of 10: $one system calls, one of 10000: $many"
rm -r "$tmp/fleet.d"
find "$tmp/disks" -name 'edge-*' -delete

# Beside 2 and beside 20 that run: a command for one VM asks no other one, makes
# no more processes, and does no more than to look whether all are well.
for n in $(seq 10 29); do
    truncate -s 1M "$tmp/disks/vm$n-root.null"
done
# beside KEY: the counts, in files.
beside ()
{
    for command in "start vm1" "list vm1" "status vm1" "plan vm1" "diff vm1" \
        "pause vm1"; do
        : > "$tmp/null.log"
        # shellcheck disable=SC2086
        echo "$command:$(calls $command):$(grep -c hypervisor. "$tmp/null.log"
            ):$(grep -c '^clone\|^vfork' "$tmp/trace")"
    done > "$tmp/$1"
    hv kill vm1 > "$tmp/out"
}
hv start vm10 vm11 > "$tmp/out"
beside two
hv start 'vm1?' 'vm2?' > "$tmp/out" 2> "$tmp/err" || [ $? = 5 ]
hv kill vm1 > "$tmp/out"
[ "$(hv list --running --names | wc -l)" = 20 ] || fail "not twenty"
beside twenty
paste -d : "$tmp/two" "$tmp/twenty" | awk -F : '
    BEGIN { most["start vm1"] = 36; most["pause vm1"] = 15 }
    { printf "%s: %d beside 2 that run, %d beside 20\n", $1, $2, $6
      if ($6 > $2 + 18 * most[$1] + 5) { bad = 1; print "  ^ too many" }
      if ($7 > $3) { bad = 1; print "  ^ it asks others: " $7 " for " $3 }
      if ($8 > $4) { bad = 1; print "  ^ processes: " $8 " for " $4 } }
    END { exit bad }' || fail "a command for one VM depends on those that run"
hv kill 'vm2?' > "$tmp/out"

# Running ones: asked by at most three copies, and each state is read once.
before=$(grep -c status "$tmp/null.log" || :)
calls list --running > "$tmp/count"
[ "$(wc -l < "$tmp/out")" = 11 ] || fail "not ten: $(cat "$tmp/out")"
[ $(($(grep -c status "$tmp/null.log") - before)) = 10 ] \
    || fail "they are not asked once each"
[ "$(grep -c '^clone' "$tmp/trace")" -le 3 ] || fail "too many processes"
for n in 10 15; do
    [ "$(grep -c "\"$tmp/run/vm/vm$n/state\"" "$tmp/trace")" = 1 ] \
        || fail "the state of vm$n is not read once"
done
hv kill 'vm1?' > "$tmp/out"
assert_nothing_left

# Plans: the facts about a hypervisor are read once.
calls plan 'vm1?' > "$tmp/count"
[ "$(grep -c "facts/null-.*json" "$tmp/trace")" -le 1 ] || fail "facts"

# Memory: what is not shown is freed.  A sanitizer needs more than all of it.
nm "$hvctl" | grep -q __asan_ || {
    more 1001 10000
    # When its first line comes, and nobody reads on, it has all of them.
    mkfifo "$tmp/fifo"
    "$hvctl" -c "$tmp/hvctl.conf" list > "$tmp/fifo" & pid=$!
    exec 3< "$tmp/fifo"
    head -c 1 <&3 > "$tmp/first"
    kib=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
    cat <&3 > "$tmp/rest"
    exec 3<&-
    wait $pid
    echo "list of 10000: $kib KiB"
    [ "$kib" -le 10240 ] || fail "list of 10000 VMs needs $kib KiB"
}
