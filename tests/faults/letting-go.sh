#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A command was killed, and what it had started still holds its file for a
# moment: the next command waits for that, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
requires qemu-img python3
make_host
add_null
define_null vm1
define_null other
hv volume create default/a 1M > "$tmp/out"
sed -i 's/^disk .*/disk root { volume = a }/' "$tmp/vm.d/vm1.conf"
temporary=$tmp/state/disks/.a.qcow2.new

# killed UNDO COMMAND...: with the temporary file there, as early as can be.
# Where it is not there, the next command finishes the change; UNDO follows.
killed ()
{
    undo=$1
    shift
    for n in $(seq 200); do
        "$inject" -n "$n" -f kill -o "$tmp/calls" "$hvctl" \
            -c "$tmp/hvctl.conf" "$@" > "$tmp/out" 2> "$tmp/err" || :
        [ ! -e "$temporary" ] || break
        hv stop other > "$tmp/out" 2>&1
        hv snapshot $undo vm1 "$4" > "$tmp/out" 2>&1 || :
    done
    [ -e "$temporary" ] && [ -e "$tmp/state/changes/vm1" ] \
        || fail "$*: it never had a temporary file"
}

# held SECONDS: as whoever makes a volume holds it.
held ()
{
    python3 - "$temporary" "$1" "$tmp/held" 3>&- <<END &
import fcntl, sys, time
f = open(sys.argv[1], "r+")
fcntl.lockf(f, fcntl.LOCK_EX, 1)
open(sys.argv[3], "w")
time.sleep(float(sys.argv[2]))
END
    wait_for 10 [ -e "$tmp/held" ]
    rm "$tmp/held"
}

finished ()
{
    grep -q "is now completed" "$tmp/err" || fail "$what: $(cat "$tmp/err")"
}

nothing_left ()
{
    left=$(find "$tmp/state" -name '*.new' -o -path '*/changes/*')
    [ -z "$left" ] || fail "$what:" $left
}

what="snapshot create"
killed delete snapshot create vm1 s1
held 0.2
hv stop other > "$tmp/out" 2> "$tmp/err"
finished
wait
nothing_left

what="snapshot delete"
hv snapshot create vm1 s2 > "$tmp/out"
killed create snapshot delete vm1 s2
held 0.2
hv stop other > "$tmp/out" 2> "$tmp/err"
finished
wait
nothing_left

# Who does not let go is not waited for, and the reason is told.
what="snapshot create, held for long"
killed delete snapshot create vm1 s3
held 3
before=$(date +%s%3N)
hv stop other > "$tmp/out" 2> "$tmp/err"
took=$(($(date +%s%3N) - before))
[ "$took" -lt $((1000 * ${HVCTL_TEST_PATIENCE:-1})) ] || fail "it took $took ms"
grep -q "is being created by another hvctl" "$tmp/err" \
    || fail "$what: $(cat "$tmp/err")"
wait
# It is not given up.
hv stop other > "$tmp/out" 2> "$tmp/err"
finished
hv snapshot list vm1 > "$tmp/out"
grep -q "^s3 " "$tmp/out" || fail "$what: s3 is not there"
nothing_left
