#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a start costs, as far as it can be counted, so that no noise changes it:
# requests to QEMU, processes, system calls of hvctl itself.  Its own processor
# time, too, of which a busy machine makes more: five times the bar of
# bench/run.  The bounds of calls are what was counted, and a tenth more.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires strace bash qemu-img
traced_hvctl
make_host
define_tiny vm1
qemu-img create -q -f qcow2 "$tmp/disks/root.qcow2" 64M
echo "disk root { image = \"$tmp/disks/root.qcow2\"  format = qcow2 }" \
    >> "$tmp/vm.d/vm1.conf"
# What is probed once is not the start's.
hv start vm1
hv kill vm1

# at_most WHAT COUNT 650
at_most ()
{
    echo "$1: $2, at most $3"
    [ "$2" -gt 0 ] && [ "$2" -le "$3" ] || fail "$1: $2, more than $3"
}

# -D: strace stays aside, and hvctl is our child.
strace -D -f -q -s 4096 -o "$tmp/trace" \
    -e trace=execve,execveat,clone,clone3,fork,vfork,sendmsg,exit_group \
    "$hvctl" -c "$tmp/hvctl.conf" start vm1
hv kill vm1
pid=$(head -n 1 "$tmp/trace" | cut -d ' ' -f 1)
sed "/^$pid *exit_group/q" "$tmp/trace" > "$tmp/start"
at_most "requests to QEMU" "$(grep -c 'execute\\":' "$tmp/start")" 4
grep -E '(clone3?|v?fork)\(' "$tmp/start" | grep -v CLONE_THREAD \
    > "$tmp/forks" || :
at_most "processes, with hypervisor and supervisor" \
    "$(wc -l < "$tmp/forks")" 2
at_most "programs executed, with hvctl" "$(grep -c 'exec.*= 0$' "$tmp/start")" 3

# The least of some: on a busy machine answers come in pieces.
calls=100000
for i in 1 2 3; do
    strace -qq -e signal=none -o "$tmp/trace.$i" "$hvctl" \
        -c "$tmp/hvctl.conf" start vm1
    hv kill vm1
    n=$(grep -c '(' "$tmp/trace.$i")
    calls=$((n < calls ? n : calls))
done
at_most "system calls of hvctl" $calls 640
# Those of the hypervisor and of the disk; the definition names no other one.
at_most "plugins loaded" "$(grep -c 'plugins.*\.so", O_RDONLY|O_CLOEXEC' \
    "$tmp/trace.1")" 2

# The least of some.
least=1000
for i in 1 2 3 4 5; do
    bash -c 'TIMEFORMAT="own %U %S"; time "$@"' bash \
        "$hvctl" -c "$tmp/hvctl.conf" start vm1 2> "$tmp/err"
    hv kill vm1
    ms=$(awk '$1 == "own" { printf "%d", ($2 + $3) * 1000 }' "$tmp/err")
    least=$((ms < least ? ms : least))
done
at_most "milliseconds of own processor time" "$least" 20
assert_nothing_left
