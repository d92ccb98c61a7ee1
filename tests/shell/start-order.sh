#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# start --autostart starts what is to start with the host, one start_order after
# the other, with delays between them; stop goes the other way.  What fails, and
# what is running, keeps no other VM from starting.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
direct_hvctl

expect_fail 0 "No VM has 'autostart = yes'" hv start --autostart
# auto NAME ORDER [LINE...]
auto ()
{
    define_null "$1"
    { echo "autostart = yes"; echo "start_order = $2"; } > "$tmp/lines"
    file=$tmp/vm.d/$1.conf
    shift 2
    for line; do
        echo "$line" >> "$tmp/lines"
    done
    sed -i "1r $tmp/lines" "$file"
}
# The names are in another order than the numbers.
auto a 30
auto b 20
auto c 10 "start_delay = 1s"
auto d 10
auto e 0
define_null manual
expect_fail 0 "None of these VMs has 'autostart = yes'" \
    hv start --autostart manual
[ -z "$(hv list --running --names)" ] || fail "a VM runs"

# order EVENT: the VMs with that call of the plugin, as they came.
order ()
{
    sed -n "s/^$1 \([a-z]*\).*/\1/p" "$tmp/null.log" | tr '\n' ' '
}

# is_order EVENT PATTERN
is_order ()
{
    order "$1" | grep -q -x "$2" || fail "$1: $(order "$1"), not $2"
}

# begun NAME, done NAME: the line of the log.
line_of ()
{
    grep -n "^$1 $2" "$tmp/null.log" | head -n 1 | cut -d : -f 1
}

# ----------------------------------------------------- up, and down again
began=$(date +%s%N)
hv start --autostart > "$tmp/out" 2> "$tmp/err"
took=$((($(date +%s%N) - began) / 1000000))
is_order hypervisor.go "e [cd] [cd] b a "
[ "$(hv list --running --names | tr '\n' ' ')" = "a b c d e " ] || fail "not all"
[ $took -ge 1000 ] || fail "$took ms: without the delay"
# A group begins only when the one before it has ended.
[ "$(line_of hypervisor.describe b)" -gt "$(line_of hypervisor.go c)" ] \
    || fail "b began too early"
: > "$tmp/null.log"
hv stop --all > "$tmp/out"
is_order hypervisor.powerdown "a b [cd] [cd] e "
sed -n 's/^\(.\) has shut down/\1/p' "$tmp/out" | tr '\n' ' ' > "$tmp/stopped"
grep -q -x "a b [cd] [cd] e " "$tmp/stopped" || fail "$(cat "$tmp/stopped")"
assert_nothing_left

# JSON is in the order of the turns; of one number, in that of the names.
hv start --autostart -o json > "$tmp/out"
[ "$(sed -n 's/.*"name": *"\(.*\)".*/\1/p' "$tmp/out" | tr '\n' ' ')" \
    = "e c d b a " ] || fail "$(cat "$tmp/out")"

# --------------------------------------------- what runs, and what cannot
hv kill a c > "$tmp/out"
: > "$tmp/null.log"
expect "b is running already" hv start --autostart
is_order hypervisor.go "c a "
hv kill c a > "$tmp/out"
expect '"way": *"nothing"' hv start --autostart -o json
# Nothing was started that would delay others.
began=$(date +%s%N)
expect "a is running already" hv start --autostart
took=$((($(date +%s%N) - began) / 1000000))
[ $took -lt 1000 ] || fail "$took ms: delayed by what was running"
hv kill --all > "$tmp/out"
sed -i 's/^memory.*/memory = lots/' "$tmp/vm.d/c.conf"
expect_fail 7 "lots" hv start --autostart
[ "$(hv list --running --names | tr '\n' ' ')" = "a b d e " ] || fail "others"
hv stop -a > "$tmp/out" 2> "$tmp/err" || :

assert_nothing_left

# One after another, of one number; those that are named, or have a label.
auto c 10
HVCTL_NULL_FAIL=hypervisor.ready:slow
export HVCTL_NULL_FAIL
: > "$tmp/null.log"
hv start --autostart -j 1 c d manual > "$tmp/out"
is_order "hypervisor\.[dg][eo][^ ]*" "c c d d "
unset HVCTL_NULL_FAIL
hv kill -a > "$tmp/out"
echo 'labels { role = x }' >> "$tmp/vm.d/b.conf"
echo 'labels { role = x }' >> "$tmp/vm.d/manual.conf"
hv start --autostart -l role=x > "$tmp/out"
[ "$(hv list -r --names)" = b ] || fail "--autostart -l: $(hv list -r --names)"
hv kill -a > "$tmp/out"
expect_fail 2 "exclude" hv start --autostart --all
assert_nothing_left

# ------------------------------------------------- a signal during a delay
auto c 10 "start_delay = 1h"
for signal in INT TERM; do
    # What the last one said is not to be taken for this one's.
    : > "$tmp/err"
    "$hvctl" -c "$tmp/hvctl.conf" start --autostart > "$tmp/out" \
        2> "$tmp/err" & pid=$!
    wait_for 20 grep -q "waiting [0-9]* s (start_delay of c) before start_order 20" \
        "$tmp/err"
    began=$(date +%s%N)
    kill -$signal $pid
    status=0
    wait $pid || status=$?
    took=$((($(date +%s%N) - began) / 1000000))
    [ $status = 130 ] || fail "exit status $status: $(cat "$tmp/err")"
    [ $took -lt 2000 ] || fail "it took $took ms"
    grep -q "interrupted before the turn of b, a came" "$tmp/err" \
        || fail "they are not named: $(cat "$tmp/err")"
    [ "$(hv list -r --names | tr '\n' ' ')" = "c d e " ] || fail "what runs"
    hv kill -a > "$tmp/out"
done
assert_nothing_left
