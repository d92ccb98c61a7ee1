#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl apply makes the changes that it has shown, and no others, whatever happens
# between the question and the answer; and says "nothing to do" only if that is
# all that there is to say.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host < /dev/null
add_null
conf=$tmp/vm.d/vm1.conf
define_null vm1
hv start vm1
cat > "$tmp/ask.py" <<'PY'
# ask.py MEANWHILE COMMAND...: answers "y" once MEANWHILE has been run.
import os, pty, subprocess, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said, asked = b'', False
while True:
    try:
        more = os.read(fd, 4096)
    except OSError:
        break
    if not more:
        break
    said += more
    if b'Apply these changes?' in said and not asked:
        asked = True
        subprocess.run(['sh', '-c', sys.argv[1]], check=True)
        os.write(fd, b'y\n')
sys.stdout.write(said.decode().replace('\r', ''))
status = os.waitpid(pid, 0)[1]
assert asked, said
sys.exit(os.waitstatus_to_exitcode(status))
PY

# meanwhile STATUS SED [OPTION...]: what was said is in out.
meanwhile ()
{
    expected=$1 edit=$2
    shift 2
    status=0
    python3 "$tmp/ask.py" "sed -i '$edit' '$conf'" "$HVCTL" -c "$tmp/hvctl.conf" \
        apply "$@" > "$tmp/out" 2>&1 || status=$?
    [ $status = "$expected" ] || fail "$status, not $expected: $(cat "$tmp/out")"
}

# same EDIT-BEFORE EDIT-MEANWHILE DONE: each kind of change; only what was shown
# is done.
other ()
{
    cp "$conf" "$tmp/kept"
    sed -i "$1" "$conf"
    meanwhile 1 "$2"
    grep -q "vm1: $3 has changed since the changes were shown" "$tmp/out" \
        || fail "$(cat "$tmp/out")"
    ! grep -q "^vm1: $3: done" "$tmp/out" || fail "$(cat "$tmp/out")"
    hv diff vm1 > "$tmp/out"
    grep -q "^vm1: $3: .*; now" "$tmp/out" || fail "$(cat "$tmp/out")"
    mv "$tmp/kept" "$conf"
    hv apply -y vm1 > "$tmp/out"
    hv diff vm1 > "$tmp/out"
    [ ! -s "$tmp/out" ] || fail "$(cat "$tmp/out")"
}
other 's/16M/32M/' 's/32M/64M/' memory
other 's/16M/32M/' '1i cpus = 2' cpus
grep -q . "$tmp/null.log"
other 's/16M/32M/' '/^nic lan/d' 'nic lan'
other 's/16M/32M/' '/^disk/a nic more { network = null }' 'nic more'
other '/^disk/a nic more { network = null }' 's/^nic more {/& mac = 52:54:00:00:00:07/' 'nic more'
other 's/16M/32M/' '/^disk/a disk more { pool = null size = 1M }' 'disk more volume'
rm -f "$tmp/disks/vm1-more.null"
other '/^disk/a disk more { pool = null size = 1M }' 's/^disk more.*size = 1M/&\nserial = x/' 'disk more volume'

# What was shown, and is still to be done, is done beside it.
cp "$conf" "$tmp/kept"
sed -i 's/16M/32M/' "$conf"
meanwhile 1 '1i cpus = 2'
grep -q '^vm1: memory: done' "$tmp/out" || fail "$(cat "$tmp/out")"
# Nothing that concerns the changes.
hv apply -y vm1 > "$tmp/out"
sed -i 's/cpus = 2/cpus = 3/' "$conf"
meanwhile 0 '1i description = x'
grep -q '^vm1: cpus: done' "$tmp/out" || fail "$(cat "$tmp/out")"
mv "$tmp/kept" "$conf"
hv apply -y vm1 > "$tmp/out"

# A start is one of the changes.
hv kill vm1 > "$tmp/out"
sed -i 's/pool = null }/pool = null size = 2M }/' "$conf"
meanwhile 1 '1i autostart = yes' --start vm1
expect_fail 6 '' hv status vm1
hv apply -y vm1 > "$tmp/out"

# "nothing to do" and an error exclude each other.
expect '^nothing to do$' hv apply vm1
sed -i 's/size = 2M/size = 3000001/' "$conf"
expect_fail 7 'disk root size: impossible: ' hv apply -y vm1
! grep -q 'nothing to do' "$tmp/out" || fail "$(cat "$tmp/out")"
expect_fail 7 '' hv apply --check vm1
sed -i 's/size = 3000001/size = 1000001/; s/root/other/' "$conf"
expect_fail 7 'disk other volume: impossible: ' hv apply -y vm1
! grep -q 'nothing to do' "$tmp/out" || fail "$(cat "$tmp/out")"
expect_fail 7 'whole sectors' hv validate vm1
assert_nothing_left
