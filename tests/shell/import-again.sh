#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An import meets the templates and networks of an earlier one: equal ones are
# used, others get another name, which is listed.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
seeds=$abs_top_srcdir/tests/seeds/import
mkdir "$tmp/conf.d"

# machina FILE...: what would be written is in $tmp/out, and what is said in
# $tmp/err.
machina ()
{
    (cd "$seeds/machina" && hv import --from machina --print "$@") \
        > "$tmp/out" 2> "$tmp/err" || fail "$*: $(cat "$tmp/err")"
}

# The host's half, as an earlier import has written it.
keep_host ()
{
    awk -v first="# $tmp/conf.d/" '
        /^# \// { on = index ($0, first) == 1 } on' "$tmp/out" \
        > "$tmp/conf.d/import-own.conf"
    grep -q '^template net {' "$tmp/conf.d/import-own.conf"
}

machina order.conf.json own.conf.json plain.conf.json
keep_host
cp "$tmp/out" "$tmp/first"

# The same again: only VMs are left.
machina order.conf.json own.conf.json plain.conf.json
! grep -E '^(template|network) ' "$tmp/out" || fail "it is written again"
! grep -E 'is named' "$tmp/err" || fail "it is renamed"
sed -n "\\,^# $tmp/vm.d/,,\$p" "$tmp/first" | cmp - "$tmp/out"

# Without the host's file, which another machine was imported with.
machina both.conf.json
grep -q '^templates = {net}$' "$tmp/out"
cat > "$tmp/lone.conf.json" <<'END'
{ "attrs": { "memory": { "ram": 64 } },
  "connections": [ { "name": "a", "network": "dmz" } ] }
END
machina "$tmp/lone.conf.json"
grep -q '^    network = dmz$' "$tmp/out"
echo '{ "tags": [ "nope" ], "attrs": { "memory": { "ram": 64 } } }' \
    > "$tmp/bad.conf.json"
expect_fail 7 "bad.conf.json:1: there is no tag 'nope': give the host's" \
    hv import --from machina --print "$tmp/bad.conf.json"

# One that differs in a value, and a network of that name that is another one.
sed -i 's/memory = 128M/memory = 256M/; s/bridge = br-dmz/bridge = br-other/' \
    "$tmp/conf.d/import-own.conf"
machina order.conf.json own.conf.json
grep -q '^template net-2 {$' "$tmp/out"
grep -q '^templates = {net-2}$' "$tmp/out"
! grep -q '^template plain' "$tmp/out" || fail "an equal template is written"
grep -q '^network dmz-2 {$' "$tmp/out"
grep -q '^    network = dmz-2$' "$tmp/out"
grep -q "^# $tmp/conf.d/import-own-2.conf$" "$tmp/out"
grep -q "order.conf.json:9: template is changed: template net is named net-2: the host has another one of its name ($tmp/conf.d/import-own.conf:[0-9]*)" \
    "$tmp/err" || fail "$(cat "$tmp/err")"
grep -q "order.conf.json:7: network is changed: network dmz is named dmz-2:" \
    "$tmp/err"

# Nothing at all is left.
if grep -q '^#define HAVE_TOML 1' "$abs_top_builddir/config.h"; then
    (
        cd "$seeds/virshle"
        rm "$tmp"/conf.d/*
        hv import --from virshle config.toml > "$tmp/out" 2> "$tmp/err"
        hv import --from virshle config.toml > "$tmp/out" 2> "$tmp/err"
        grep -q '^Nothing is to be written' "$tmp/out"
        hv -o json import --from virshle config.toml > "$tmp/out" 2> "$tmp/err"
        grep -q '"written": *false' "$tmp/out"
        [ "$(ls "$tmp/conf.d")" = import-xs.conf ]
    )
fi
