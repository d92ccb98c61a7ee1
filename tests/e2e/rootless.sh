#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# All of it without root, for a user without any rights: a copy of what was
# built, since the tree may not be open to everybody.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_tiny
requires setpriv qemu-img
make_host
mkdir -p "$tmp/build/plugins/.libs" "$tmp/build/supervisor" "$tmp/build/cli"
cp "$plugins"/*.so "$tmp/build/plugins/.libs/"
cp "$abs_top_builddir/supervisor/hvctl-supervisor" "$tmp/build/supervisor/"
cp "$abs_top_builddir/cli/hvctl" "$tmp/build/cli/"
cp "$tiny" "$tmp/tiny.elf"
tiny=$tmp/tiny.elf
uid=$((200000 + $$ % 1000))
mkdir "$tmp/home"
chown -R $uid:$uid "$tmp"

as_user ()
{
    env -i HOME="$tmp/home" PATH="$PATH" HVCTL_BUILDDIR="$tmp/build" \
        XDG_RUNTIME_DIR="$tmp/home/run" LC_ALL=C.UTF-8 \
        setpriv --reuid $uid --regid $uid --clear-groups \
        "$tmp/build/cli/hvctl" "$@"
}

# Only to have something that stop_everything can stop.
mkdir -p "$tmp/home/run"
chown $uid:$uid "$tmp/home/run"
as_user create vm1 --memory 64M --disk root:16M --nic lan:user \
    --kernel "$tiny" --append wait --accelerator tcg
as_user start vm1
expect "running" as_user status vm1
expect "vm1.*running" as_user list
expect "has shut down" as_user stop --timeout 30s vm1
expect "vm1.*stopped" as_user list
wait_for 5 no_processes
[ -z "$(ls -A "$tmp/home/run/hvctl/vm" 2> /dev/null)" ] || fail "left behind"
