#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Real guests start in their start_order, with the delay between them, and are
# shut down the other way: the times are those that hvctl recorded.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host

# auto NAME ORDER DELAY
auto ()
{
    define_tiny "$1"
    printf 'autostart = yes\nstart_order = %s\nstart_delay = %s\n' "$2" "$3" \
        >> "$tmp/vm.d/$1.conf"
}
auto front 30 0s
auto middle 20 3s
auto base 10 2s
auto base2 10 0s
define_tiny other

# number KEY NAME: of its status.
number ()
{
    hv status -o json "$2" | sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" \
        | head -n 1
}

# later KEY A B SECONDS: B so many after A.
later ()
{
    a=$(number "$1" "$2") b=$(number "$1" "$3")
    echo "$1: $2 $a, $3 $b"
    [ $((b - a)) -ge "$4" ] || fail "$3 came $((b - a)) s after $2"
}

hv start --autostart
[ "$(hv list -r --names | tr '\n' ' ')" = "base base2 front middle " ] \
    || fail "others run: $(hv list -r --names)"
later started base middle 2
later started base2 middle 2
later started middle front 3

# A guest that does not shut down holds up those that it needs.
hv kill front > "$tmp/out"
sed -i 's/^append.*/append = deaf/' "$tmp/vm.d/front.conf"
hv start --autostart > "$tmp/out"
grep "base is running already" "$tmp/out"
hv stop --all --timeout 3 > "$tmp/out" || [ $? = 9 ]
cat "$tmp/out"
for vm in base base2 middle front; do
    hv status -o json $vm > "$tmp/status.$vm" || [ $? = 6 ]
done
ended ()
{
    sed -n 's/.*"ended_at": *\([0-9]*\).*/\1/p' "$tmp/status.$1"
}
[ $(($(ended middle) - $(ended front))) -ge 0 ] || fail "middle before front"
[ $(($(ended base) - $(ended middle))) -ge 0 ] || fail "base before middle"
[ $(($(ended base2) - $(ended middle))) -ge 0 ] || fail "base2 before middle"
[ "$(head -n 2 "$tmp/out" | sed 's/ .*//' | tr '\n' ' ')" = "front middle " ] \
    || fail "$(cat "$tmp/out")"
assert_nothing_left
