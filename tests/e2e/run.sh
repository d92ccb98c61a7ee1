#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In the foreground, as systemd and containers do it: says READY when the
# guest runs, SIGTERM shuts it down, the exit status tells how it went.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires python3
make_host
define_tiny vm1

cat > "$tmp/notify.py" <<EOF
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    print(s.recv(4096).decode().strip(), flush=True)
EOF
python3 "$tmp/notify.py" "$tmp/notify" > "$tmp/notified" & listener=$!
cleanup_fn "kill $listener"
wait_for 10 test -S "$tmp/notify"

NOTIFY_SOCKET=$tmp/notify "$HVCTL" -c "$tmp/hvctl.conf" run vm1 \
    > "$tmp/run.out" 2>&1 & pid=$!
wait_for 20 grep -q READY=1 "$tmp/notified"
grep "MAINPID=$pid" "$tmp/notified"
wait_console vm1 "tiny guest: hello"
expect "running" hv status vm1
expect_fail 5 "running" hv start vm1

kill -TERM $pid
wait $pid
grep STOPPING=1 "$tmp/notified"
grep "goodbye" "$(console_log vm1)"
kill $listener
wait $listener || :
assert_nothing_left

# It ends when the guest does.
define_tiny vm1 poweroff
timeout 30 "$HVCTL" -c "$tmp/hvctl.conf" run vm1
assert_nothing_left
