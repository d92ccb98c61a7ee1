#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The process that serves a NIC is suspended (SIGSTOP): every command comes back,
# from this VM within its limit, from another within a moment; then stop and kill
# end it, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin net-user
requires passt
make_host
add_null
. "$abs_top_srcdir/tests/kit/suspended-verbs.sh"

party=passt

suspend_passt ()
{
    suspend "$(sed -n 's/.*"helper".*"pid":\([0-9]*\).*/\1/p' \
        "$tmp/run/vm/vm1/journal")"
}

for end in "kill vm1" "stop -t 1 vm1"; do
    define_null vm1
    define_null other
    sed -i 's/^nic lan.*/nic lan { network = user }/' "$tmp/vm.d/vm1.conf"
    hv start vm1
    suspend_passt
    other_is_well
    if [ "$end" = "kill vm1" ]; then
        every_command
        every_change
        # It may have been saved.
        [ "$(hv status vm1 | grep -c running)" = 1 ] || {
            timed 30000 start --fresh vm1
            suspend_passt
        }
    fi
    ends_by "$end" 35000
done
echo "the longest command took $longest ms"
