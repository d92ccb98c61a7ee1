#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that is still booting does not hear the power button: it is asked
# again before anybody would have to wait for it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1

for i in 1 2 3; do
    hv start vm1
    from=$(date +%s%3N)
    expect "shut down" hv stop vm1
    took=$(($(date +%s%3N) - from))
    [ $took -le $((2500 * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || fail "stop took $took ms"
done
assert_nothing_left
