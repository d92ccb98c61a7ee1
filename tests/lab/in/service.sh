#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl@.service under systemd: start, what is running is its main process, a
# crash is a failure, a guest that shuts down is none, stop asks the guest.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
use_installed
cleanup_fn "systemctl stop hvctl@lab1; rm -f /etc/hvctl/vm.d/lab1.conf"
define_linux lab1 < /dev/null

property ()
{
    systemctl show -P "$1" hvctl@lab1
}

is ()
{
    [ "$(property ActiveState)" = "$1" ]
}

# last_run PATTERN: so it ended.
last_run ()
{
    hv status lab1 > "$tmp/out" 2>&1 || :
    grep -q "$1" "$tmp/out" || fail "$(cat "$tmp/out")"
}

systemctl start hvctl@lab1
is active || fail "$(systemctl status hvctl@lab1)"
expect "lab1 is running" hv status lab1
[ "$(property ControlGroup)" = /machine.slice/hvctl@lab1.service ] \
    || fail "in $(property ControlGroup)"
pid=$(pid_of lab1)
grep -q "/hvctl@lab1.service" "/proc/$pid/cgroup" \
    || fail "it is in $(cat "/proc/$pid/cgroup")"
wait_console lab1 "hvctl-guest: ready"

# systemd itself is started anew.
systemctl daemon-reexec
is active || fail "after daemon-reexec: $(property ActiveState)"

systemctl stop hvctl@lab1
is inactive || fail "after stop: $(property ActiveState) $(property Result)"
last_run "shut down"

# A crash of the hypervisor is a failure of the service.
systemctl start hvctl@lab1
kill -9 "$(pid_of lab1)"
wait_for 20 is failed
systemctl reset-failed hvctl@lab1
last_run "killed by signal 9"

# One that is not defined is not started.
systemctl start hvctl@lab9 || :
[ "$(systemctl show -P ActiveState hvctl@lab9)" = inactive ] \
    || fail "lab9: $(systemctl status hvctl@lab9)"
[ -z "$(ls /run/hvctl/vm 2> /dev/null)" ] || fail "left: $(ls /run/hvctl/vm)"
