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
stop_timeout = |defaults { stop_timeout = "5 minutes" }
no group of system calls|sandbox { deny_groups = nosuch }
unknown key 'memori'|defaults { memori = 1G }
END
cp "$tmp/good.conf" "$tmp/hvctl.conf"

# A file in conf.d that cannot even be parsed costs its sections only.
mkdir "$tmp/conf.d"
for line in 'network y {' 'run_dir = "/nowhere"' 'network null { type = user }'; do
    hv start vm1
    echo "$line" > "$tmp/conf.d/odd.conf"
    expect_fail 7 "conf.d/odd.conf:1: " hv start vm1
    hv list > "$tmp/out" 2> "$tmp/err"
    grep -q "vm1 *running" "$tmp/out" || fail "list: $(cat "$tmp/out")"
    grep -q "conf.d/odd.conf:1: " "$tmp/err" || fail "list does not report it"
    hv stop vm1 2> "$tmp/err"
    rm "$tmp/conf.d/odd.conf"
done

# A guest is asked to shut down, for as long as nobody has said otherwise.
hv start vm1
echo 'defaults { stop_timeout = "5 minutes" }' >> "$tmp/hvctl.conf"
expect "vm1 has shut down" hv stop vm1
cp "$tmp/good.conf" "$tmp/hvctl.conf"

# A section that is not valid is none; nothing trips over it.
hv create saved --hypervisor null --memory 16M > "$tmp/out"
hv start saved
hv save saved
printf '\ndisk d { pool = y size = 1M }\n' >> "$tmp/vm.d/saved.conf"
hv start vm1
printf 'pool y { }\nnetwork z { typ = bridge }\n' >> "$tmp/hvctl.conf"
rm -f "$tmp/run/swept"
despite "'type' is missing" hv list
grep -q "^saved *saved" "$tmp/out" || fail "list: $(cat "$tmp/out")"
hv status saved > "$tmp/out" 2>&1 || [ $? -eq 6 ] || fail "status: $?"
despite "'type' is missing" hv kill vm1
cp "$tmp/good.conf" "$tmp/hvctl.conf"
sed -i '/^disk d/d' "$tmp/vm.d/saved.conf"
hv start --fresh saved
hv kill saved

# What cannot be parsed may name other directories, and so may what is misspelt
# beside the sections.
while read -r line; do
    hv start vm1
    echo "$line" > "$tmp/hvctl.conf"
    cat "$tmp/good.conf" >> "$tmp/hvctl.conf"
    expect_fail 7 "hvctl.conf" hv kill vm1
    cp "$tmp/good.conf" "$tmp/hvctl.conf"
    hv kill vm1
done <<'END'
network {
rum_dir = /x
run_dir = "~/run"
uid_count = 1
END
expect_fail 3 "No such file" "$HVCTL" -c "$tmp/nosuch.conf" list

# A mistake in the definition does not change how long a guest has: it is what
# was stated when it was started.
define_null slow deaf
echo 'stop_timeout = 300ms' >> "$tmp/vm.d/slow.conf"
hv start slow
echo 'memroy = 1G' >> "$tmp/vm.d/slow.conf"
began=$(date +%s)
expect "did not shut down in time" hv stop slow
[ $(($(date +%s) - began)) -lt 30 ] || fail "it waited for longer than stop_timeout"
assert_nothing_left
