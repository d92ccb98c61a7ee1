#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest of cloud-hypervisor is saved, in its jail, and goes on where it was:
# with NICs and disks, one of each plugged in while it ran.  What fails leaves
# nothing, and the guest goes on.  With the contract server, and with the real
# program if there is one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
requires_plugin net-bridge storage-raw storage-qcow2
requires qemu-img
in_namespace
make_bridge
make_host <<END
plugin cloud-hypervisor { program = "/nonexistent" }
network lan { type = bridge bridge = br0 }
END
saved=$tmp/state/vm/vm1/saved
state_files="config.json state.json memory-ranges"

# What the guest has said on its serial port, a moment from now.
listen ()
{
    sleep 0.4
    cp "$(console_log vm1)" "$tmp/console.out"
}

# Sets number to the last one that the guest has said; each time it has to be
# more.  Has it booted since, it says hello.
counts_on ()
{
    before=$number
    listen
    number=$(tr -d '\r' < "$tmp/console.out" \
        | sed -n 's/^count \([0-9a-f]\{8\}\)$/\1/p' | tail -n 1)
    number=$((0x${number:-0}))
    [ $number -gt "$before" ] || fail "it says $number after $before"
}

not_booted ()
{
    ! grep -q "tiny guest: hello" "$tmp/console.out" || fail "it has booted"
}

# lists LETTER: the names of what is lent so.
lists ()
{
    sed -n "s/^$1 .*\///p" "$tmp/run/vm/vm1/lent"
}

nothing_saved ()
{
    left=$(find "$tmp/state/vm" \( -name 'saved*' -o -name '*.new' \) \
        2> /dev/null || :)
    [ -z "$left" ] || fail "left: $left"
}

# start: it goes on, or boots with --fresh.
start ()
{
    expect "vm1 is running" hv start "$@" vm1
    pid=$(pid_of vm1)
    check_process "$pid"
    check_no_network "$pid"
    [ -z "$(lists '[nc]')" ] || fail "still lent: $(lists '[nc]')"
    nothing_saved
}

# What was saved, by name, is no longer to be had by the process.
cannot_open ()
{
    for file in $state_files; do
        inject "$pid" "result -2" 257 -100 "=/$file" 0 0
        inject "$pid" "result -2" 257 -100 "=/$file" 194 384 # O_CREAT|O_EXCL
    done
    # Of its root it may ask what it is (here to no address), and of nothing else.
    inject "$pid" "result -14" 4 "=/" 0
    inject "$pid" "result -38" 4 "=/etc" 0
}

# KVM of some nested machines cannot tell all that v53 asks of a processor:
# then that is said, and nothing is lost.
cannot_be_saved ()
{
    status=0
    hv save vm1 > "$tmp/out" 2> "$tmp/err" || status=$?
    [ $status -ne 0 ] || return 1
    grep -q "vm1 was not saved: .*Could not get vCPU state GetNestedState" \
        "$tmp/err" || fail "$(cat "$tmp/err")"
    ! grep -q "backtrace" "$tmp/err" || fail "$(cat "$tmp/err")"
    expect "vm1 is running" hv status vm1
    nothing_saved
    counts_on
    echo "this host's KVM has no KVM_GET_NESTED_STATE: not saved"
}

define_it ()
{
    define vm1 <<END
hypervisor = cloud-hypervisor
memory = 32M
cpus = 2
kernel = "$guest"
append = "count"
disk root { image = "$tmp/disks/root.qcow2" format = qcow2 }
disk data { image = "$tmp/disks/data.raw" format = raw readonly = yes }
nic lan { network = lan queues = 2 }
plugin cloud-hypervisor { max_cpus = 4 max_memory = 160M }
END
    truncate -s 1M "$tmp/disks/base.raw" "$tmp/disks/data.raw" \
        "$tmp/disks/more.raw"
    qemu-img create -q -f qcow2 -b base.raw -F raw "$tmp/disks/root.qcow2"
    chmod 600 "$tmp"/disks/*
}

there_and_back ()
{
    start
    counts_on
    if [ -n "${real-}" ] && cannot_be_saved; then
        hv kill vm1
        return
    fi
    [ -n "${real-}" ] || expect "vm1 is saved" hv save vm1
    saves=yes
    assert_nothing_left
    expect "vm1 *saved" hv list
    for file in $state_files; do
        [ "$(stat -c '%a %U' "$saved/$file")" = "600 root" ] \
            || fail "$(stat "$saved/$file")"
    done
    [ "$(stat -c %s "$saved/memory-ranges")" -ge 33554432 ] || fail "too small"
    hv plan vm1 | grep -q "$saved/state.json" || fail "not in the plan"

    start
    counts_on
    not_booted
    [ "$(ports)" = 1 ] || fail "no port"
    cannot_open

    # With more than it was started with.
    expect "running guest has it" hv attach-disk vm1 \
        "more:image=$tmp/disks/more.raw,format=raw"
    assert_same vm1
    expect "running guest has it" hv attach-nic vm1 second:lan
    assert_same vm1
    expect "running guest has it" hv resize vm1 --cpus 3
    assert_same vm1
    expect "running guest has been told" hv resize vm1 --memory 160M
    assert_same vm1
    hv save vm1
    assert_nothing_left
    start
    counts_on
    not_booted
    [ "$(ports)" = 2 ] || fail "no second port"
    expect "disk.more.read_bytes" hv counters vm1
    expect "no longer has it" hv detach-disk vm1 more
    assert_same vm1
    expect "no longer has it" hv detach-nic vm1 second
    assert_same vm1
    [ "$(ports)" = 1 ] || fail "the port is left"

    # Paused stays paused; a reboot of what went on opens all files again.
    hv pause vm1
    hv save vm1
    expect "vm1 is paused" hv start vm1
    assert_same vm1
    hv resume vm1
    counts_on
    not_booted

    # --fresh boots.
    hv save vm1
    start --fresh
    listen
    grep -q "tiny guest: hello" "$tmp/console.out" || fail "it has not booted"
    number=0
    counts_on
}

# It is not saved, for that reason, and the guest goes on as if nothing had
# been.
is_refused ()
{
    expect_fail '[1-9]*' "vm1 was not saved: .*$1" hv save vm1
    expect "vm1 is running" hv status vm1
    nothing_saved
    [ -z "$(lists '[nc]')" ] || fail "still lent: $(lists '[nc]')"
    counts_on
}

# An image that was not closed loses the format of the layer below: ch-vm.sh.
kill_it ()
{
    hv kill vm1
    define_it
}

fill_disk ()
{
    mkdir -p "$tmp/state/vm/vm1"
    mount -t tmpfs -o "size=$1,mode=755" none "$tmp/state/vm/vm1"
    cleanup_fn "umount '$tmp/state/vm/vm1' 2> /dev/null"
}

# Whoever saves is killed; the guest is paused, and can go on, and be saved.
killed_saving ()
{
    hv pause vm1
    kill -STOP "$pid"
    "$HVCTL" -c "$tmp/hvctl.conf" save vm1 &
    saver=$!
    wait_for 5 grep -q '^c ' "$tmp/run/vm/vm1/lent"
    sleep 0.2
    kill -9 $saver
    wait $saver || :
    kill -CONT "$pid"
    hv resume vm1
    counts_on
    hv save vm1
    start
    [ -z "${real-}" ] || return 0

    # The process goes on writing, and does not heed that nobody reads it.
    kill_it
    cp "$1" "$tmp/ch-server,CH_SERVER_SLOW=vm.snapshot"
    sed -i "s|program = .*|program = \"$tmp/ch-server,CH_SERVER_SLOW=vm.snapshot\" }|" \
        "$tmp/hvctl.conf"
    start
    number=0
    counts_on
    "$HVCTL" -c "$tmp/hvctl.conf" save vm1 &
    saver=$!
    wait_for 5 grep -q '^c ' "$tmp/run/vm/vm1/lent"
    kill -9 $saver
    wait $saver || :
    wait_for 10 test -s "$saved.new/memory-ranges"
    hv resume vm1
    counts_on
    hv save vm1
    nothing_new=$(find "$tmp/state/vm/vm1" -name '*.new')
    [ -z "$nothing_new" ] || fail "left: $nothing_new"
    sed -i "s|program = .*|program = \"$1\" }|" "$tmp/hvctl.conf"
    start
    counts_on
    not_booted
}

failures () # PROGRAM
{
    # No room: for the memory, and for what is written without a look.
    fill_disk 8M
    start
    number=0
    counts_on
    is_refused "No space left on device"
    kill_it
    umount "$tmp/state/vm/vm1"
    fill_disk 12K
    start
    number=0
    counts_on
    is_refused "json is incomplete\|No space left on device"
    kill_it
    umount "$tmp/state/vm/vm1"

    # A disk that it cannot go on writing to another image for.
    hv volume create default/vm1-root 8M > /dev/null
    sed -i "s|^disk root .*|disk root { size = 8M }|" "$tmp/vm.d/vm1.conf"
    start
    number=0
    counts_on
    expect_fail '[1-9]*' "cannot snapshot this disk while its VM runs" \
        hv snapshot create --memory vm1 s1
    [ ! -e "$tmp/state/vm/vm1/memory/s1" ] || fail "the memory of s1 is left"
    expect "vm1 is running" hv status vm1
    counts_on
    kill_it

    # The definition is another by now.
    start
    number=0
    counts_on
    cp "$tmp/vm.d/vm1.conf" "$tmp/before"
    sed -i "s/^cpus = 2/cpus = 1/; s/ queues = 2//" "$tmp/vm.d/vm1.conf"
    is_refused "differs from its definition (its 'cpus.boot_vcpus')"
    cp "$tmp/before" "$tmp/vm.d/vm1.conf"

    killed_saving "$1"

    # What was saved is damaged, in each of its files: it is kept, and said.
    hv save vm1
    cp -r "$saved" "$tmp/good"
    truncate -s -1 "$saved/config.json"
    damaged "config.json is incomplete or damaged"
    dd if=/dev/zero of="$saved/state.json" bs=1 seek=20 count=20 \
        conv=notrunc status=none
    damaged "state.json is incomplete or damaged"
    truncate -s -1 "$saved/memory-ranges"
    damaged "memory-ranges is incomplete or damaged"
    rm "$saved/memory-ranges"
    damaged "No such file"
    # Whole, but not what it expects.
    echo '{ "snapshots": 5 }' > "$saved/state.json"
    damaged "vm.restore.*The VM could not be restored: .*state snapshot"
    sed -i 's/"id":"nic-lan"/"id":"nic-lam"/' "$saved/config.json"
    damaged "differs from its definition (it has no .nic-lan.)"
    sed -i 's/"mac":"[0-9a-f:]*"/"mac":"02:00:00:00:00:99"/' \
        "$saved/config.json"
    damaged "differs from its definition ('mac' of its 'nic-lan')"
    start
    counts_on
    not_booted
    kill_it
    assert_nothing_left
}

# Its start fails with that; with what was good it would not.
damaged ()
{
    expect_fail '[1-9]*' "$1" hv start vm1
    assert_nothing_left
    [ "$(ports)" = 0 ] || fail "a port is left"
    expect "vm1 *saved" hv list
    rm -rf "$saved"
    cp -pr "$tmp/good" "$saved"
}

saving ()
{
    echo "with $1"
    sed -i "s|program = .*|program = \"$1\" }|" "$tmp/hvctl.conf"
    rm -rf "${tmp:?}"/disks/* "${tmp:?}/log" "$tmp/good" "$tmp/state"
    define_it
    number=0
    saves=
    there_and_back
    [ -n "$saves" ] || return 0
    kill_it
    failures "$1"
}

each_ch saving
