# SPDX-License-Identifier: LGPL-2.1-or-later
# Commands about image b, which are killed, interrupted, or fail at each of their
# system calls that changes something; sourced behind functions.sh, after
# requires_inject and make_host.
images=$tmp/state/images
add_null
define_null o

# disturbed "COMMAND" [OPTION...]
disturbed ()
{
    command=$1
    shift
    "$inject" "$@" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" image \
        $command > "$tmp/out" 2> "$tmp/err"
}

# The next command that makes changes, to a VM, has found nothing to recover, or
# has done so.  A process that was just being started may keep the lock for a
# moment.
is_settled ()
{
    hv stop o > "$tmp/out" 2>&1 || :
    [ -z "$(find "$tmp/state/changes" -type f)" ]
}

# all_or_none WHAT: sets there.  What is there of a download stays for the next
# one, or until it is removed.
all_or_none ()
{
    wait_for 5 is_settled
    there=$(find "$images/names" -name b 2> "$tmp/err.find" | wc -l)
    left=$(find "$tmp/state" ! -name .b.download ! -name .b.origin -name '.?*' \
        -o -path '*/changes/*')
    [ -z "$left" ] || fail "$1 left: $left"
    data=$(find "$images/data" -name "*.raw" 2> "$tmp/err.find" | wc -l)
    [ "$there" = 0 ] || left=$(find "$images" -name '.b.*')
    [ -z "$left" ] || fail "$1 left beside the image: $left"
    [ "$data" = "$there" ] || fail "$1: $there records, $data contents"
    [ "$there" = 0 ] || hv image verify b > "$tmp/out" 2>&1 || fail "$1: damaged"
    seen="$seen $there"
}

# faults_at N: those of call N.  One of them, another one at the next call; with
# HVCTL_TEST_POINTS=all all of them.
faults_at ()
{
    set -- "$1" kill 28 term
    if [ "${HVCTL_TEST_POINTS-}" = all ]; then
        echo kill 28 term
    else
        shift $((($1 + ${HVCTL_TEST_SEED:-0}) % 3 + 1))
        echo "$1"
    fi
}

# each_call IS "COMMAND" PREPARATION...: before each, there are IS images.
each_call ()
{
    is=$1 command=$2 seen=
    shift 2
    "$@"
    disturbed "$command" || fail "$(cat "$tmp/err")"
    all_or_none nothing
    [ "$seen" = " $((1 - is))" ] || fail "image $command: $seen"
    calls=$(sed -n 's/^count //p' "$tmp/calls")
    n=$(sed -n 's,^\([0-9]*\) .*/changes\.lock$,\1,p' "$tmp/calls" | head -n 1)
    while [ $n -le "$calls" ]; do
        for fault in $(faults_at $n); do
            "$@" > "$tmp/out"
            if disturbed "$command" -n $n -f $fault; then
                [ "$(hv image list | grep -c '^b ')" != $is ] \
                    || fail "image $command: call $n, $fault: no success"
            fi
            all_or_none "image $command: call $n, $fault"
        done
        n=$((n + 1))
    done
    case $seen in *" 0"*) ;; *) fail "image $command: never nothing: $seen" ;; esac
    case $seen in *" 1"*) ;; *) fail "image $command: never all: $seen" ;; esac
}

absent ()
{
    hv image rm --yes b > "$tmp/out" 2>&1 || :
    left=$(find "$images" -type f 2> "$tmp/err.find" || :)
    [ -z "$left" ] || fail "left: $left"
}
