#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The hypervisor and the supervisor are suspended in turn (SIGSTOP), and every
# command comes back, from this VM within its limit, from another within a
# moment; then stop and kill end it, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
. "$abs_top_srcdir/tests/kit/suspended-verbs.sh"

for end in "kill vm1" "stop -t 1 vm1"; do
    for party in hypervisor supervisor; do
        define_null vm1
        define_null other
        hv start vm1
        if [ $party = hypervisor ]; then
            suspend "$(pid_of vm1)"
        else
            suspend "$(supervisor_of vm1)"
        fi
        other_is_well
        if [ "$end" = "kill vm1" ]; then
            every_command
            every_change
            [ -e "$tmp/vm.d/vm1.conf" ] || define_null vm1
            # A VM whose supervisor is suspended may have been saved.
            hv start --fresh vm1 > "$tmp/out" 2>&1 || :
            other_is_well
        fi
        ends_by "$end" 35000
    done
done
echo "the longest command took $longest ms"
