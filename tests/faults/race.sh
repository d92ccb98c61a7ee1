#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Eight who run random commands on four VMs at once, and the same with random
# kills among them: a start that ended well has a VM, until somebody ends it;
# what is said is so, and nothing is left.
#
# HVCTL_TEST_SEED is the first of HVCTL_TEST_SEEDS (3) seeds, HVCTL_TEST_COUNT
# how many commands each has (150).
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img timeout

vms="a b c d"

# The commands of one: "VM COMMAND DELAY", delay 0: it is not killed.
script ()
{
    awk -v seed="$1" -v n="$count" -v kills="$2" 'BEGIN {
        srand(seed)
        split("a b c d", vm, " ")
        m = split("start start start start stop stop kill pause resume save " \
            "restart snapshot forget attach detach list status", command, " ")
        for (i = 0; i < n; i++)
            print vm[1 + int(rand() * 4)], command[1 + int(rand() * m)], \
                kills && rand() < 0.3 ? 0.005 + rand() * 0.15 : 0
    }'
}

# Runs hvctl, and ends it before its time.
disturbed ()
{
    if [ "$delay" = 0 ]; then
        timeout 120 "$hvctl" -c "$tmp/hvctl.conf" "$@"
    else
        timeout -s KILL "$delay" "$hvctl" \
            -c "$tmp/hvctl.conf" "$@"
    fi
}

lines ()
{
    wc -l < "$tmp/$1" 2> /dev/null || echo 0
}

# What ends a VM is announced before, and told after.
ending ()
{
    echo >> "$tmp/began.$vm"
    "$@"
    code=$?
    echo >> "$tmp/ended.$vm"
    return $code
}

# A start that ended well, and nobody was about to end the VM.
start ()
{
    ended=$(lines "ended.$vm") began=$(lines "began.$vm")
    disturbed start "$vm" > "$tmp/said.$me" 2> "$tmp/err.$me" || return
    echo >> "$tmp/starts"
    pid=$(sed -n 's/.*process \([0-9]*\)).*/\1/p' "$tmp/said.$me")
    for look in 1 2 3; do
        if gone "$pid" && [ "$began" = "$ended" ] \
            && [ "$(lines "began.$vm")" = "$began" ]; then
            echo "seed $seed: $vm was started by $me, and is gone" \
                >> "$tmp/lost"
        fi
        sleep 0.05
    done
}

run_script ()
{
    set +e
    while read -r vm command delay; do
        from=$(date +%s%N)
        case $command in
            start) start ;;
            stop) ending disturbed stop --timeout 2 "$vm" ;;
            kill | save) ending disturbed $command "$vm" ;;
            restart) ending disturbed restart --timeout 2 "$vm" ;;
            snapshot) disturbed snapshot create "$vm" "s$me" ;;
            forget) disturbed snapshot delete "$vm" "s$me" ;;
            attach) disturbed attach-nic "$vm" "n$me:null" ;;
            detach) disturbed detach-nic "$vm" "n$me" ;;
            *) disturbed $command "$vm" ;;
        esac > "$tmp/out.$me" 2>&1
        code=$?
        case $code in
            124) echo "seed $seed: $command $vm took two minutes" ;;
            139 | 134) echo "seed $seed: $command $vm crashed" ;;
        esac >> "$tmp/lost"
        echo "$((($(date +%s%N) - from) / 1000000)) $command" >> "$tmp/times"
    done
    exit 0
}

# No unfinished change, and all commands agree.
check_quiet ()
{
    hv list > "$tmp/out"
    hv kill a > "$tmp/out" 2>&1 || :
    for vm in $vms; do
        hv stop --timeout 2 "$vm" > "$tmp/out" 2>&1 \
            || fail "seed $seed: $(cat "$tmp/out")"
        hv start --fresh "$vm" > "$tmp/out" 2>&1 \
            || fail "seed $seed: $(cat "$tmp/out")"
        expect "$vm is running" hv status "$vm"
        hv list "$vm" | grep -q " running " || fail "list: $(hv list)"
        hv stop --timeout 5 "$vm" > "$tmp/out" 2>&1 \
            || fail "seed $seed: $(cat "$tmp/out")"
    done
    assert_nothing_left
    left=$(find "$tmp/state" "$tmp/vm.d" -name '*.new' -o -name '.?*' \
        -o -path '*/changes/*')
    [ -z "$left" ] || fail "seed $seed: left behind:" $left
}

race ()
{
    pids=
    for me in 1 2 3 4 5 6 7 8; do
        script "$seed$me" "$1" | run_script &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid" || fail "seed $seed: one has ended early"
    done
    [ ! -s "$tmp/lost" ] || { cat "$tmp/lost"; fail "see above"; }
    check_quiet
}

make_host
add_null
direct_hvctl
for vm in $vms; do
    hv volume create "default/$vm" 1M > "$tmp/out"
    define $vm <<END
memory = 16M
hypervisor = null
disk root { volume = $vm }
nic lan { network = null }
plugin null { mode = obey }
END
done
count=${HVCTL_TEST_COUNT:-150}
# Always the same commands: a change is to be judged by what it changes.
seed=${HVCTL_TEST_SEED:-1796021713}
for round in $(seq "${HVCTL_TEST_SEEDS:-3}"); do
    for kills in 0 1; do
        race $kills
    done
    seed=$((seed + 1))
done
echo "$(lines starts) starts, none lost; the longest commands, in ms:"
sort -rn "$tmp/times" | head -n 5
