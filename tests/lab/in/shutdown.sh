#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The host shuts down while a VM of hvctl@.service runs, and one that 'hvctl
# start' has started: their guests are asked to.  shutdown-after.sh looks, after
# the boot.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/lab/in/functions.sh"
use_installed
define_linux lab2 < /dev/null
define_linux lab3 < /dev/null
systemctl enable --now hvctl@lab2
hv start lab3
wait_console lab2 "hvctl-guest: ready"
wait_console lab3 "hvctl-guest: ready"
cp /proc/sys/kernel/random/boot_id /etc/hvctl.boot
