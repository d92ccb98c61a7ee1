#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that reads and writes its disk all the time is not killed by mistake:
# 20 seconds, or five minutes in 'make check-long'.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_linux
requires qemu-img
make_host
define_linux vm1 <<END
disk data { size = 64M }
END
hv volume create default/vm1-data 64M
hv start vm1
wait_console vm1 "hvctl-guest: ready"
pid=$(pid_of vm1)
until=$(($(date +%s) + ${HVCTL_IO_SECONDS:-20}))
n=0
while [ "$(date +%s)" -lt $until ]; do
    n=$((n + 1))
    guest vm1 write vda $((n % 4096 * 8192)) "block-$n"
    guest vm1 read vda $((n % 4096 * 8192)) $((6 + ${#n}))
    grep -q "hvctl-guest: read: block-$n" "$(console_log vm1)" \
        || fail "block $n was not read back"
    if [ $((n % 20)) = 0 ]; then
        kill -STOP "$pid"
        sleep 0.05
        kill -CONT "$pid"
        hv pause vm1
        hv resume vm1
    fi
done
echo "$n blocks"
[ $n -ge 5 ] || fail "$n blocks only"
[ "$(pid_of vm1)" = "$pid" ] || fail "it is another process"
hv stop vm1
assert_nothing_left
