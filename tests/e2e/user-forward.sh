#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# User-mode network: a port of the host is the guest's.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin net-user
requires_linux
in_namespace
make_host
define_linux vm1 <<EOF
nic lan { network = user forward = "tcp:127.0.0.1:2222:22" }
EOF

hv start vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 ip eth0 10.0.2.15/24
type_console vm1 "listen 22"
# The connection is made by QEMU even before the guest listens: try again.
wait_for 30 reached vm1 127.0.0.1 2222 "hello over tcp"
expect "has shut down" hv stop vm1
assert_nothing_left
