#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest agent that hangs, floods and lies is no trouble: no wait without an
# end, no control characters, no reply for another command.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/agent.sh"
requires python3
make_host
add_null
define_null vm1
sed -i "1i agent = yes" "$tmp/vm.d/vm1.conf"
hv start vm1
socket=$tmp/run/vm/vm1/agent.sock

cat > "$tmp/agent.py" <<'END'
import json, sys, time
from agent_stub import lines, listen
path, mode = sys.argv[1:]
def reply(c, o):
    c.sendall(json.dumps({'return': o}).encode() + b'\n')
def serve(c):
    if mode == 'flood':
        while True:
            c.sendall(b'x' * 65536)
    if mode == 'stale':
        c.sendall(b'"half a line, {\xff{"return": 1}\n\xff[\xff{"ret')
    for command in lines(c):
        name = command['execute']
        if name == 'guest-sync-delimited':
            n = command['arguments']['id']
            if mode == 'hang':
                continue
            if mode == 'wrong-id':
                c.sendall(b'\xff'); reply(c, n + 1)
                continue
            c.sendall(b'\xff'); reply(c, n)
        elif mode == 'deep':
            c.sendall(b'{"return":' + b'[' * 100000)
        elif mode == 'big':
            c.sendall(b'{"return":"')
            while True:
                c.sendall(b'y' * 1000000)
        elif mode == 'half':
            c.sendall(b'{"return": {"pi'); time.sleep(60)
        elif mode == 'escapes':
            c.sendall(b'{"error": {"class": "GenericError", '
                      b'"desc": "a\\u001b[31m\\u009b\\u0007b\\nc' + b'z' * 5000 + b'"}}\n')
        elif mode == 'list':
            c.sendall(b'[1]\n')
        elif mode == 'no-pid':
            reply(c, {'pid': 'one'})
        elif mode == 'never' and name == 'guest-exec-status':
            reply(c, {'exited': False})
        elif mode == 'base64' and name == 'guest-exec-status':
            reply(c, {'exited': True, 'exitcode': 5, 'out-data': '!!!!'})
        elif mode.startswith('says ') and name == 'guest-exec-status':
            reply(c, dict({'exited': True}, **json.loads(mode[5:])))
        elif mode.startswith('read ') and name == 'guest-file-read':
            reply(c, json.loads(mode[5:]))
        elif mode == 'code' and name == 'guest-exec-status':
            reply(c, {'exited': True, 'exitcode': 256})
        elif mode in ('done', 'degraded', 'failed') and name == 'guest-exec-status':
            reply(c, {'exited': True, 'exitcode':
                      {'done': 0, 'degraded': 2, 'failed': 1}[mode]})
        elif mode == 'close' and name != 'guest-exec':
            c.close(); return
        elif name == 'guest-exec-status':
            reply(c, {'exited': True, 'exitcode': 0, 'out-data': 'b2s='})
        elif name == 'guest-file-open':
            reply(c, 5)
        elif mode == 'nothing-read' and name == 'guest-file-read':
            reply(c, {'count': 9, 'buf-b64': '', 'eof': False})
        elif mode == 'endless' and name == 'guest-file-read':
            reply(c, {'count': 9, 'buf-b64': 'AAAA' * 2**17, 'eof': False})
        elif mode == 'short' and name == 'guest-file-write':
            reply(c, {'count': 1})
        else:
            reply(c, {'pid': 2})
listen(path, serve)
END

# agent MODE: answers like that from now on.
agent ()
{
    start_agent "$socket" "$1"
}

# lies MODE CODE PATTERN COMMAND...
lies ()
{
    mode=$1
    shift
    agent "$mode"
    expect_fail "$@"
    ! LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]')" "$tmp/err" \
        || fail "$mode: control characters: $(cat -v "$tmp/err")"
    [ "$(wc -l < "$tmp/err")" = 1 ] || fail "$mode: $(cat "$tmp/err")"
    [ "$(wc -c < "$tmp/err")" -lt 1000 ] || fail "$mode: a long message"
}

agent stale
[ "$(hv exec -n -t 10s vm1 true)" = ok ] || fail "stale replies"
lies hang 255 "vm1: the guest agent does not answer" hv exec -n -t 300ms vm1 true
lies wrong-id 255 "the guest agent does not answer" hv exec -n -t 300ms vm1 true
lies flood 255 "sent more than 67108864 bytes and no reply" hv exec -n -t 60s vm1 true
lies deep 255 "is not its protocol (nesting too deep)" hv exec -n -t 10s vm1 true
lies big 255 "sent more than 1048576 bytes and no reply" hv exec -n -t 30s vm1 true
lies half 255 "the guest agent does not answer" hv exec -n -t 500ms vm1 true
lies escapes 255 "rejected 'guest-exec': a?" hv exec -n -t 10s vm1 true
lies list 255 "is not its protocol (not an object)" hv exec -n -t 10s vm1 true
lies no-pid 255 "did not say which process" hv exec -n -t 10s vm1 true
lies never 255 "the time is over: the command still runs" hv exec -n -t 500ms vm1 true
for said in '{}' '{"exitcode": -1}' '{"exitcode": "0"}' '{"exitcode": 0.5}' \
    '{"signal": "9"}'; do
    lies "says $said" 255 "did not say how the command exited" hv exec -n -t 10s vm1 true
done
lies 'says {"exitcode": 0, "out-data": 5}' 255 "output that is not base64" \
    hv exec -n -t 10s vm1 true
for said in '"count": 100, "eof": true, "buf-b64": "YWJj"' \
    '"count": 3, "eof": true, "buf-b64": "YWJjZGVm"' \
    '"count": -1, "eof": true, "buf-b64": "YQ=="' '"eof": true, "buf-b64": "YWJj"'; do
    lies "read {$said}" '[1-9]*' "reply is no part of /x" hv cp vm1:/x "$tmp/x"
done
lies base64 255 "sent output that is not base64" hv exec -n -t 10s vm1 true
lies close 255 "closed the connection" hv exec -n -t 10s vm1 true
agent code
expect_fail 255 "" hv exec -n -t 10s vm1 true
[ ! -s "$tmp/err" ] || fail "$(cat "$tmp/err")"
lies nothing-read '[1-9]*' "reply is no part of /x" hv cp vm1:/x "$tmp/x"
lies endless '[1-9]*' "reply is no part of /x" hv cp vm1:/x "$tmp/x"
lies short '[1-9]*' "has not written all of /x" hv cp "$tmp/agent.py" vm1:/x
[ ! -e "$tmp/x" ] && [ ! -e "$tmp/x.part" ] || fail "half a file is left"

# What cloud-init says of itself.
for mode in done degraded; do
    agent $mode
    hv wait --for cloud-init -t 10s vm1
done
agent never
expect_fail 9 "for cloud-init: cloud-init is not done" hv wait --for cloud-init -t 500ms vm1
lies failed '[1-9]*' "vm1: cloud-init has failed (hvctl exec vm1 -- cloud-init status --long)" \
    hv wait --for cloud-init -t 10s vm1

stop_agent
hv kill vm1
assert_nothing_left
