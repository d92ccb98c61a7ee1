# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by tests/shell/suspended-{start,release,change}.sh, which wait for long,
# and so at the same time: another hvctl is suspended (SIGSTOP) in that; every
# command comes back, from this VM within its limit, from another within a
# moment; then kill ends what is in the way, and the VM starts again.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
. "$abs_top_srcdir/tests/kit/suspended-verbs.sh"

# suspended_in start|release|change
suspended_in ()
{
    at=$1
    party="another hvctl ($at)"
    define_null vm1
    define_null other
    : > "$tmp/null.log"
    case $at in
    start)
        op=hypervisor.ready
        set -- start vm1
        ;;
    release)
        hv start vm1
        # The supervisor's own release is not to be first.
        suspend "$(supervisor_of vm1)"
        op=network.detach
        set -- kill vm1
        ;;
    change)
        hv start vm1
        op=hypervisor.save
        set -- save vm1
        ;;
    esac
    : > "$tmp/null.log"
    HVCTL_NULL_FAIL=$op:deaf "$abs_top_builddir/cli/hvctl" \
        -c "$tmp/hvctl.conf" "$@" > "$tmp/stuck" 2>&1 & stuck=$!
    wait_for 20 grep -q "^$op vm1" "$tmp/null.log"
    suspend $stuck
    other_is_well
    every_command
    # A minute: once is enough.
    if [ $at = change ]; then
        timed 75000 resize --memory 32M vm1
        grep -q "(process $stuck).*hvctl kill vm1" "$tmp/err" \
            || fail "it is not named: $(cat "$tmp/err")"
    fi
    [ -e "$tmp/vm.d/vm1.conf" ] || define_null vm1
    other_is_well
    timed 35000 kill vm1
    [ $status = 0 ] || fail "$party: kill: $(cat "$tmp/err")"
    wait_for 1 gone $stuck
    wait $stuck || :
    timed 5000 start --fresh vm1
    [ $status = 0 ] || fail "$party: start: $(cat "$tmp/err")"
    hv kill vm1
    assert_nothing_left
    echo "the longest command took $longest ms"
}
