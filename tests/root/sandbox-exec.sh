#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A hypervisor executes one program, itself, and never another: whichever of
# its threads tries, and however, it ends with all of its threads, and nothing
# was executed.  (QEMU's own sandbox would end the thread alone if it tries the
# number that it was executed by, and the rest would hang.)
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
kernel_log fills
requires qemu-img
[ "$(uname -m)" = x86_64 ] || skip "numbers of calls are of x86_64"
make_host
define_tiny vm1
echo "disk root { size = 16M }" >> "$tmp/vm.d/vm1.conf"
hv volume create default/vm1-root 16M

# attack THREAD ARGUMENT...: the thread (1: the first) makes the call.
attack ()
{
    hv start vm1
    pid=$(pid_of vm1)
    tid=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 -printf '%f\n' \
        | sort -n | sed -n "$1p")
    limit=$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")
    shift
    call=$(echo "$*" | sed "s/LIMIT/$limit/g")
    # shellcheck disable=SC2086
    inject "$tid" "killed 31" $call
    wait_for 10 is_released vm1
    [ ! -d "/proc/$pid" ] || fail "$call: /proc/$pid is still there"
    hv status vm1 > "$tmp/status" || :
    grep "killed by the sandbox" "$tmp/status" || fail "$(cat "$tmp/status")"
    assert_nothing_left
}

# execveat is 322, execve 59; 0x1000 is AT_EMPTY_PATH, -100 AT_FDCWD
attack 1 59 =/usr/bin/touch 0 0
attack 1 322 LIMIT = 0 0 0x1000
attack 1 322 LIMIT = = = 0x1000
attack 1 322 LIMIT =/usr/bin/touch 0 0 0x1000
attack 1 322 LIMIT = 0 0 0
attack 1 322 -100 =/usr/bin/touch 0 0 0
attack 1 322 -100 = 0 0 0x1000
attack 1 322 4 = 0 0 0x1000
attack 1 322 0x100000000 = 0 0 0x1000
# A number with other bits above the 32 that the kernel reads.
attack 1 322 $((0x7fff00000000 + 256)) = 0 0 0x1000
# Another thread than the first.
attack 2 322 LIMIT = 0 0 0x1000
attack 3 59 =/usr/bin/touch 0 0

# And if the filter let it pass: nothing has the number, and no descriptor can
# get it, or a higher one.
hv start vm1
pid=$(pid_of vm1)
limit=$(awk '/^Max open files/ { print $4 }' "/proc/$pid/limits")
[ ! -e "/proc/$pid/fd/$limit" ] || fail "the number is open"
# fcntl (1, F_DUPFD_CLOEXEC, LIMIT), dup (1)
inject "$pid" "result -22" 72 1 1030 "$limit"
said=$("$inspect" call "$pid" 32 1) || fail "dup was not made"
case $said in
    "result -38" | "killed 31") ;;
    *) fail "dup: $said" ;;
esac
hv kill vm1
assert_nothing_left
