#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A clone is a VM of its own, whatever its origin is: with each scheme of
# identity, of a fleet, with variables and templates.  It keeps the text of its
# origin, and each effective value that differs is reported.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
requires qemu-img
make_host < /dev/null
add_null
cat >> "$tmp/hvctl.conf" <<'CONF'
template lab {
    nic lan { network = user forward = "tcp:127.0.0.1:${18000 + index}:80" }
}
template t { description = "of ${name}" }
template fixed { nic two { network = null mac = 52:54:00:77:77:77 } }
CONF

# own VM CLONE: both are valid, and no NIC has the MAC of another.
own ()
{
    hv validate > "$tmp/said" 2>&1 || fail "$1, $2: $(cat "$tmp/said")"
    python3 - "$HVCTL" "$tmp/hvctl.conf" "$1" "$2" <<'PY' || fail "$1, $2: $(cat "$tmp/out")"
import json, subprocess, sys
hv = [sys.argv[1], '-c', sys.argv[2], '-o', 'json']
macs, uuids = [], set()
for vm in sys.argv[3:]:
    plan = json.loads(subprocess.check_output(hv + ['plan', vm]))
    macs += [n['mac'] for n in plan['nics']]
    uuids.add(plan['uuid'])
assert len(set(macs)) == len(macs) and len(uuids) == 2, (macs, uuids)
PY
}

# Every scheme that there is, with two NICs, as import writes them.
for scheme in machina balena virshle address hvctl; do
    case $scheme in
        balena) more='identity_base = 02:42:ac:11:00:02' ;;
        *) more= ;;
    esac
    case $scheme in
        address) a='address = 10.0.0.5' b='address = 10.0.0.6' ;;
        balena|virshle) a= b='mac = 52:54:00:10:20:30' ;;
        *) a= b='mac = 52:54:00:10:20:31' ;;
    esac
    define one <<CONF
identity = $scheme
$more
uuid = 5e2c7d9c-64a1-4a57-9f5c-3f5b8a3f4c10
memory = 16M
hypervisor = null
nic a { network = null $a }
nic b { network = null $b }
nic c { network = null mac = 52:54:00:10:20:32 }
CONF
    hv validate one > "$tmp/said" 2>&1 || fail "$scheme: $(cat "$tmp/said")"
    hv clone one other > "$tmp/out" 2>&1 || fail "$scheme: $(cat "$tmp/out")"
    own one other
    case $scheme in
        address)
            for line in 'nic a: without address = 10.0.0.5' 'nic a: mac = 52:54:00' \
                'nic b: mac = 52:54:00'; do
                grep -q "differs: .*one.conf:[0-9]*: $line" "$tmp/out" \
                    || fail "not told: $line: $(cat "$tmp/out")"
            done ;;
        balena|virshle)
            grep -q "nic b: mac = 52:54:00.*, instead of 52:54:00:10:20:30" "$tmp/out" \
                || fail "$scheme: $(cat "$tmp/out")" ;;
        *) grep -q "nic b: without mac = 52:54:00:10:20:31" "$tmp/out" \
                || fail "$scheme: $(cat "$tmp/out")" ;;
    esac
    grep -q "^identity = $scheme" "$tmp/vm.d/other.conf"
    # And a clone of the clone.
    hv clone other third > "$tmp/out" 2>&1 || fail "$scheme: $(cat "$tmp/out")"
    own other third
    rm "$tmp/vm.d/other.conf" "$tmp/vm.d/third.conf" "$tmp/vm.d/one.conf"
done
for scheme in $(grep -A3 'identity_schemes\[\]' "$abs_top_srcdir/core/config/identity.c" \
    | grep -o '"[a-z]*"' | tr -d '"'); do
    case " machina balena virshle address hvctl " in
        *" $scheme "*) ;;
        *) fail "scheme $scheme is not tested" ;;
    esac
done

# The MAC address of a template.
define one <<CONF
templates = { fixed }
memory = 16M
hypervisor = null
CONF
hv clone one other > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
own one other
rm "$tmp/vm.d/one.conf" "$tmp/vm.d/other.conf"

# A VM of a fleet: its templates, variables and comments are kept.
define fl <<'CONF'
count = 2 # two of them
templates = { t }
memory = 16M # enough
hypervisor = null
firmware = uefi
vars { port = "${5900 + index}" }
append = "host=${name} p=${port}"
disk root { size = 1M }
nic lan { network = null }
CONF
sed -i 's/^firmware = uefi/kernel = "kernel"/' "$tmp/vm.d/fl.conf"
echo kernel > "$tmp/vm.d/kernel"
hv apply -y fl > "$tmp/out"
hv clone fl-1 fl-7 > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
for text in '^templates = { t }' '^memory = 16M # enough' 'host=${name} p=${port}' \
    '^vars { port = "${5900 + index}" }'; do
    grep -q "$text" "$tmp/vm.d/fl-7.conf" || fail "not kept: $text: $(cat "$tmp/vm.d/fl-7.conf")"
done
! grep -q '^count\|^first' "$tmp/vm.d/fl-7.conf" || fail "a fleet: $(cat "$tmp/vm.d/fl-7.conf")"
grep -q "append = host=fl-7 p=5907, instead of host=fl-1 p=5901" "$tmp/out" \
    || fail "$(cat "$tmp/out")"
grep -q "description = of fl-7, instead of of fl-1" "$tmp/out" || fail "$(cat "$tmp/out")"
own fl-1 fl-7
# Without an index, that value is as it was.
hv clone fl-1 solo > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
grep -q '^append = "host=fl-1 p=5901"' "$tmp/vm.d/solo.conf" || fail "$(cat "$tmp/vm.d/solo.conf")"
grep -q '^templates = { t }' "$tmp/vm.d/solo.conf" || fail "no templates"
own fl-1 solo
# With a file of its own, that is in it, too.
define fl-0 <<'CONF'
templates = { t, lab }
memory = 32M # more
nic lan { network = user }
CONF
hv clone fl-0 fl-8 > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
for text in '^templates = { t, lab }' '^memory = 32M' 'host=${name} p=${port}'; do
    grep -q "$text" "$tmp/vm.d/fl-8.conf" || fail "not kept: $text: $(cat "$tmp/vm.d/fl-8.conf")"
done
grep -q "nic lan: forward = tcp:127.0.0.1:18008:80, instead of tcp:127.0.0.1:18000:80" \
    "$tmp/out" || fail "$(cat "$tmp/out")"
own fl-0 fl-8

# A template's value comes through, or has none under the name.
define web-1 <<'CONF'
templates = { lab }
memory = 16M
hypervisor = null
nic lan { forward = "tcp:127.0.0.1:18999:80" }
CONF
hv clone web-1 web-2 > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
grep -q "nic lan: forward = tcp:127.0.0.1:18002:80, instead of tcp:127.0.0.1:18999:80" \
    "$tmp/out" || fail "$(cat "$tmp/out")"
hv clone web-1 web > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
grep -q "nic lan: forward = tcp:127.0.0.1:18999:80 is the same for both" "$tmp/out" \
    || fail "$(cat "$tmp/out")"
expect_fail 7 "port 18999 (tcp) of 127.0.0.1 is used twice" hv validate
sed -i 's/18999/18998/' "$tmp/vm.d/web.conf"
own web-1 web

# The same for rename: it stays the same machine.
define z-1 <<'CONF'
memory = 16M
hypervisor = null
disk root { pool = null size = 1M volume = "v${index}" }
nic lan { network = null }
CONF
hv apply -y z-1 > "$tmp/out"
hv plan -o json z-1 > "$tmp/before"
hv rename z-1 zz > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
grep -q "as before: disk root: volume = v1" "$tmp/out" || fail "$(cat "$tmp/out")"
hv plan zz > "$tmp/out" || fail "zz is invalid"


# Names with the same beginning have snapshots of their own; rm names the
# snapshot that is left.
define orig <<'CONF'
memory = 16M
hypervisor = null
disk root { size = 1M }
CONF
hv apply -y orig > "$tmp/out"
long=$(printf 'x%.0s' 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5)
long=$long$long
hv clone orig "$long" > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
grep -q "need the snapshot 'clone-$long'" "$tmp/out" || fail "$(cat "$tmp/out")"
for end in a b; do
    hv clone orig "$long$end" > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
    hv start "$long$end" > "$tmp/out"
    hv kill "$long$end" > "$tmp/out"
done
[ "$(hv snapshot list orig | grep -c clone-x)" = 3 ] || fail "$(hv snapshot list orig)"
hv rm -y "$long" > "$tmp/out" 2> "$tmp/err"
[ ! -s "$tmp/err" ] || fail "its volume is there: $(cat "$tmp/err")"
hv volume rm -y "default/$long-root" > "$tmp/out"
for end in a b; do
    hv rm -y --disks "$long$end" > "$tmp/out" 2> "$tmp/err"
    command=$(sed -n "s/.*orig still has the snapshot .*'hvctl \(snapshot delete orig .*\)' deletes it/\1/p" "$tmp/err")
    [ -n "$command" ] || fail "no snapshot is named: $(cat "$tmp/err")"
    # shellcheck disable=SC2086
    hv $command > "$tmp/out"
done
hv clone orig "${long}a" > "$tmp/out"
