#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that does not heed ACPI is asked to power off by its agent; one that is
# not there, refuses or hangs does not keep 'stop' from what its timeout says.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/agent.sh"
requires python3
make_host
add_null
define_null vm1 deaf
echo 'agent = yes' >> "$tmp/vm.d/vm1.conf"
cat > "$tmp/agent.py" <<'END2'
import json, os, socket, sys, time
from agent_stub import lines, listen
path, log, mode = sys.argv[1:]
hung = []
def serve(c):
    for command in lines(c):
        name = command['execute']
        if mode == 'slow':
            time.sleep(0.6)
        if mode == 'hang' or mode == 'late' and not hung:
            hung.append(name)
            return
        if name == 'guest-sync-delimited':
            c.sendall(b'\xff{"return": %d}\n' % command['arguments']['id'])
            continue
        print(name, file=open(log, 'a'))
        if name != 'guest-shutdown':
            c.sendall(b'{"return": {}}\n')
        elif mode == 'refuse':
            c.sendall(b'{"error": {"desc": "not today"}}\n')
        else:
            # The guest is gone, without a reply.
            s = socket.socket(socket.AF_UNIX)
            s.connect(os.path.dirname(path) + '/null.sock')
            s.sendall(b'quit\n')
            s.recv(16)
listen(path, serve)
END2

# stops MODE TIMEOUT: what it says; what the agent was asked is in "$tmp/did".
stops ()
{
    hv start vm1 > "$tmp/started"
    : > "$tmp/did"
    start_agent "$tmp/run/vm/vm1/agent.sock" "$tmp/did" "$1"
    hv stop -t "$2" vm1 2> "$tmp/err"
    stop_agent
}

expect "vm1 has shut down" stops obey 60s
assert_nothing_left
[ "$(echo $(cat "$tmp/did"))" = guest-shutdown ] \
    || fail "$(cat "$tmp/did")"
expect "vm1 has shut down" stops late 60s
# One that takes its time for each reply, and one whose reply is too late.
expect "vm1 has shut down" stops slow 60s
expect "did not shut down in time: its hypervisor was asked to quit" stops refuse 2s
grep -q guest-shutdown "$tmp/did" || fail "it was not asked"
expect "did not shut down in time: its hypervisor was asked to quit" stops hang 2s
stops obey 0 > "$tmp/out"
[ ! -s "$tmp/did" ] || fail "asked for no time: $(cat "$tmp/did")"
assert_nothing_left
