#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An hvctl is suspended (SIGSTOP) while it looks after a VM: it gives it a new
# supervisor on the way to another VM, or writes down what it is now.  Nobody
# takes that for a start; kill ends what is in the way, and the VM starts again.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
make_host
add_null
. "$abs_top_srcdir/tests/kit/suspended-verbs.sh"
traced_hvctl

# suspended_at CALL FILE COMMAND...: at that call about a file of vm1's run
# directory; sets stuck.
suspended_at ()
{
    call=$1 path=$tmp/run/vm/vm1/$2
    shift 2
    : > "$tmp/trace"
    strace -o "$tmp/trace" -P "$path" -e "trace=$call" \
        -e "inject=$call:delay_enter=60000000" \
        "$hvctl" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/stuck" 2>&1 & tracer=$!
    wait_for 20 grep -q "$path" "$tmp/trace"
    stuck=$(sed 's/ .*//' "$tmp/run/vm/vm1/starter")
    suspend "$stuck"
    kill -KILL $tracer
    wait $tracer || :
}

is_stopped ()
{
    hv list > "$tmp/out" && grep -q "^vm1 *stopped" "$tmp/out"
}

for at in openat:watch:stop:other rename:state.new:pause:vm1; do
    for ends in before with; do
        define_null vm1
        define_null other
        hv start vm1
        pid=$(pid_of vm1)
        kill -KILL "$(supervisor_of vm1)"
        # Else 'pause' would first give it another one.
        case $at in rename:*) hv stop other ;; esac
        party="another hvctl ($at)"
        # shellcheck disable=SC2046
        suspended_at $(echo "$at" | tr : ' ')
        if [ $ends = before ]; then
            case $at in rename:*) kill -KILL "$(supervisor_of vm1)" ;; esac
            kill -KILL "$pid"
            wait_for 5 is_stopped
            other_is_well
            # The run directory is not given to the next run.
            timed 75000 start vm1
            [ $status = 9 ] || fail "start: exit status $status"
            grep -q "(process $stuck).*hvctl kill vm1" "$tmp/err" \
                || fail "$(cat "$tmp/err")"
        fi
        timed 25000 kill vm1
        [ $status = 0 ] || fail "$party: kill: $(cat "$tmp/err")"
        wait_for 1 gone "$stuck"
        timed 5000 start vm1
        [ $status = 0 ] || fail "$party: start: $(cat "$tmp/err")"
        hv kill vm1
        assert_nothing_left
    done
done
