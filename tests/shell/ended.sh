#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# How the last run ended: of that run or not at all, whoever is killed and
# whatever is full; and who made it end.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

# told TEXT: list and status say so, and nothing else.
told ()
{
    wait_for 10 is_released vm1
    expect "$1" hv list vm1
    hv status vm1 > "$tmp/out" || :
    grep -q "^  last run  *$1" "$tmp/out" || fail "status: $(cat "$tmp/out")"
    assert_nothing_left
}

# untold: nothing is known, least of all what is known of an older run.
untold ()
{
    hv list vm1 > "$tmp/out"
    ! grep -q "$1" "$tmp/out" || fail "of an older run: $(cat "$tmp/out")"
    hv status vm1 > "$tmp/out" || :
    ! grep -q "last run" "$tmp/out" || fail "status: $(cat "$tmp/out")"
    ! hv status -o json vm1 | grep -q '"ended": *"' || fail "as JSON"
}

# --------------------------------------------------------- Who made it end
hv start vm1
hv stop vm1
told "its guest has shut down, asked by hvctl"
hv start vm1
hv stop --timeout 0s vm1
told "it was told to quit, and its guest was not asked"
hv start vm1
hv save vm1
rm -r "$tmp/state/vm/vm1/saved" # As 'snapshot revert' drops it.
told "it was saved"
define_null vm1 deaf
hv start vm1
hv stop --timeout 300ms vm1
told "its guest did not shut down, and it was told to quit"
define_null vm1 stubborn
hv start vm1
hv stop --timeout 300ms vm1
told "killed by hvctl"

# ------------------------------------------------------- Of the last run
define_null vm1
hv start vm1
untold "killed by hvctl" # It would count if it were released this moment.
supervisor=$(supervisor_of vm1)
kill -STOP "$supervisor"
pid=$(pid_of vm1)
kill -9 "$pid"
wait_for 10 gone "$pid"
untold "killed by hvctl"
kill -CONT "$supervisor"
told "killed by signal 9"

# It is recorded, and not released.
hv start vm1
cp -a "$tmp/run/vm/vm1" "$tmp/left"
supervisor=$(supervisor_of vm1)
hv kill vm1
wait_for 10 gone "$supervisor" # It looks whether there is something to remove.
echo "signal 11 1700000000" > "$tmp/left/end"
cp -a "$tmp/left" "$tmp/run/vm/vm1"
expect "killed by signal 11" hv list vm1
hv status vm1 > "$tmp/out" || :
grep -q "last run .*killed by signal 11" "$tmp/out" || fail "not by status"
hv start vm1
hv kill vm1
told "killed by hvctl"

# Nobody saw it.
hv start vm1
pid=$(pid_of vm1)
kill -9 "$(supervisor_of vm1)"
kill -9 "$pid"
wait_for 10 gone "$pid"
untold "killed by hvctl"
hv stop vm1
untold "killed by hvctl"

# It cannot be kept.
hv start vm1
hv kill vm1
hv start vm1
mkdir "$tmp/state/vm/vm1/last.new"
kill -9 "$(pid_of vm1)"
wait_for 10 is_released vm1
untold "killed by hvctl"
rmdir "$tmp/state/vm/vm1/last.new"

# ---------------------------------------------------------- In the foreground
runs ()
{
    hv list vm1 | grep -q "vm1 *running"
}

# ran TEXT COMMAND...: 'run' says that, when that has been done.
ran ()
{
    text=$1
    shift
    "$HVCTL" -c "$tmp/hvctl.conf" run vm1 > "$tmp/said" 2>&1 & runner=$!
    wait_for 10 runs
    "$@"
    wait $runner || :
    grep -q "vm1: $text" "$tmp/said" \
        || fail "run says: $(cat "$tmp/said")"
    told "$text"
}

killed ()
{
    kill -9 "$(pid_of vm1)"
}

ran "killed by signal 9" killed
ran "its guest has shut down, asked by hvctl" hv stop vm1
ran "its guest has shut down, asked by hvctl" eval 'kill -TERM $runner'

# It is told twice, while its guest does not react: there is one end, and it is
# true.
twice ()
{
    kill -TERM "$runner"
    wait_for 10 grep -q asked "$tmp/run/vm/vm1/ender"
    kill -TERM "$runner"
}
define_null vm1 deaf
ran "killed by hvctl" twice
[ "$(grep -v "is degraded: " "$tmp/said" | grep -c "vm1")" -le 2 ] \
    || fail "two ends: $(cat "$tmp/said")"
! grep -q "has shut down" "$tmp/said" || fail "untrue: $(cat "$tmp/said")"

# Who stops it says so, too, when somebody else ends it.
hv start vm1
"$HVCTL" -c "$tmp/hvctl.conf" stop vm1 > "$tmp/said" 2>&1 & stopper=$!
wait_for 10 grep -q asked "$tmp/run/vm/vm1/ender"
kill -9 "$(pid_of vm1)"
wait $stopper || fail "stop: $(cat "$tmp/said")"
grep -q "vm1 exited while it was shutting down: killed by signal 9" \
    "$tmp/said" || fail "$(cat "$tmp/said")"

# A hypervisor that ends closes its connection a moment before it has exited.
for command in status list; do
    define_null vm1 leaving
    hv start vm1
    # shellcheck disable=SC2086
    hv $command vm1 > "$tmp/out" 2>&1 || :
    ! grep "running\|does not answer" "$tmp/out" || fail "$command: it has exited"
    wait_for 10 is_released vm1
done
assert_nothing_left
