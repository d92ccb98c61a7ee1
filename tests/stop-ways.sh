#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A stop asks the guest, then the hypervisor, then kills, and says which.
. "${abs_top_builddir:-.}/tests/functions.sh"
make_host
add_null

# stops MODE WAY
stops ()
{
    define_null vm1 "$1"
    hv start vm1
    expect "$2" hv stop --timeout 1s vm1
    assert_nothing_left
}

stops obey "has shut down"
stops deaf "asked to quit"
stops stubborn "was killed"
expect "was not running" hv stop vm1
expect "was not running" hv kill vm1

# One that is paused goes on for it.
define_null vm1 obey
hv start vm1
hv pause vm1
expect "has shut down" hv stop --timeout 5s vm1
assert_nothing_left
define_null vm1 stubborn

# Told to be quick, it is.
hv start vm1
expect "was killed" hv kill vm1
assert_nothing_left
