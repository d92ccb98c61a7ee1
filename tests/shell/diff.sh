#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl diff is empty right after a start, and shows each change of a definition
# or of hvctl.conf once, with its class and its place.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host < /dev/null
add_null
echo 'pool other { type = "null" path = "/nowhere" }' >> "$tmp/hvctl.conf"
conf=$tmp/vm.d/vm1.conf

# same VM: nothing differs.
same ()
{
    hv diff "$1" > "$tmp/out" 2>&1 || fail "diff $1: $(cat "$tmp/out")"
    [ ! -s "$tmp/out" ] || fail "$1 differs: $(cat "$tmp/out")"
}

# one PATTERN: there is one line, and it matches.
one ()
{
    hv diff vm1 > "$tmp/out" 2>&1 || fail "diff: $(cat "$tmp/out")"
    [ "$(wc -l < "$tmp/out")" -eq 1 ] && grep -q -e "$1" "$tmp/out" \
        || fail "not one line with '$1': $(cat "$tmp/out")"
}

# changes SED PATTERN: with the definition changed so, that one line.
changes ()
{
    cp "$conf" "$tmp/kept"
    sed -i "$1" "$conf"
    one "$2"
    mv "$tmp/kept" "$conf"
}

define_null vm1
define_null vm2
same vm1
hv start vm1 vm2
same vm1
hv diff > "$tmp/out"
[ ! -s "$tmp/out" ] || fail "something differs: $(cat "$tmp/out")"

changes 's/memory = 16M/memory = 32M/' \
    "^vm1: memory: from 16M to 32M; now ($conf:1)$"
changes '1i cpus = 2' "^vm1: cpus: from 1 to 2; now ($conf:1)$"
changes '1i rng = no' '^vm1: rng: from yes to no; at the next start'
changes 's/firmware = uefi/firmware = bios/' \
    '^vm1: firmware: .*; at the next start'
changes 's/obey/deaf/' \
    "^vm1: plugin null mode: from obey to deaf; at the next start ($conf:6)$"
changes '/^nic/d' '^vm1: nic lan: removed (network null); now$'
changes '/^disk/d' '^vm1: disk root: removed (null/vm1-root); now$'
changes '/^nic/a nic more { network = null }' \
    "^vm1: nic more: added (network null); now ($conf:6)$"

# Volumes that are missing are created, and then attached: two steps.
cp "$conf" "$tmp/kept"
sed -i '/^disk/a disk more { pool = null size = 1M }' "$conf"
hv diff vm1 > "$tmp/out"
printf '%s\n' "vm1: disk more volume: created (null/vm1-more, 1M); now ($conf:5)" \
    "vm1: disk more: added (null/vm1-more); now ($conf:5)" \
    | diff - "$tmp/out" || fail "not two steps"
mv "$tmp/kept" "$conf"

# What is read when it is needed is no change, nor the same in other words.
cp "$conf" "$tmp/kept"
sed -i 's/16M/16384K/; 1i cpus = 1\nstop_timeout = 5s\ndescription = x' "$conf"
same vm1
mv "$tmp/kept" "$conf"

# A change of the host shows, too, and where it was made.
cp "$tmp/hvctl.conf" "$tmp/kept"
cp -r "$tmp/disks" "$tmp/moved"
sed -i 's|^network null.*|network null { type = "null" provider = "null" }|' "$tmp/hvctl.conf"
line=$(grep -n '^network null' "$tmp/hvctl.conf" | cut -d : -f 1)
one "^vm1: nic lan: network null provider: set to null; at the next start ($tmp/hvctl.conf:$line)$"
cp "$tmp/kept" "$tmp/hvctl.conf"
sed -i "/^pool null/s|$tmp/disks|$tmp/moved|" "$tmp/hvctl.conf"
line=$(grep -n '^pool null' "$tmp/hvctl.conf" | cut -d : -f 1)
one "^vm1: disk root: pool null path: from $tmp/disks to $tmp/moved; at the next start ($tmp/hvctl.conf:$line)$"
rm "$tmp/moved/vm1-root.null"
sed -i '/^disk root/s/pool/size = 1M pool/' "$conf"
hv diff vm1 > "$tmp/out"
grep -q '^vm1: disk root volume: .*impossible: the running guest has it' "$tmp/out" \
    || fail "a volume that moved: $(cat "$tmp/out")"
sed -i 's/size = 1M //' "$conf"
cp "$tmp/kept" "$tmp/hvctl.conf"
same vm1

# A VM that is no longer defined is reported, whether it runs or not.
mv "$tmp/vm.d/vm2.conf" "$tmp/kept"
expect "^vm2: definition: no longer defined; it is still running" hv diff
hv stop -t 0 vm2 > "$tmp/out"
expect "^vm2: definition: no longer defined; left over: records in $tmp/state/vm/vm2" hv diff
expect_fail 3 "no VM 'nope'" hv diff nope
expect_fail 3 "no VM matches 'x\*'" hv diff 'x*'
mv "$tmp/kept" "$tmp/vm.d/vm2.conf"
same vm2

# Of a stopped VM: volumes that are missing, and those that are too small.
sed -i '/^disk/s/pool = null/pool = null size = 2M/' "$tmp/vm.d/vm2.conf"
expect "^vm2: disk root size: from 1M to 2M; now ($tmp/vm.d/vm2.conf:4)$" hv diff vm2
rm "$tmp/disks/vm2-root.null"
expect "^vm2: disk root volume: created (null/vm2-root, 2M); now" hv diff vm2
sed -i '/^disk/s/size = 2M//' "$tmp/vm.d/vm2.conf"
expect_fail 7 "disk root has neither 'size' nor 'backing'" hv diff vm2

# One VM that cannot be planned does not hide the others.
sed -i '1i memry = 1' "$tmp/vm.d/vm2.conf"
sed -i 's/16M/32M/' "$conf"
expect_fail 7 "vm2.conf:1: unknown key 'memry'" hv diff
grep -q '^vm1: memory' "$tmp/out" || fail "vm1 is missing"

# As JSON.
hv diff -o json vm1 > "$tmp/json"
python3 - "$tmp/json" <<'END'
import json, sys
(vm,) = json.load(open(sys.argv[1]))
assert vm['name'] == 'vm1', vm
(c,) = vm['changes']
where = c.pop('where')
assert where.endswith('/vm1.conf:1'), where
assert c == {'item': None, 'section': None, 'key': 'memory', 'from': '16M',
             'to': '32M', 'when': 'now', 'why': None}, c
END
hv stop vm1
assert_nothing_left
