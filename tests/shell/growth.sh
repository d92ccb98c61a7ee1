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

# one KEY: commands for a single VM; the counts in files.
one ()
{
    for command in "list vm1" "status vm1" "plan vm1" "start vm1" "pause vm1" \
        "list vm1" "status vm1"; do
        # shellcheck disable=SC2086
        echo "$command: $(calls $command)"
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
paste -d : "$tmp/few" "$tmp/many" | awk -F : '
    { printf "%s: %d with one definition, %d with 1000\n", $1, $2, $4
      if ($4 > $2 * 1.05 + 5) { bad = 1; print "  ^ too many" } }
    END { exit bad }' || fail "a command for one VM depends on the others"

# What a list costs for each VM: its definition is read, and how it ended.
all=$(calls list)
[ "$(wc -l < "$tmp/out")" = 1001 ] || fail "not all are listed"
none=$(calls list vm1)
each=$(((all - none) / 1000))
echo "list: $each system calls for each VM"
[ $each -le 15 ] || fail "list makes $each system calls for each VM"
! grep -q '^\(clone3\?\|v\?fork\)(' "$tmp/trace" || fail "it makes processes"
# Without a column that needs it, neither states nor ends are read; labels need
# the definitions.
some=$(calls list -C name,labels)
[ "$(wc -l < "$tmp/out")" = 1001 ] || fail "not all are listed"
[ $((some - none)) -le 7500 ] || fail "list -C name,labels: $some system calls"
bare=$(calls list -C name --sort -name)
[ $((bare - none)) -le 200 ] || fail "list -C name: $bare system calls"
names=$(calls list --names)
[ $((names - none)) -le 200 ] || fail "list --names: $names system calls"

# Running ones: asked by at most three copies, and each state is read once.
for n in $(seq 10 19); do
    truncate -s 1M "$tmp/disks/vm$n-root.null"
done
hv start 'vm1?' > "$tmp/out" 2> "$tmp/err"
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
