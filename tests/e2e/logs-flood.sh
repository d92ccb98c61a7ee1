#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest that floods its serial port gets no more than 16 MiB of log, and those
# before; it can be stopped all the while.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_tiny
make_host
define_tiny vm1 flood
hv start vm1
log=$(console_log vm1)
# An emulated port takes minutes to write so much: so most of it is there.
dd if=/dev/zero bs=1M count=16 status=none | tr '\0' . >> "$log"
longest=0 until=$(($(date +%s) + 100))
until [ -e "$log.1" ]; do
    size=$(stat -c %s "$log")
    [ "$size" -le $longest ] || longest=$size
    [ "$(date +%s)" -lt $until ] || fail "it has $longest bytes and is not cut"
    sleep 0.1
done
for file in "$log" "$log.1"; do
    echo "${file##*/}: $(stat -c %s "$file") bytes"
    [ "$(stat -c %s "$file")" -le $((18 << 20)) ] || fail "it is too long"
done
[ "$(stat -c %s "$log.1")" -gt $((16 << 20)) ] || fail "it was cut too early"
[ $longest -le $((18 << 20)) ] || fail "the log had $longest bytes"
hv stop --timeout 20 vm1
assert_nothing_left
