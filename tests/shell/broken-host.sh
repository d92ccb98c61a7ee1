#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A mistake in hvctl.conf takes nobody the control of a VM that runs: it is
# reported, and what needs no more than the directories goes on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
cp "$tmp/hvctl.conf" "$tmp/good.conf"

# despite WORDS COMMAND...: it works, and says what is wrong.
despite ()
{
    words=$1
    shift
    "$@" > "$tmp/out" 2> "$tmp/err" || fail "$*: $(cat "$tmp/err")"
    grep -q "hvctl.conf:[0-9]*: .*$words" "$tmp/err" \
        || fail "$*: it does not report '$words': $(cat "$tmp/err")"
}

while IFS='|' read -r words line; do
    cp "$tmp/good.conf" "$tmp/hvctl.conf"
    hv start vm1
    echo "$line" >> "$tmp/hvctl.conf"
    despite "$words" hv list
    grep -q "vm1 *running" "$tmp/out" || fail "list: $(cat "$tmp/out")"
    despite "$words" hv status vm1
    despite "$words" hv pause vm1
    despite "$words" hv resume vm1
    despite "$words" hv logs --hypervisor vm1
    expect_fail 7 "$words" hv start vm1
    expect_fail 7 "$words" hv rm -y vm1
    despite "$words" hv stop vm1
    cp "$tmp/good.conf" "$tmp/hvctl.conf"
    hv start vm1
    echo "$line" >> "$tmp/hvctl.conf"
    despite "$words" hv kill vm1
    cp "$tmp/good.conf" "$tmp/hvctl.conf"
    # Its supervisor cleans up, too.
    hv start vm1
    echo "$line" >> "$tmp/hvctl.conf"
    kill -9 "$(pid_of vm1)"
    wait_for 10 is_released vm1
done <<'END'
'type' is missing|network y { typ = bridge }
'type' is missing|pool y { }
unknown key 'rum_dir'|rum_dir = /x
user IDs|uid_base = 7
no group of system calls|sandbox { deny_groups = nosuch }
unknown key 'memori'|defaults { memori = 1G }
END
cp "$tmp/good.conf" "$tmp/hvctl.conf"

# What cannot be parsed may name other directories.
hv start vm1
echo 'network {' >> "$tmp/hvctl.conf"
expect_fail 7 "hvctl.conf" hv kill vm1
cp "$tmp/good.conf" "$tmp/hvctl.conf"
hv kill vm1
expect_fail 3 "No such file" "$HVCTL" -c "$tmp/nosuch.conf" list
assert_nothing_left
