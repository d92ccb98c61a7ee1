#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# All of it without root, for a user without any rights.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
requires qemu-img
make_host
cp "$tiny" "$tmp/tiny.elf"
tiny=$tmp/tiny.elf
make_user
chown -R $user:$user "$tmp"

as_user hvctl create vm1 --memory 64M --disk root:16M --nic lan:user \
    --kernel "$tiny" --append wait --accelerator tcg
as_user hvctl start vm1
expect "running" as_user hvctl status vm1
expect "vm1.*running" as_user hvctl list
expect "has shut down" as_user hvctl stop --timeout 30s vm1
expect "vm1.*stopped" as_user hvctl list
wait_for 5 no_processes
[ -z "$(ls -A "$tmp/home/run/hvctl/vm" 2> /dev/null)" ] || fail "left behind"
