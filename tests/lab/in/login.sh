#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An ordinary user who has logged in (pam_systemd: a session, and
# XDG_RUNTIME_DIR) runs a VM of his own with KVM, in its jail.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
requires systemd-run
use_installed
id user > /dev/null 2>&1 || skip "no user 'user'"
chgrp kvm /dev/kvm
chmod 660 /dev/kvm
cp "$linux/vmlinuz" "$linux/initrd" "$tmp/"
chmod 644 "$tmp"/*
home=$(getent passwd user | cut -d : -f 6)
cleanup_fn "rm -rf '$home/.config/hvctl' '$home/.local/state/hvctl'"

# as_login COMMAND: in a session of the user's.
as_login ()
{
    systemd-run --quiet --pipe --wait --uid user -p PAMName=login \
        -p WorkingDirectory="$home" sh -c "$1"
}

# It lasts as long as a VM that was started in it.
loginctl enable-linger user
cleanup_fn loginctl disable-linger user
as_login 'test -d "$XDG_RUNTIME_DIR"' || fail "no XDG_RUNTIME_DIR"
as_login "mkdir -p ~/.config/hvctl/vm.d
    cat > ~/.config/hvctl/vm.d/mine.conf" <<END
memory = 256M
kernel = "$tmp/vmlinuz"
initrd = "$tmp/initrd"
append = "console=ttyS0 quiet panic=-1"
accelerator = kvm
END
uid=$(id -u user)
as_login "setsid hvctl start mine" > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
as_login "hvctl status mine" > "$tmp/out"
grep -q "mine is running" "$tmp/out" || fail "$(cat "$tmp/out")"
grep -q "accelerator *kvm" "$tmp/out" || fail "$(cat "$tmp/out")"
[ -d "/run/user/$uid/hvctl/vm/mine" ] || fail "not below /run/user/$uid"
log=$(find "$home" -path '*/mine/console.log' | head -n 1)
wait_for 60 grep -q "hvctl-guest: ready" "$log"
pid=$(as_login "hvctl status -o json mine" \
    | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1)
[ "$(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$pid/status")" = 2 ] \
    || fail "no filter"
as_login "hvctl stop mine"
[ ! -e "/run/user/$uid/hvctl/vm/mine" ] || fail "left"
