#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A VM that 'hvctl start' has started is in a scope of its own, with all that it
# consists of: it outlives what started it, and what is stopped at a shutdown of
# the host asks its guest to shut down.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
use_installed
cleanup_fn "hvctl kill lab3; rm -f /etc/hvctl/vm.d/lab3.conf"
define_linux lab3 <<'END'
nic lan { network = user }
END

in_scope ()
{
    grep -q "^0::/machine.slice/$scope" "/proc/$1/cgroup"
}

ended ()
{
    ! systemctl -q is-active "$scope"
}

# has_started: sets pid, and scope to the one that the VM has to be in.
has_started ()
{
    pid=$(pid_of lab3)
    scope=hvctl-lab3-$pid.scope
    in_scope "$pid" || fail "it is in $(cat "/proc/$pid/cgroup")"
    wait_for 10 systemctl -q is-active hvctl-guests.service
}

# When a service's main process ends, systemd kills what is left of it.
systemd-run --quiet --collect --wait hvctl start lab3
has_started
processes=/sys/fs/cgroup/machine.slice/$scope/cgroup.procs
[ "$(grep -c . "$processes")" -ge 3 ] || fail "in it: $(cat "$processes")"
grep -q -x "$(supervisor_of lab3)" "$processes" || fail "no supervisor in it"
systemctl show -P Before "$scope" | grep -q -w hvctl-guests.service \
    || fail "before: $(systemctl show -P Before "$scope")"
wait_console lab3 "hvctl-guest: ready"
systemctl stop hvctl-guests.service
shut_down lab3 "$(console_log lab3)"
hv status lab3 > "$tmp/out" || :
grep "guest has shut down" "$tmp/out" || fail "$(cat "$tmp/out")"
wait_for 10 ended

# It can start again.
hv start lab3 2> "$tmp/err"
! grep "scope" "$tmp/err" || fail "no scope"
has_started
hv kill lab3
wait_for 10 ended
