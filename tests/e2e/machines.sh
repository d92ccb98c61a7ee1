#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same definition boots on every machine type of this architecture, and
# each hears the power button.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host

for machine in pc q35 microvm; do
    define_tiny "$machine"
    echo "machine = $machine" >> "$tmp/vm.d/$machine.conf"
    hv start $machine
    assert_same $machine
    wait_console $machine "tiny guest: hello"
    expect "has shut down" hv stop --timeout 20s $machine
    assert_nothing_left
done
