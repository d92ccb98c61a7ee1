# SPDX-License-Identifier: LGPL-2.1-or-later
# Verbs for tests in which a party is suspended; after tests/kit/functions.sh, with
# a host that has VMs vm1 and other of the null plugin.  $party names who is
# suspended.
direct_hvctl
longest=0

# timed LIMIT COMMAND...: in milliseconds; its exit status
timed ()
{
    limit=$1 status=0 before=$(date +%s%3N)
    shift
    timeout -k 1 100 "$hvctl" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/out" 2> "$tmp/err" < /dev/null || status=$?
    took=$(($(date +%s%3N) - before))
    echo "$party: $*: exit status $status after $took ms"
    [ $took -le $((limit * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || fail "$party is suspended: '$*' took $took ms, more than $limit"
    [ $took -le $longest ] || longest=$took
}

# other_is_well: what is done to another VM
other_is_well ()
{
    for command in "start other" "status other" "pause other" "resume other" \
        "list" "stop -t 5 other"; do
        timed 1000 $command
        [ $status = 0 ] || fail "$party: $command: $(cat "$tmp/err")"
    done
}

# Whatever each says, it comes back.
every_command ()
{
    for command in "list" "status vm1" "-o json status vm1" \
        "plan vm1" "explain vm1" "validate vm1" "show vm1" "sandbox show vm1" \
        "logs --hypervisor vm1" "snapshot list vm1" "volume list" "diff vm1"; do
        timed 12000 $command
    done
    for command in "start vm1" "pause vm1" "resume vm1" "rm vm1"; do
        timed 30000 $command
    done
}

# Those that wait a minute for another that is at it.
every_change ()
{
    for command in "resize --memory 32M vm1" "attach-nic vm1 n2:null" \
        "detach-nic vm1 n2" "snapshot create vm1 s" "save vm1"; do
        timed 75000 $command
    done
}

# ends_by COMMAND LIMIT
ends_by ()
{
    timed "$2" $1
    [ $status = 0 ] || fail "$party: $1: $(cat "$tmp/err")"
    kill -CONT $suspended 2> /dev/null || :
    assert_nothing_left
}

# The signal is taken when the process has a processor for it.
suspend ()
{
    suspended=$*
    kill -STOP $suspended
    for one in $suspended; do
        wait_for 5 is_suspended $one
    done
}

is_suspended ()
{
    grep -q "^State:[[:space:]]*[Tt]" "/proc/$1/status" # t: traced
}

# What was killed stays a zombie until it is waited for.
gone ()
{
    ! grep -q '^State:[^Z]*$' "/proc/$1/status" 2> /dev/null
}
