#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A VM on cloud-hypervisor from start to end, in its jail.  Its files belong to
# root and nobody else may touch them; they stay so.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
requires_plugin net-bridge storage-qcow2 storage-raw
requires qemu-img perl
in_namespace
make_bridge

events ()
{
    grep -q "\"event\": \"$2\"" "$tmp/log/$1/events.log"
}

# ended VM PATTERN: so its last run did.
ended ()
{
    hv status "$1" > "$tmp/out" || :
    grep -q "$1 is stopped" "$tmp/out" || fail "$(cat "$tmp/out")"
    grep -q "$2" "$tmp/out" || fail "$(cat "$tmp/out")"
}

# said_hello VM TIMES: its guest has booted as often, at least.
said_hello ()
{
    [ "$(grep -c "tiny guest: hello" "$(console_log "$1")")" -ge "$2" ]
}

# define_ch NAME WORD: standard input is added.
define_ch ()
{
    define "$1" <<END
hypervisor = cloud-hypervisor
memory = 128M
cpus = 2
kernel = "$guest"
append = "$2"
disk root { image = "$tmp/disks/$1.qcow2" format = qcow2 }
disk data { image = "$tmp/disks/$1.raw" format = raw }
nic lan { network = lan queues = 2 }
plugin cloud-hypervisor { max_cpus = 4 max_memory = 256M }
END
    truncate -s 1M "$tmp/disks/$1.base" "$tmp/disks/$1.raw"
    # Named as it is seen from the image.
    qemu-img create -q -f qcow2 -b "$1.base" -F raw "$tmp/disks/$1.qcow2"
    chmod 600 "$tmp/disks/$1."*
}

# An image that was not closed is repaired by cloud-hypervisor when it is opened
# again, and loses the format of the layer below (v53, header.rs).
restate ()
{
    qemu-img rebase -u -f qcow2 -F raw -b "$1.base" "$tmp/disks/$1.qcow2"
}

check_hypervisor ()
{
    check_process "$1"
    check_no_network "$1"
    for fd in "/proc/$1/fd"/*; do
        case $(readlink "$fd") in
            "$tmp"/* | "socket:["* | "anon_inode:"* | "/memfd:"*) ;;
            "") ;; # Closed meanwhile.
            /dev/null | /dev/kvm | /dev/urandom | /dev/net/tun) ;;
            *) fail "holds $(readlink "$fd")" ;;
        esac
    done
}

# Of all there is it can open what it was lent, and so as it was lent.
check_lending ()
{
    inject "$1" "result [0-9]*" 257 -100 "=$tmp/disks/vm1.raw" 2 0
    inject "$1" "result [0-9]*" 257 -100 "=$tmp/disks/vm1.base" 0 0
    inject "$1" "result [0-9]*" 257 -100 "=vm1.base" 0 0
    inject "$1" "result -13" 257 -100 "=$tmp/disks/vm1.base" 1 0
    inject "$1" "result -13" 257 -100 "=$guest" 513 0
    for path in /etc/passwd /dev/kvm "$tmp/disks" "$tmp/hvctl.conf" \
        "$tmp/disks/../hvctl.conf" "$tmp/disks/vm2.raw" vm2.raw .. /; do
        inject "$1" "result -2" 257 -100 "=$path" 0 0
    done
    inject "$1" "result -38" 4 "=$tmp/disks/vm1.raw" 0     # stat
    # A lock of somebody who is about to go is waited for.
    perl -e 'open my $f, "+<", $ARGV[0] or die;
        my $lock = pack "ssx4qqix4", 1, 0, 0, 0, 0; # F_WRLCK, all of it
        fcntl $f, 37, $lock or die;                 # F_OFD_SETLK
        print "locked\n"; close STDOUT; select undef, undef, undef, 0.2' \
        "$tmp/disks/vm1.base" > "$tmp/locker" &
    locker=$!
    wait_for 5 grep -q locked "$tmp/locker"
    inject "$1" "result [0-9]*" 257 -100 "=$tmp/disks/vm1.base" 0 0
    ! grep -q ":$(stat -c %i "$tmp/disks/vm1.base") " /proc/locks \
        || fail "the lock was not waited for"
    wait $locker
    # What somebody puts in the place of a file was not lent.
    mv "$tmp/disks/vm1.raw" "$tmp/disks/vm1.away"
    ln -s /etc/passwd "$tmp/disks/vm1.raw"
    inject "$1" "result -116" 257 -100 "=$tmp/disks/vm1.raw" 2 0 # ESTALE
    mv "$tmp/disks/vm1.away" "$tmp/disks/vm1.raw"
    inject "$1" "result [0-9]*" 257 -100 "=$tmp/disks/vm1.raw" 2 0
    inject "$1" "result -38" 10 0 4096 5                   # mprotect
}

whole_life ()
{
    echo "with $1"
    sed -i "s|program = .*|program = \"$1\" }|" "$tmp/hvctl.conf"
    rm -rf "${tmp:?}"/vm.d/* "${tmp:?}"/disks/* "${tmp:?}/log"
    define_ch vm1 wait
    define_ch vm2 triple
    define_ch vm3 poweroff
    before=$(stat -c '%n %U %a' "$tmp"/disks/*)

    hv start vm1 2> "$tmp/err"
    grep -q "degraded.*brokered files" "$tmp/err" || fail "unannounced"
    expect "vm1 is running" hv status vm1
    expect "degraded *this hypervisor" hv sandbox show vm1
    expect '"weaker": *"this hypervisor' hv sandbox show -o json vm1
    expect "^brokered .*vm1.raw (read and write)" hv sandbox show vm1
    pid=$(pid_of vm1)
    check_hypervisor "$pid"
    check_lending "$pid"
    assert_few_calls "$pid" 70 100
    sleep 1 # It gives back what work had needed.
    kib=$(awk '/^Pss:/ { print $2 }' "/proc/$(supervisor_of vm1)/smaps_rollup")
    [ "$kib" -gt 0 ] && [ "$kib" -le 307 ] || fail "supervisor: $kib KiB PSS"
    expect "vm1 is running" hv status vm1
    wait_for 5 said_hello vm1 1
    [ "$(ports)" = 1 ] || fail "no port"
    expect_fail 5 "already running" hv start vm1
    sed -i "s/vm2.raw/vm1.raw/" "$tmp/vm.d/vm2.conf"
    expect_fail 5 "vm1.raw is in use by VM vm1" hv start vm2
    sed -i "s/vm1.raw/vm2.raw/" "$tmp/vm.d/vm2.conf"
    hv pause vm1
    expect "vm1 is paused" hv status vm1
    hv resume vm1
    expect "has shut down" hv stop vm1
    assert_nothing_left
    events vm1 shutdown || fail "no event"
    ended vm1 "its guest has shut down"

    # A guest that reboots has its machine made anew, in the same process, for
    # which it opens all of its files again.
    hv start vm2
    pid=$(pid_of vm2)
    wait_for 5 events vm2 rebooted
    [ "$(pid_of vm2)" = "$pid" ] || fail "another process"
    wait_for 10 said_hello vm2 3
    wait_for 5 hv pause vm2 # Else it opens and closes as we look.
    check_hypervisor "$pid"
    expect "vm2 is paused" hv status vm2

    hv kill vm2
    assert_nothing_left

    # It is killed; it breaks the rules.
    hv start vm1
    kill -9 "$(pid_of vm1)"
    wait_for 5 is_released vm1
    ended vm1 "killed by signal 9"
    restate vm1
    hv start vm1
    inject "$(pid_of vm1)" "killed 31" 41 2 1 0 # an internet socket
    wait_for 5 is_released vm1
    ended vm1 "killed by the sandbox\|killed by signal 31"
    restate vm1
    assert_nothing_left

    # Without its supervisor it goes on, and can open nothing at all.
    hv start vm1
    supervisor=$(supervisor_of vm1)
    kill -9 "$supervisor"
    inject "$(pid_of vm1)" "result -38" 257 -100 "=$tmp/disks/vm1.raw" 2 0
    hv pause vm1
    hv resume vm1
    # A new one knows what to watch for.
    [ "$(supervisor_of vm1)" != "$supervisor" ] || fail "no new supervisor"
    kill -0 "$(supervisor_of vm1)"
    hv stop vm1
    ended vm1 "its guest has shut down"
    assert_nothing_left

    # Its exit status is 0 whatever it was that ended it.
    hv start vm1
    kill -TERM "$(pid_of vm1)"
    wait_for 5 is_released vm1
    ended vm1 "its guest had not shut down"
    restate vm1
    hv start vm1
    hv stop --timeout 0s vm1
    ended vm1 "it was told to"
    assert_nothing_left

    # One that powers itself off is gone, with all that it had.
    hv start vm3
    wait_for 5 is_released vm3
    ended vm3 "its guest has shut down"
    assert_nothing_left
    timeout 10 "$HVCTL" -c "$tmp/hvctl.conf" run vm3 || fail "run: status $?"
    said_hello vm3 1 || fail "no log of 'hvctl run'"
    ended vm3 "its guest has shut down"
    assert_nothing_left

    # What cannot boot says all of why, and nothing is left.
    truncate -s 1M "$tmp/disks/vm3.kernel"
    sed -i "s|^kernel.*|kernel = \"$tmp/disks/vm3.kernel\"|" \
        "$tmp/vm.d/vm3.conf"
    expect_fail 1 "The VM could not boot.*bzImage" hv start vm3
    assert_nothing_left
    rm "$tmp/disks/vm3.kernel"
    expect_fail '[1-9]*' "vm3.kernel does not exist" hv start vm3
    assert_nothing_left

    echo "sandbox { require = full }" >> "$tmp/hvctl.conf"
    expect_fail 8 "refuses a degraded sandbox.*brokered files" hv start vm1
    sed -i "/^sandbox/d" "$tmp/hvctl.conf"
    assert_nothing_left

    after=$(stat -c '%n %U %a' "$tmp"/disks/*)
    [ "$before" = "$after" ] || fail "files have changed: $before; $after"
}

make_host <<END
plugin cloud-hypervisor { program = "/nonexistent" }
network lan { type = bridge bridge = br0 }
END
each_ch whole_life
