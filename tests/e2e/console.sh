#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The console: what is typed arrives, what the guest says is shown, the escape
# key leaves, one can come back, and the log has all of it from the boot on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires script
make_host
define_tiny vm1

expect_fail 6 "not running" hv console vm1
hv start vm1
wait_console vm1 "tiny guest: hello"

# At a terminal: keys one by one, then ^].
mkfifo "$tmp/keys"
script -qfec "'$HVCTL' -c '$tmp/hvctl.conf' console vm1" "$tmp/screen" \
    < "$tmp/keys" > "$tmp/script.out" 2>&1 & pid=$!
exec 3> "$tmp/keys"
wait_for 10 grep -q "leave with" "$tmp/screen"
printf 'first words' >&3
wait_for 10 grep -q "first words" "$tmp/screen"
kill -0 $pid || fail "left too early"
printf '\035' >&3
wait_for 10 sh -c "! kill -0 $pid"
exec 3>&-
expect "running" hv status vm1

# From a script, with another key, and what was said before.
printf 'second words x' | hv console --escape x vm1 > "$tmp/out"
wait_console vm1 "second words"
printf '\035' | hv console --log vm1 > "$tmp/out"
grep "tiny guest: hello" "$tmp/out"
for words in "tiny guest: hello" "first words" "second words"; do
    expect "$words" hv logs vm1
done

# The console ends with the guest: ^D powers it off.
{ printf "\004"; wait_for 15 is_released vm1; } | timeout 20 "$HVCTL" -c "$tmp/hvctl.conf" \
    console vm1 > "$tmp/out" 2> "$tmp/err"
grep "closed" "$tmp/err"
assert_nothing_left
hv start vm1
wait_console vm1 "hello"
expect "second words" hv logs --previous vm1
hv kill vm1
