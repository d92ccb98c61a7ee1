#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The file systems of a guest are frozen for a snapshot of its disks, and thawed
# whatever happens; its clock is set after a pause and a restore.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/agent.sh"
requires qemu-img python3
HVCTL_NULL_OVERLAY=1
export HVCTL_NULL_OVERLAY
make_host
add_null
define_null vm1
sed -i /^disk/d "$tmp/vm.d/vm1.conf"
printf 'agent = yes\ndisk root { size = 8M }\n' >> "$tmp/vm.d/vm1.conf"
hv create-disks vm1 > "$tmp/out"
hv start vm1
cat > "$tmp/agent.py" <<'END'
import os, sys
from agent_stub import lines, listen
path, log, mode = sys.argv[1:]
def serve(c):
    for command in lines(c):
        name = command['execute']
        if name == 'guest-sync-delimited':
            c.sendall(b'\xff{"return": %d}\n' % command['arguments']['id'])
            continue
        refused = os.path.exists(mode) and open(mode).read()
        if refused == 'hang ' + name + '\n':
            return
        if name != 'guest-ping':
            print(name, file=open(log, 'a'))
        if refused == name + '\n':
            c.sendall(b'{"error": {"desc": "not today"}}\n')
        else:
            c.sendall(b'{"return": 1}\n')
listen(path, serve)
END
: > "$tmp/did"
start_agent "$tmp/run/vm/vm1/agent.sock" "$tmp/did" "$tmp/mode"
did ()
{
    [ "$(echo $(cat "$tmp/did"))" = "$*" ] || fail "not $*: $(cat "$tmp/did")"
    : > "$tmp/did"
}
freeze=guest-fsfreeze-freeze thaw=guest-fsfreeze-thaw
hv snapshot create vm1 s1
did $freeze $thaw
hv snapshot create --memory vm1 s2
did

# A refusal is no failure, and is told; what may be frozen is thawed.
echo $freeze > "$tmp/mode"
hv snapshot create vm1 s3 2> "$tmp/err"
grep -q "rejected '$freeze': not today (its file systems are not frozen" "$tmp/err" \
    || fail "$(cat "$tmp/err")"
did $freeze $thaw
echo $thaw > "$tmp/mode"
hv snapshot create vm1 s4 2> "$tmp/err"
grep -q "rejected '$thaw': not today" "$tmp/err" || fail "$(cat "$tmp/err")"
did $freeze $thaw
rm "$tmp/mode"

# After a failure.
! HVCTL_NULL_FAIL=overlay_disk:95 hv snapshot create vm1 s5 || fail "no failure"
did $freeze $thaw
# After a kill, by the next command that makes a change.
for at in pause overlay_disk resume; do
    ! HVCTL_NULL_FAIL=$at:kill hv snapshot create vm1 "at-$at" || fail "not killed"
    did $freeze
    hv list > "$tmp/out"
    did
    hv volume create default/x 1M > "$tmp/out" 2> "$tmp/err" || :
    hv volume rm -y default/x > "$tmp/out" 2>> "$tmp/err" || :
    grep -q "'snapshot create.*', which was interrupted, is now" "$tmp/err" \
        || fail "$(cat "$tmp/err")"
    did $thaw
    expect "running" hv status vm1
done
# Until the agent answers again.
echo "hang $thaw" > "$tmp/mode"
hv snapshot create vm1 s6 2> "$tmp/err"
grep -q "its file systems may be frozen: the next command that makes" "$tmp/err" \
    || fail "$(cat "$tmp/err")"
did $freeze
rm "$tmp/mode"
hv volume create default/x 1M > "$tmp/out" 2>&1 || :
did $thaw

# Its clock.
hv pause vm1
did
hv resume vm1
did guest-set-time

# Without an agent nothing is waited for long, and nothing is lost.
stop_agent
hv snapshot create vm1 s7 2> "$tmp/err"
grep -q "not frozen: the snapshot is as after a power failure" "$tmp/err" \
    || fail "$(cat "$tmp/err")"
rm -f "$tmp/run/vm/vm1/agent.sock"
hv snapshot create vm1 s8 2> "$tmp/err"
[ ! -s "$tmp/err" ] || fail "$(cat "$tmp/err")"
hv kill vm1
assert_nothing_left
