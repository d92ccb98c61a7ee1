#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The table of system calls against what the QEMU that is installed calls: none
# is missing, the machines did what they were to do, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires qemu-img
[ "$(uname -m)" = x86_64 ] || skip "the machines that are tried are PCs"
make_host
# Where its directory is: nobody else's is looked at.
mkdir "$tmp/place"
TMPDIR=$tmp/place
export TMPDIR
worlds ()
{
    find "$tmp/place" -maxdepth 1 -name 'hvctl-learn.*' | sort
}
before=$(worlds)

# did FEATURE MACHINE
did ()
{
    grep -q "^$2  *$1\$" "$tmp/out" || fail "$2: not done: $1"
}

status=0
hv sandbox learn > "$tmp/out" 2> "$tmp/err" || status=$?
[ $status -eq 0 ] || {
    cat "$tmp/out" "$tmp/err"
    fail "exit status $status"
}
for machine in q35-tcg pc-tcg; do
    for feature in start "read, write, reset, read" pause resume snapshot \
        "enlarge a disk" save restore "plug in a disk" stop; do
        did "$feature" $machine
    done
done
did "plug in a NIC" pc-tcg
did network pc-tcg
grep "^[3-9] machines, 0 calls missing from the table, 0 steps failed" "$tmp/out"
[ ! -s "$tmp/err" ] || fail "it says: $(cat "$tmp/err")"
# Only what this host has not was not tried: KVM that works, firmware.
! grep ": not tried: " "$tmp/out" | grep -v "KVM\|firmware" \
    || fail "not tried without need"

# A step that fails is no success, and says why: a passt that the sandbox kills.
cat > "$tmp/broken.c" <<'END'
#include <unistd.h>
#include <sys/syscall.h>
int main (void) { return (int) syscall (SYS_ptrace, 0, 0, 0, 0); }
END
$CC -o "$tmp/passt" "$tmp/broken.c"
cp "$tmp/hvctl.conf" "$tmp/broken.conf"
echo "plugin net-user { program = \"$tmp/passt\" }" >> "$tmp/broken.conf"
define_tiny vm0
echo "nic lan { network = user }" >> "$tmp/vm.d/vm0.conf"
chmod 755 "$tmp" "$tmp/passt"
status=0
"$HVCTL" -c "$tmp/broken.conf" sandbox learn vm0 > "$tmp/out" 2> "$tmp/err" \
    || status=$?
[ $status -ne 0 ] && [ $status -ne 10 ] || fail "status $status"
expect_in_out ()
{
    grep "$1" "$tmp/out" || fail "it does not say: $1"
}
expect_in_out "^vm0  *start: failed: .*passt"
expect_in_out "^0 machines, 0 calls missing from the table, 1 steps failed"
rm "$tmp/vm.d/vm0.conf"

# Like a VM of ours, which is not touched; and what it did not need.
define_tiny vm1
hv explain vm1 > "$tmp/out"
! grep "^note:" "$tmp/out" || fail "not remembered what was tried"
echo "disk root { size = 16M }" >> "$tmp/vm.d/vm1.conf"
hv volume create default/vm1-root 16M
sum=$(cksum < "$tmp/state/disks/vm1-root.qcow2")
hv sandbox learn -o json --unused vm1 > "$tmp/json"
grep '"machine": *"vm1"' "$tmp/json"
grep '"differences": *0' "$tmp/json"
grep -A 2 '"group": *"base"' "$tmp/json" | grep '"call": *"' > "$tmp/unused"
[ -s "$tmp/unused" ] || fail "it needed all of it?"
! grep -A 1 '"group": *"base"' "$tmp/json" | grep '"call": *"read"' \
    || fail "it is said that it never read"
[ "$(cksum < "$tmp/state/disks/vm1-root.qcow2")" = "$sum" ] \
    || fail "the VM's disk was written to"
expect_fail 3 "no VM\|nobody" hv sandbox learn nobody

# What cannot be run is said.
expect_fail 4 "no machine could be started" hv sandbox learn --arch riscv64
[ "$(worlds)" = "$before" ] || fail "left behind: $(worlds)"
assert_nothing_left
