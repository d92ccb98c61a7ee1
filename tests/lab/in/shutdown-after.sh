#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# After shutdown.sh and a reboot of the host: the guests had shut down by
# themselves, and that of the service, which is enabled, has been started again.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
use_installed
[ -f /etc/hvctl.boot ] || skip "shutdown.sh was not run"
! cmp -s /etc/hvctl.boot /proc/sys/kernel/random/boot_id || fail "no reboot"
cleanup_fn "systemctl disable --now hvctl@lab2; rm -f /etc/hvctl.boot \
    /etc/hvctl/vm.d/lab[23].conf"
is_settled ()
{
    case $(systemctl is-active hvctl@lab2) in
        active | failed) ;;
        *) false ;;
    esac
}
wait_for 60 is_settled
systemctl -q is-active hvctl@lab2 \
    || fail "$(systemctl status --no-pager --full hvctl@lab2)"
expect "lab2 is running" hv status lab2
wait_console lab2 "hvctl-guest: ready"
shut_down lab2 "$(console_log lab2).1"
shut_down lab3 "$(console_log lab3)"
hv status lab3 > "$tmp/out" || :
grep "guest has shut down" "$tmp/out" || fail "$(cat "$tmp/out")"
