#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The serial port of a guest of cloud-hypervisor is logged from its boot on,
# whoever is attached to the console, or nobody; over reboots; and when the one
# that logs it has died, by the next one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
make_host <<END
plugin cloud-hypervisor { program = "/nonexistent" }
END

define_ch ()
{
    define "$1" <<END
hypervisor = cloud-hypervisor
memory = 128M
kernel = "$guest"
append = "$2"
END
}

# The numbers in what the guest said, each on its line.
numbers ()
{
    tr -d '\r' < "$1" | sed -n 's/^count \([0-9a-f]\{8\}\)$/\1/p'
}

last_number ()
{
    printf '%d' "0x0$(numbers "$(console_log vm1)" | tail -n 1)"
}

# Waits until it has said more than it has by now.
goes_on ()
{
    before=$(last_number)
    wait_for 5 eval '[ "$(last_number)" -gt "$before" ]'
}

# gapless FILE FIRST: all numbers are there, once, in their order.
gapless ()
{
    expected=$2
    numbers "$1" > "$tmp/numbers"
    [ -s "$tmp/numbers" ] || fail "$1: no numbers"
    while read -r number; do
        [ $((0x$number)) = "$expected" ] \
            || fail "$1: $number, and $expected was to come"
        expected=$((expected + 1))
    done < "$tmp/numbers"
}

attach ()
{
    { sleep "$1"; printf '\035'; } | hv console vm1 > "$2" 2> "$tmp/err"
}

console_of_ch ()
{
    echo "with $1"
    sed -i "s|program = .*|program = \"$1\" }|" "$tmp/hvctl.conf"
    rm -rf "${tmp:?}"/vm.d/* "${tmp:?}/log"
    define_ch vm1 count
    define_ch vm2 triple

    hv start vm1
    log=$(console_log vm1)
    wait_console vm1 "tiny guest: hello" 5
    goes_on
    expect "tiny guest: hello" hv logs vm1
    [ "$(stat -c '%U %a' "$log")" = "root 600" ] || fail "$(stat "$log")"
    "$HVCTL" -c "$tmp/hvctl.conf" logs --follow vm1 > "$tmp/followed" &
    follower=$!
    cleanup_fn "kill $follower 2> /dev/null"

    # Attached, one sees what comes; a second one is told who does.
    attach 0.5 "$tmp/first"
    ! grep -q hello "$tmp/first" || fail "it was logged before"
    gapless "$tmp/first" $((0x$(numbers "$tmp/first" | head -n 1)))
    attach 2 "$tmp/first" &
    first=$!
    sleep 0.3
    ! attach 0.5 "$tmp/second" || fail "two are attached"
    grep -q "is in use by process [0-9]* (root)" "$tmp/err" \
        || fail "$(cat "$tmp/err")"
    wait $first
    attach 0.3 "$tmp/first"
    hv console --log vm1 < /dev/null > "$tmp/first" 2> "$tmp/err" &
    console=$!
    cleanup_fn "kill $console 2> /dev/null"
    wait_for 5 grep -q "tiny guest: hello" "$tmp/first"

    # Who is attached and does not look stops nothing.
    kill -STOP $console
    goes_on
    goes_on
    kill -CONT $console
    kill $console
    wait $console || :
    goes_on
    gapless "$log" 1
    gapless "$tmp/followed" 1
    kill $follower

    # The one that logs it dies; paused, so that it has left nothing unread,
    # which would be the port's end.
    hv pause vm1
    sleep 0.3
    supervisor=$(supervisor_of vm1)
    kill -9 "$supervisor"
    wait_for 5 eval '! grep -q "^State:.*[^ZX] (" "/proc/$supervisor/status"'
    attach 0.1 "$tmp/first"
    [ "$(supervisor_of vm1)" != "$supervisor" ] || fail "no new supervisor"
    hv resume vm1
    attach 0.5 "$tmp/first"
    numbers "$tmp/first" | grep -q . || fail "nothing on the new console"
    goes_on
    gapless "$log" 1

    # The console ends with its guest.
    hv console vm1 < /dev/null > "$tmp/first" 2> "$tmp/err" &
    console=$!
    wait_for 5 eval 'numbers "$tmp/first" | grep -q .'
    hv kill vm1
    wait $console || :
    grep -q "The console of vm1 is closed" "$tmp/err" || fail "not closed"
    assert_nothing_left
    expect_fail 6 "not running" hv console vm1
    expect "^count 0" hv logs vm1
    expect_fail 3 "vm1 has been started only once: there is no previous log" \
        hv logs --previous vm1
    last=$(last_number)
    hv start vm1
    hv kill vm1
    expect "$(printf '^count %08x' "$last")" hv logs --previous vm1

    # One that reboots for ever says hello each time, and is logged by one that
    # has little to do.
    hv start vm2
    supervisor=$(supervisor_of vm2)
    wait_for 20 eval '[ "$(grep -c hello "$(console_log vm2)")" -ge 5 ]'
    kill -0 "$supervisor" || fail "the supervisor has gone"
    hv kill vm2
    assert_nothing_left

    # In the foreground the one that logs it is another process.
    define_ch vm3 count
    "$HVCTL" -c "$tmp/hvctl.conf" run vm3 &
    run=$!
    wait_for 10 grep -q "^count 0" "$(console_log vm3)"
    { sleep 0.5; printf '\035'; } | hv console vm3 > "$tmp/first"
    numbers "$tmp/first" | grep -q . || fail "nothing on that console"
    hv kill vm3
    wait $run || :
    gapless "$(console_log vm3)" 1
    assert_nothing_left
}
each_ch console_of_ch
