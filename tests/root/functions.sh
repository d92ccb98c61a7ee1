# SPDX-License-Identifier: LGPL-2.1-or-later
# More verbs for the tests that need root; after tests/kit/functions.sh:
#
#   . "$abs_top_srcdir/tests/root/functions.sh"
requires_root
requires nsenter setpriv

inspect=$abs_top_builddir/tests/probe/inspect

# make_host with room for 8 MiB in state_dir, after in_mounts; "mount -o
# remount,size=" makes more.
make_small_host ()
{
    make_tempdir
    mkdir "$tmp/state"
    mount -t tmpfs -o size=8m,mode=755 hvctl-test "$tmp/state"
    cleanup_fn "umount '$tmp/state'"
    make_host < /dev/null
}

# ------------------------------------------------------------ an ordinary user

# Sets user: one with a home and a copy of what was built, since the tree may
# not be open to everybody.
make_user ()
{
    mkdir -p "$tmp/build/plugins/.libs" "$tmp/build/supervisor" \
        "$tmp/build/cli" "$tmp/home/run"
    cp "$plugins"/*.so "$tmp/build/plugins/.libs/"
    cp "$abs_top_builddir/supervisor/hvctl-supervisor" "$tmp/build/supervisor/"
    cp "$abs_top_builddir/cli/hvctl" "$tmp/build/cli/"
    user=$((200000 + $$ % 20000))
    chown -R $user:$user "$tmp/home"
}

# as_user COMMAND...: hvctl, for example.
as_user ()
{
    env -i HOME="$tmp/home" PATH="$tmp/build/cli:$PATH" \
        HVCTL_BUILDDIR="$tmp/build" XDG_RUNTIME_DIR="$tmp/home/run" \
        LC_ALL=C.UTF-8 setpriv --reuid $user --regid $user --clear-groups "$@"
}

# ----------------------------------------------- a process, as the kernel tells

# field FILE NAME: of a thread's status.
field ()
{
    sed -n "s/^$2:[[:space:]]*//p" "$1"
}

# shares PID NAMESPACE: with us.
shares ()
{
    [ "$(readlink "/proc/$1/ns/$2")" = "$(readlink "/proc/$$/ns/$2")" ]
}

# own_namespaces PID NAMESPACE...
own_namespaces ()
{
    of=$1
    shift
    for ns; do
        ! shares "$of" "$ns" || fail "process $of shares our $ns namespace"
    done
}

# check_thread FILE: its status.
check_thread ()
{
    [ "$(field "$1" Seccomp)" = 2 ] || fail "$1: no filter"
    [ "$(field "$1" NoNewPrivs)" = 1 ] || fail "$1: new privileges"
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        [ "$(field "$1" $set)" = 0000000000000000 ] || fail "$1: $set"
    done
    for id in $(field "$1" Uid) $(field "$1" Gid); do
        [ "$id" -ge 100000 ] || fail "$1: user or group $id"
    done
    [ -z "$(field "$1" Groups)" ] || fail "$1: groups $(field "$1" Groups)"
    [ "$(field "$1" NSpid | awk '{ print $2 }')" -ge 1 ] || fail "$1: no pid"
}

# check_process PID: what it is in its jail, once that is sealed; whatever its
# network and its descriptors.
check_process ()
{
    for status in "/proc/$1/task"/*/status; do
        check_thread "$status"
    done
    own_namespaces "$1" mnt pid ipc uts cgroup
    [ -z "$(ls -A "/proc/$1/root/")" ] || fail "sees: $(ls -A "/proc/$1/root/")"
    [ "$(wc -l < "/proc/$1/mountinfo")" = 1 ] || fail "has several mounts"
    grep -q " ro,nosuid,nodev,noexec" "/proc/$1/mountinfo" \
        || fail "mount: $(cat "/proc/$1/mountinfo")"
    grep -q "^Max core file size *0 *0 " "/proc/$1/limits" || fail "cores"
    [ "$(awk '/^Uid:/ { print $2 }' "/proc/$1/status")" -lt 65536 ] \
        || [ "$(awk '/^Max processes/ { print $4 }' "/proc/$1/limits")" -le 4096 ] \
        || [ "${user-}" = "$(awk '/^Uid:/ { print $2 }' "/proc/$1/status")" ] \
        || fail "threads without end"
}

# check_no_network PID: there is lo, which is down.
check_no_network ()
{
    own_namespaces "$1" net
    inside=$(nsenter -t "$1" -n ip -o link show)
    [ "$(echo "$inside" | wc -l)" = 1 ] || fail "has interfaces: $inside"
    echo "$inside" | grep -q "^1: lo: <LOOPBACK>" || fail "lo is up: $inside"
}

# inject THREAD EXPECTED NR [ARGUMENT...]: has it make that call; what comes of
# it is all of the regular expression, "killed 31", "result -38".
inject ()
{
    thread=$1 expected=$2
    shift 2
    said=$("$inspect" call "$thread" "$@") || fail "the call $1 was not made"
    expr "$said" : "$expected\$" > /dev/null \
        || fail "call $*: $said, not $expected"
}

# -------------------------------------------------------- cloud-hypervisor

# Sets guest to one that it can run.
requires_ch ()
{
    requires_plugin cloud-hypervisor
    [ -c /dev/kvm ] || skip "no /dev/kvm"
    guest=$abs_top_builddir/tests/ch-guest.elf
    [ -s "$guest" ] || skip "the guest is for x86_64"
}

# each_ch COMMAND: with the contract server, and with the real program if there
# is one: make check-root CLOUD_HYPERVISOR=/path.  Sets real to that, or to "".
each_ch ()
{
    "$1" "$abs_top_builddir/tests/ch-server/ch-server"
    real=${CLOUD_HYPERVISOR:-$(command -v cloud-hypervisor || :)}
    [ -z "$real" ] || "$1" "$real"
}

# ------------------------------------------------------------- Open vSwitch

# The database of an Open vSwitch of our own.  Sets ovs to its directory, in
# which its socket is db.sock.
make_ovsdb ()
{
    requires ovsdb-server ovsdb-tool ovs-vsctl
    schema=/usr/share/openvswitch/vswitch.ovsschema
    [ -f $schema ] || skip "no $schema"
    ovs=$(mktemp -d /tmp/hvctl-ovs.XXXXXX)
    cleanup_fn rm -rf "$ovs"
    OVS_RUNDIR=$ovs OVS_LOGDIR=$ovs OVS_DBDIR=$ovs OVS_SYSCONFDIR=$ovs
    export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR OVS_SYSCONFDIR
    ovsdb-tool create "$ovs/conf.db" $schema
    ovsdb-server "$ovs/conf.db" "--remote=punix:$ovs/db.sock" \
        > "$ovs/server.log" 2>&1 &
    cleanup_fn kill -9 $!
    wait_for 10 test -S "$ovs/db.sock"
    ovs-vsctl --no-wait init
}

# The same with a switch, and a bridge br0 in user space; more words for
# ovs-vsctl can follow.  Sets vswitchd to a process.
make_ovs ()
{
    requires ovs-vswitchd
    make_ovsdb
    ovs-vswitchd "unix:$ovs/db.sock" --disable-system \
        > "$ovs/vswitchd.log" 2>&1 &
    vswitchd=$!
    cleanup_fn kill -9 $vswitchd
    ovs-vsctl --timeout=20 add-br br0 \
        -- set bridge br0 datapath_type=netdev "$@"
}

# assert_few_calls PID FAMILIES NUMBERS: what its filters can let through, as the
# kernel has them: at most so many families of calls for one purpose
# (core/sandbox/families.h), and so many numbers.  Which, is in $tmp/filter then.
assert_few_calls ()
{
    "$inspect" filter "$1" > "$tmp/filter" || fail "$(cat "$tmp/filter")"
    n=$(sed -n 's/^allowed //p' "$tmp/filter")
    f=$(sed -n 's/^families //p' "$tmp/filter")
    echo "process $1: $f families, $n system calls"
    [ "$f" -le "$2" ] && [ "$f" -ge 30 ] || fail "$f families of calls"
    [ "$n" -le "$3" ] && [ "$n" -ge "$f" ] || fail "$n system calls"
}

# May hvctl read the kernel's log here?
log_is_open ()
{
    (: < /dev/kmsg) 2> /dev/null
}

# kernel_log reads|fills: the kernel tells of ten violations in five seconds, and
# of no more.  Tests that read what it tells of theirs take turns, and run beside
# none that makes it tell of many.
kernel_log ()
{
    [ -z "${HVCTL_TEST_KERNEL_LOG-}" ] || return 0 # Within this very test.
    requires flock
    exec 7> /run/hvctl-test-kernel-log.lock
    case $1 in
        reads) flock -w 300 7 && sleep 5 ;;
        fills) flock -s -w 300 7 ;;
    esac || fail "other tests have had the kernel's log for five minutes"
    HVCTL_TEST_KERNEL_LOG=$1
    export HVCTL_TEST_KERNEL_LOG
}
