#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that reads and writes its disk all the time is not killed by mistake:
# 20 seconds, or five minutes in 'make check-long'.  It is stopped in the midst
# of that, by signals, by a cgroup's freezer and by hvctl, and goes on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires qemu-img
make_host
define_linux vm1 <<END
disk data { size = 64M }
END
hv volume create default/vm1-data 64M
hv start vm1
wait_console vm1 "hvctl-guest: ready"
pid=$(pid_of vm1)

# A frozen cgroup of its own, of either version.
freezer=
for dir in /sys/fs/cgroup/freezer /sys/fs/cgroup/unified /sys/fs/cgroup; do
    group=$dir/hvctl-test-$$
    if [ -z "$freezer" ] && mkdir "$group" 2> "$tmp/err"; then
        if [ -e "$group/freezer.state" ] || [ -e "$group/cgroup.freeze" ]; then
            freezer=$group
        else
            rmdir "$group"
        fi
    fi
done
remove_freezer ()
{
    [ -n "$freezer" ] || return 0
    # The VM may still be in it.
    while read -r left; do
        echo "$left" > "$(dirname "$freezer")/cgroup.procs"
    done < "$freezer/cgroup.procs"
    rmdir "$freezer"
}
cleanup_fn remove_freezer
if [ -n "$freezer" ]; then
    echo "freezer: $freezer"
    echo "$pid" > "$freezer/cgroup.procs"
fi

is_frozen ()
{
    if [ -e "$freezer/freezer.state" ]; then
        grep -q FROZEN "$freezer/freezer.state"
    else
        grep -q "frozen 1" "$freezer/cgroup.events"
    fi
}

freeze_and_thaw ()
{
    if [ -e "$freezer/freezer.state" ]; then
        echo FROZEN > "$freezer/freezer.state"
        wait_for 10 is_frozen
        sleep 0.05
        echo THAWED > "$freezer/freezer.state"
    elif [ -e "$freezer/cgroup.freeze" ]; then
        echo 1 > "$freezer/cgroup.freeze"
        wait_for 10 is_frozen
        sleep 0.05
        echo 0 > "$freezer/cgroup.freeze"
    fi
}

until=$(($(date +%s) + ${HVCTL_IO_SECONDS:-20}))
n=0
while [ "$(date +%s)" -lt $until ]; do
    n=$((n + 1))
    guest vm1 write vda $((n % 4096 * 8192)) "block-$n"
    guest vm1 read vda $((n % 4096 * 8192)) $((6 + ${#n}))
    grep -q "hvctl-guest: read: block-$n" "$(console_log vm1)" \
        || fail "block $n was not read back"
    if [ $((n % 20)) = 2 ]; then
        kill -STOP "$pid"
        sleep 0.05
        kill -CONT "$pid"
        [ -z "$freezer" ] || freeze_and_thaw
        hv pause vm1
        hv resume vm1
    fi
done
echo "$n blocks"
[ $n -ge 5 ] || fail "$n blocks only"
[ "$(pid_of vm1)" = "$pid" ] || fail "it is another process"
hv stop vm1
assert_nothing_left
