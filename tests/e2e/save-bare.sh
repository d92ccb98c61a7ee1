#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest without a disk is saved and restored, too: QEMU, which is sealed, has
# no more leave than that takes.  It says nothing about it, as of what is
# deprecated, and nothing keeps the file once it is done.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
define_tiny vm1
words=$tmp/log/vm1/hypervisor.log

# open_states PID: the files of a saved state that the process has open.
open_states ()
{
    find "/proc/$1/fd" -type l -exec readlink {} \; | grep -c "/saved" || :
}

hv start vm1
wait_console vm1 "tiny guest: hello"
expect "vm1 is saved" hv save vm1
[ ! -s "$words" ] || fail "QEMU said: $(cat "$words")"
assert_nothing_left
hv start vm1
[ ! -s "$words" ] || fail "QEMU said: $(cat "$words")"
pid=$(hv status -o json vm1 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1)
[ "$(open_states "$pid")" = 0 ] || fail "QEMU keeps the file that it has read"
expect "vm1 is saved" hv save vm1
expect "vm1 is running" hv start vm1
hv kill vm1
assert_nothing_left
