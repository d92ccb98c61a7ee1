#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A disk or NIC is being plugged in, and its hvctl is killed or interrupted at
# any command to the hypervisor, or when only the definition has yet to take its
# place: the next hvctl finds out what the guest has, and either it is all there
# or nothing of it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
. "$abs_top_srcdir/tests/faults/world.sh"
set +e
make_world plugging "$@"
tried=0 wrong=0
for command in attach-disk attach-nic; do
    count_points $command
    calls=$(sed -n 's/^\([0-9]*\) \(sendmsg\|rename\) .*/\1/p' \
        "$tmp/point.log")
    for n in $calls; do
        for fault in kill term; do
            try_point $command "$n" $fault
            tried=$((tried + 1)) wrong=$((wrong + is_bad))
        done
    done
done
echo "$tried points, $wrong of them bad"
[ $tried -ge 20 ] || fail "only $tried points: are no commands sent any more?"
[ $wrong = 0 ] || fail "see above"
