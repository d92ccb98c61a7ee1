#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# At a terminal a table shows the VMs in progress: in place, no wider and no
# higher than the terminal, and gone at the end.  Elsewhere, and for a single VM,
# there is none.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host
add_null
for n in 1 2 3 4 5 6; do
    define_null machine-$n
done

cat > "$tmp/screen.py" <<'END'
import fcntl, os, pty, re, struct, sys, termios

rows, columns = int(sys.argv[1]), int(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    os.environ['TERM'] = sys.argv[3]
    os.execv(sys.argv[4], sys.argv[4:])
data = b''
while True:
    try: piece = os.read(terminal, 4096)
    except OSError: break
    if not piece: break
    data += piece
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

# Lines since the beginning; the terminal shows the last of them.
lines, y, most, tables, bad = [''], 0, 0, 0, []
for token in re.findall(r'\x1b\[[0-9]*[A-Za-z]|[^\x1b\r\n]+|.|\n',
                        data.decode()):
    if token == '\n':
        y += 1
        if y == len(lines): lines.append('')
    elif token == '\r': pass
    elif token.endswith('A') and token[0] == '\x1b':
        up = int(token[2:-1])
        most = max(most, up)
        if up >= rows: bad.append('a table of %d lines' % up)
        y -= up
    elif token == '\x1b[J': lines[y:] = ['']
    elif token[0] == '\x1b': bad.append(repr(token))
    else:
        lines[y] += token
        tables += token.startswith('VM ')
        if re.match('VM |machine-. +(starting|stopping)|. of 6', token) \
                and len(token) >= columns:
            bad.append('as wide as the terminal: ' + token)
print('status %d, %d tables, highest %d' % (status, tables, most))
print('\n'.join(bad), end='')
print('\n'.join(lines))
sys.exit(bool(bad))
END

# shown ROWS COLUMNS TERM ARGUMENT...
shown ()
{
    rows=$1 columns=$2 term=$3
    shift 3
    python3 "$tmp/screen.py" "$rows" "$columns" "$term" "$HVCTL" \
        -c "$tmp/hvctl.conf" "$@" > "$tmp/out" || {
        cat "$tmp/out"
        fail "$rows rows, $columns columns: the terminal is not as it should be"
    }
    ! grep -q "SECONDS\|VMs done" "$tmp/out" || {
        cat "$tmp/out"
        fail "the table is still there"
    }
}

HVCTL_NULL_FAIL=hypervisor.ready:slow
export HVCTL_NULL_FAIL
for size in "24 100" "24 30" "5 100" "3 12"; do
    # shellcheck disable=SC2086
    shown $size xterm start -j 3 'machine-*'
    [ "$(grep -c "^machine-. is running" "$tmp/out")" = 6 ] || {
        cat "$tmp/out"
        fail "$size: not all are said to run"
    }
    case $size in
        24*) grep -q "^status 0, [1-9][0-9]* tables, highest 5" "$tmp/out" ;;
        5*) grep -q "^status 0, [1-9][0-9]* tables, highest 4" "$tmp/out" ;;
        3*) grep -q "^status 0, 0 tables, highest 1" "$tmp/out" ;;
    esac || fail "$size: $(head -n 1 "$tmp/out")"
    hv kill 'machine-*' > "$tmp/out"
done

# The error of one is above the table.
sed -i 's/^memory.*/memory = lots/' "$tmp/vm.d/machine-2.conf"
shown 24 80 xterm start -j 2 'machine-*'
grep -q "^status 7" "$tmp/out" || fail "$(head -n 1 "$tmp/out")"
grep -q "^hvctl: .*lots" "$tmp/out" || fail "no error: $(cat "$tmp/out")"
hv kill 'machine-*' > "$tmp/out"

# One VM; a terminal that cannot, or of which nothing is known; none.
for case in "xterm machine-1" "dumb machine-[13]" " machine-[13]"; do
    # shellcheck disable=SC2086
    shown 24 80 "${case% *}" start "${case#* }"
    grep -q "^status 0, 0 tables, highest 0" "$tmp/out" \
        || fail "$case: $(cat "$tmp/out")"
    hv kill 'machine-[13]' > "$tmp/out"
done
hv start -j 2 'machine-[1345]' > "$tmp/out" 2> "$tmp/err"
grep -q "waiting for machine-., machine-. to start" "$tmp/err" \
    || fail "nothing is said: $(cat "$tmp/err")"
! grep -q "$(printf '\033')" "$tmp/out" "$tmp/err" || fail "it draws in a file"
hv kill 'machine-*' > "$tmp/out"

# A job in the background draws nothing over what is typed meanwhile.
cat > "$tmp/behind.sh" <<'END'
# "$@" &, as a shell with job control does it.
set -m
"$@" &
wait
END
python3 "$tmp/screen.py" 24 80 xterm /bin/sh "$tmp/behind.sh" "$HVCTL" \
    -c "$tmp/hvctl.conf" start -j 2 'machine-[1345]' > "$tmp/out" || {
    cat "$tmp/out"
    fail "the background"
}
grep -q "^status 0, 0 tables, highest 0" "$tmp/out" || fail "$(cat "$tmp/out")"
[ "$(grep -c "^machine-. is running" "$tmp/out")" = 4 ] \
    || fail "not all are said to run: $(cat "$tmp/out")"
hv kill 'machine-*' > "$tmp/out"

# A terminal that stops who writes to it from the background, which copies of
# hvctl do, does not stop those.
unset HVCTL_NULL_FAIL
hv start 'machine-[13]' > "$tmp/out"
for vms in machine-1 'machine-[13]'; do
    # shellcheck disable=SC2016
    timeout 30 python3 "$tmp/screen.py" 24 80 dumb /bin/sh -c \
        'stty tostop; exec "$@"' sh "$HVCTL" -c "$tmp/hvctl.conf" \
        stop -t 5 "$vms" > "$tmp/out" || fail "stopped by its terminal"
    grep -q "^status 0" "$tmp/out" || fail "tostop: $(cat "$tmp/out")"
done
assert_nothing_left
