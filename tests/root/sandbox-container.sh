#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In a container the kernel's log has other process numbers than hvctl, and
# other user ids where it has a user namespace.  A VM that the sandbox killed is
# found there all the same, and not taken for another; where the log is not to
# be read, hvctl says so.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
kernel_log reads
[ "$(uname -m)" = x86_64 ] || skip "numbers of calls are of x86_64"

# in_container KIND [USERS]: this test, in pid and mount namespaces of its own,
# and, if there are USERS, in a user namespace with that map.
in_container ()
{
    requires unshare
    export HVCTL_TEST_CONTAINER="$1"
    status=0
    if [ $# = 1 ]; then
        unshare -pfm sh "$0" || status=$?
    else
        unshare -U sh -c 'until grep -q . /proc/self/uid_map; do
                              sleep 0.05
                          done
                          exec unshare -pfm sh "$0"' "$0" &
        for map in uid_map gid_map; do
            wait_for 10 sh -c "printf '$2' > /proc/$!/$map"
        done
        wait $! || status=$?
    fi
    [ $status -eq 0 ] || exit $status
}

if [ -z "${HVCTL_TEST_CONTAINER-}" ]; then
    in_container pids
    # With the user ids that make_host takes somewhere else.
    in_container users '0 0 65536\n1879048192 1000000000 2000000\n'
    exit 0
fi

mount -t proc proc /proc
make_host
# What the log says of calls that killed.
records ()
{
    dmesg 2> /dev/null | grep -c "type=1326.* sig=31 .*syscall=$1 " || :
}

n=0
for call in "socket 41 2 1 0" "mount 165 0 0 0 0"; do
    n=$((n + 1))
    define_tiny vm$n
    hv start vm$n
    pid=$(pid_of vm$n)
    before=$(records "$(expr "$call" : '[a-z]* \([0-9]*\)')")
    # shellcheck disable=SC2086
    inject "$pid" "killed 31" ${call#* }
    wait_for 10 is_released vm$n
    hv status vm$n > "$tmp/out" || :
    grep "killed by the sandbox: " "$tmp/out"
    if ! log_is_open; then
        grep "which one is unknown: /dev/kmsg: .*host" "$tmp/out"
    elif [ "$(records "$(expr "$call" : '[a-z]* \([0-9]*\)')")" \
        -gt "$before" ]; then
        grep "killed by the sandbox: ${call%% *} (" "$tmp/out"
        seen=yes
    else
        grep "no record of it" "$tmp/out" # The kernel wrote none: too many.
    fi
done
echo "$HVCTL_TEST_CONTAINER: named: ${seen:-no}"
assert_nothing_left
