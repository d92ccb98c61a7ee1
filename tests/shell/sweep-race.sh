#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A command that looks after other VMs saw one "starting", and the start ends
# well before it looks who starts it: the VM is left alone.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
make_host
add_null
define_null vm1
define_null other
traced_hvctl

# held NAME CALL PATH COMMAND...: a call about the path takes a second longer.
# Descendants are not traced: they go on.
held ()
{
    trace=$tmp/$1.trace call=$2 path=$3
    shift 3
    strace -o "$trace" -P "$path" -e "trace=$call" \
        -e "inject=$call:delay_enter=1000000$when" "$@"
}

# The start is held at its last word, that the VM runs...
when=:when=1
held start rename "$tmp/run/vm/vm1/state.next" \
    "$hvctl" -c "$tmp/hvctl.conf" start vm1 & start=$!
wait_for 10 grep -q '"starting"' "$tmp/run/vm/vm1/state"
# ... and who sees this, where it asks for the one who starts it.
when=
held sweep openat "$tmp/run/vm/vm1/starter" \
    "$hvctl" -c "$tmp/hvctl.conf" stop other & sweep=$!
wait $start || fail "the start failed"
pid=$(hv status -o json vm1 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
wait $sweep || :
grep -q starter "$tmp/sweep.trace" || fail "the other command saw it too late"
expect "vm1 is running" hv status vm1
[ "$(hv status -o json vm1 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')" = "$pid" ] \
    || fail "another process"
hv stop vm1
assert_nothing_left
