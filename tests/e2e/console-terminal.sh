#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever signal ends 'hvctl console', the terminal is as it was before; one
# that is stopped gives it back until it goes on.  A second one is told who has
# the console, and may take it over.  Piped input is typed, and its end is the
# end; input from /dev/null only watches.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires python3
make_host
define_tiny vm1
hv start vm1
wait_console vm1 "tiny guest: hello"

cat > "$tmp/signals.py" <<'END'
import os, pty, select, signal, sys, termios, time

HVCTL = [sys.argv[1], '-c', sys.argv[2], 'console']

def wait_until(what, why):
    end = time.time() + 20 * int(os.environ.get('HVCTL_TEST_PATIENCE', '1'))
    while not what():
        if time.time() > end:
            sys.exit('waited in vain: ' + why)
        time.sleep(0.02)

def start(*options):
    m, s = pty.openpty()
    before = termios.tcgetattr(s)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        for fd in (0, 1, 2):
            os.dup2(s, fd)
        for n in range(1, 65):
            try: signal.signal(n, signal.SIG_DFL)
            except (OSError, ValueError): pass
        os.execv(HVCTL[0], HVCTL + list(options) + ['vm1'])
    wait_until(lambda: termios.tcgetattr(s) != before, 'raw mode')
    return m, s, before, pid

def finish(m, s, pid):
    _, status = os.waitpid(pid, 0)
    os.close(m)
    os.close(s)
    return status

names = {n: signal.Signals(n).name for n in signal.valid_signals()
         if n in list(signal.Signals)}
ignored = {'SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH',
           'SIGPIPE', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'}
tried = 0
for n in sorted(signal.valid_signals()):
    name = names.get(n, 'signal %d' % n)
    if name in ignored:
        continue
    m, s, before, pid = start()
    os.kill(pid, n)
    wait_until(lambda: termios.tcgetattr(s) == before, name + ': raw')
    status = finish(m, s, pid)
    if not (os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 130):
        sys.exit('%s: status %x' % (name, status))
    tried += 1
print(tried, 'signals')
if tried < 50:
    sys.exit('that is few')

# Stopped, and going on.
m, s, before, pid = start()
raw = termios.tcgetattr(s)
os.kill(pid, signal.SIGTSTP)
wait_until(lambda: termios.tcgetattr(s) == before, 'stopped, and raw')
# To go on before it has stopped would be in vain.
wait_until(lambda: open('/proc/%d/stat' % pid).read().rsplit(') ')[1][0] == 'T',
           'it does not stop')
os.kill(pid, signal.SIGCONT)
wait_until(lambda: termios.tcgetattr(s) == raw, 'it goes on, and is not raw')
os.write(m, b'\x1d')
wait_until(lambda: termios.tcgetattr(s) == before, '^]')
if finish(m, s, pid) != 0:
    sys.exit('left by ^], and no success')
END
python3 "$tmp/signals.py" "$HVCTL" "$tmp/hvctl.conf" || fail "see above"

# A second one.
mkfifo "$tmp/keys"
"$HVCTL" -c "$tmp/hvctl.conf" console vm1 < "$tmp/keys" > "$tmp/first" \
    2> "$tmp/first.err" & first=$!
exec 3> "$tmp/keys"
printf 'of the first' >&3
wait_for 10 grep -q "of the first" "$tmp/first"
printf '\035' | expect_fail 5 "in use by process [0-9]* (root" hv console vm1
printf 'of the second' | hv console --force vm1 > "$tmp/out" 2> "$tmp/err" \
    || fail "--force: $(cat "$tmp/err")"
status=0
wait $first || status=$?
[ $status -eq 130 ] || fail "who had to leave: exit status $status"
grep -q "taken over by process" "$tmp/first.err" || {
    cat "$tmp/first.err"
    fail "who had to leave is not told"
}
exec 3>&-
wait_console vm1 "of the second"
# One that is stopped has to leave, too.
sleep 60 | "$HVCTL" -c "$tmp/hvctl.conf" console vm1 > "$tmp/first" \
    2> "$tmp/first.err" &
attached ()
{
    stopped=$(find /proc/[0-9]*/fd -lname "$tmp/run/vm/vm1/attached" \
        2> /dev/null | cut -d / -f 3 | head -n 1)
    [ -n "$stopped" ]
}
wait_for 10 attached
kill -STOP "$stopped"
printf 'third' | timeout 20 "$HVCTL" -c "$tmp/hvctl.conf" console --force vm1 \
    > "$tmp/out" || fail "one that is stopped keeps the console"

# What was typed is answered before it ends; each option beside each other.
printf 'fourth' | timeout 20 "$HVCTL" -c "$tmp/hvctl.conf" console --escape x \
    --log vm1 > "$tmp/out"
grep -q "tiny guest: hello" "$tmp/out" || fail "console --escape --log"
printf 'fifx th' | hv console --escape x --force vm1 > "$tmp/out"
printf 'sixth\035' | hv console --log --force vm1 > "$tmp/out"
grep -q "tiny guest: hello" "$tmp/out" || fail "console --log --force"
for word in third fourth fif sixth; do
    wait_console vm1 $word
done
! grep -q "fifx" "$(console_log vm1)" || fail "--escape is ignored"

# Where the log was removed, that is what is left.
mv "$(console_log vm1)" "$tmp/removed.log"
expect_fail 3 "'hvctl console' shows new output" hv logs vm1
printf 'seventh\035' | hv console --force vm1 > "$tmp/out"
grep -q "seventh" "$tmp/out" || fail "it does not show what comes"

# /dev/null: it watches.
"$HVCTL" -c "$tmp/hvctl.conf" console vm1 < /dev/null > "$tmp/watched" & watcher=$!
wait_for 10 attached
sleep 0.3
kill -0 $watcher || fail "input from /dev/null is its end"
hv kill vm1
wait_for 10 gone $watcher
assert_nothing_left
