#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A command is killed, interrupted, or an error comes back, at any system call
# that changes something: what is said is so, another VM is not concerned, the
# next command works, and nothing is left.
#
# A sample of HVCTL_TEST_POINTS points (400), by HVCTL_TEST_SEED, in
# HVCTL_TEST_JOBS worlds side by side (4); "all" are all of them.  Of commands,
# HVCTL_TEST_COMMANDS.  One point: points.sh COMMAND N FAULT.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
. "$abs_top_srcdir/tests/faults/world.sh"
set +e

# The points, "COMMAND N FAULT": all, or a sample.
choose_points ()
{
    awk -v seed="$seed" -v wanted="$points" -v faults="$faults" '
        { name[NR] = $1; count[NR] = $2 }
        END {
            n = split(faults, fault, " ")
            srand(seed)
            if (wanted == "all") {
                for (c = 1; c <= NR; c++)
                    for (i = 1; i <= count[c]; i++)
                        for (f = 1; f <= n; f++)
                            print name[c], i, fault[f]
                exit
            }
            # Killed as often as everything else.
            for (i = 0; i < wanted; i++) {
                c = 1 + int(rand() * NR)
                f = rand() < 0.4 ? 1 : 1 + int(rand() * n)
                print name[c], 1 + int(rand() * count[c]), fault[f]
            }
        }' "$1"
}

# One of several worlds: takes every JOBS-th point.
work ()
{
    make_world work "$@"
    bad_points=0 done_points=0
    while read -r command n fault; do
        try_point "$command" "$n" "$fault"
        done_points=$((done_points + 1))
        bad_points=$((bad_points + is_bad))
        echo "$command $is_bad" >> "$1/tried"
    done < "$1/points.$2"
    exit 0
}

case ${1-} in
    work) shift; work "$@" ;;
    count)
        make_world "$@"
        nth=0
        for command in ${HVCTL_TEST_COMMANDS:-$commands}; do
            nth=$((nth + 1))
            [ $((nth % $4)) = $((${3} % $4)) ] || continue
            count_points "$command" || exit 1
            echo "$command $count" >> "$2/counts"
        done
        exit 0 ;;
    ?*)
        make_world "$@"
        [ "$2" != list ] || { count_points "$1"; cat "$tmp/point.log"; exit 0; }
        try_point "$@"
        exit $is_bad ;;
esac

requires_root
requires_tiny
"$abs_top_builddir/tests/faults/inject" 2> /dev/null
[ $? != 77 ] || skip "no injector for this machine"
seed=${HVCTL_TEST_SEED:-$(date +%s)}
points=${HVCTL_TEST_POINTS:-400}
jobs=${HVCTL_TEST_JOBS:-4}
make_tempdir
HVCTL_TEST_LIMIT=0
export HVCTL_TEST_LIMIT
for job in $(seq "$jobs"); do
    sh "$0" count "$tmp" "$job" "$jobs" > "$tmp/count.$job" 2>&1 &
    pids="${pids-} $!"
done
for pid in $pids; do
    wait "$pid" || { cat "$tmp"/count.*; fail "without any fault"; }
done
sort "$tmp/counts" > "$tmp/sorted"
choose_points "$tmp/sorted" > "$tmp/points"
pids=
for job in $(seq "$jobs"); do
    awk -v j="$job" -v jobs="$jobs" 'NR % jobs == j % jobs' "$tmp/points" \
        > "$tmp/points.$job"
    sh "$0" work "$tmp" "$job" > "$tmp/work.$job" 2>&1 &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid" || failed=1
done
cat "$tmp"/work.*
echo "seed $seed; points tried, and those at which something was wrong:"
awk '{ n[$1]++; bad[$1] += $2; all++; wrong += $2 }
    END { for (c in n) printf "  %-18s %5d %5d\n", c, n[c], bad[c]
          printf "  %-18s %5d %5d\n", "all", all, wrong }' "$tmp/tried" | sort
tried=$(wc -l < "$tmp/tried")
[ "$tried" = "$(wc -l < "$tmp/points")" ] || fail "some were not tried"
! grep -q " 1$" "$tmp/tried" || fail "see above; again by HVCTL_TEST_SEED=$seed"
[ -z "${failed-}" ] || fail "a world ended early"
