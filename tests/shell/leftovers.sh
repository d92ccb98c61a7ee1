#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is left of VMs that a fleet no longer has is named by diff, apply,
# validate and edit, before anything is done, and removed by rm and apply
# --remove; create does not make a VM of it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
traced_hvctl
make_host
add_null
define edge <<'END'
count = 5
memory = 16M
hypervisor = null
disk root { pool = null size = 1M }
disk more { pool = null size = 1M }
END
hv create-disks edge
hv start edge-3
hv save edge-3
hv start edge-4
hv stop edge-4

# lower COUNT: by hand.
lower ()
{
    sed -i "s/^count.*/count = $1/" "$tmp/vm.d/edge.conf"
}

lower 3
cp "$tmp/vm.d/edge.conf" "$tmp/fleet"
volumes="volume null/edge-3-root, volume null/edge-3-more"
for names in "" edge edge-3; do
    expect "^edge-3: definition: no longer defined; left over: $volumes, a saved state, records in .*: 'hvctl rm --disks edge-3' removes it" \
        hv diff $names
    hv apply -y $names > "$tmp/out"
    grep -q "^edge-3: definition: no longer defined; left over: $volumes" "$tmp/out" \
        || fail "apply $names: $(cat "$tmp/out")"
    hv apply --check $names > "$tmp/out" || fail "apply --check $names: $?"
done
for names in "" edge; do
    hv validate $names > "$tmp/out" 2>&1
    grep -q "edge-3 is no longer a VM of fleet edge (.*edge.conf:1); left over: $volumes, a saved state, records .*: 'hvctl rm --disks edge-3' removes it" \
        "$tmp/out" || fail "validate $names: $(cat "$tmp/out")"
    grep -q "edge-4 is no longer" "$tmp/out" || fail "$(cat "$tmp/out")"
done
hv diff -o json edge | grep -q '"when":"left"' || fail "not in JSON"

# Without records, too.
rm -r "$tmp/state/vm/edge-4" "$tmp/log/"*edge-4* 2> "$tmp/err" || rm -rf "$tmp/log"
expect "^edge-4: definition: no longer defined; left over: volume null/edge-4-root" hv diff
# Whatever its number is; a VM of its own, and another's volume, are not left.
truncate -s 1M "$tmp/disks/edge-17-more.null" "$tmp/disks/edge-018-root.null" \
    "$tmp/disks/edge-19-root.null" "$tmp/disks/edges-17-root.null" "$tmp/disks/edge-.null"
define edge-19 <<'END'
memory = 16M
hypervisor = null
disk root { pool = null }
END
expect "^edge-17: definition: no longer defined; left over: volume null/edge-17-more: 'hvctl rm --disks edge-17' removes it" \
    hv diff edge
hv diff > "$tmp/out"
! grep -q "edge-0*1[89]: .*left over\|^edges\|^edge-:" "$tmp/out" || fail "$(cat "$tmp/out")"
hv rm --yes --disks edge-17
[ ! -e "$tmp/disks/edge-17-more.null" ] || fail "it is there"
rm "$tmp/vm.d/edge-19.conf" "$tmp/disks/edge-018-root.null" "$tmp/disks/edge-19-root.null" "$tmp/disks/edges-17-root.null" "$tmp/disks/edge-.null"

# A volume that another VM has is not left over.
define x <<'END'
memory = 16M
hypervisor = null
disk root { pool = null volume = edge-4-more }
END
hv diff > "$tmp/out"
! grep -q "edge-4-more" "$tmp/out" || fail "it is another VM's: $(cat "$tmp/out")"
expect_fail '[1-9]' "volume null/edge-4-more is also a disk of x" hv rm --yes --disks edge-4
[ -e "$tmp/disks/edge-4-root.null" ] || fail "it is deleted"

# However many volumes there are, definitions are not read once for each.
# opened: how often the one of x is, by a diff.
opened ()
{
    strace -o "$tmp/calls" -e trace=open,openat "$hvctl" -c "$tmp/hvctl.conf" diff \
        > "$tmp/out"
    grep -c 'x\.conf"' "$tmp/calls"
}
few=$(opened)
for i in 20 21 22 23 24 25 26 27 28 29; do
    truncate -s 1M "$tmp/disks/edge-$i-root.null" "$tmp/disks/edge-$i-more.null"
done
many=$(opened)
grep -q "^edge-29: .*volume null/edge-29-more" "$tmp/out" || fail "$(cat "$tmp/out")"
[ "$many" -le $((few + 1)) ] || fail "x.conf is opened $many times, not $few"
rm "$tmp/disks/edge-2"[0-9]-* "$tmp/vm.d/x.conf"

# create, clone and rename make no VM of it; the remedy works.
small="--memory 16M --hypervisor null"
expect_fail 1 "files of an earlier VM edge-3, such as .*: remove them with 'hvctl rm edge-3', or give another name" \
    hv create edge-3 $small
[ ! -e "$tmp/vm.d/edge-3.conf" ] || fail "it is created"

# rm asks, names it, and can be killed.
expect_fail 2 "edge-3 is kept, which is no longer defined: $volumes, a saved state, records" \
    hv rm --disks edge-3 < /dev/null
expect_fail 2 "without --disks, volumes are kept" hv rm edge-3 < /dev/null
! strace -f -o "$tmp/calls" -e trace=unlink,unlinkat \
    -P "$tmp/disks/edge-3-more.null" \
    -e inject=unlink,unlinkat:signal=KILL:when=1 "$hvctl" -c "$tmp/hvctl.conf" \
    rm --yes --disks edge-3 > "$tmp/out" 2>&1 || fail "it was not killed"
hv stop edge-0 > "$tmp/out" 2>&1 || :
[ -z "$(ls -A "$tmp/state/changes")" ] || fail "unfinished: $(cat "$tmp/out")"
[ -z "$(find "$tmp/disks" "$tmp/state" "$tmp/log" -name '*edge-3*')" ] \
    || fail "left: $(find "$tmp" -name '*edge-3*')"
expect_fail 3 "there is no VM 'edge-3'" hv rm --yes --disks edge-3
hv create edge-3 $small
hv rm --yes edge-3
expect "edge-4 is removed, and so are its disks: null/edge-4-root, null/edge-4-more" \
    hv rm --yes --disks edge-4
[ "$(ls "$tmp/disks" | wc -l)" = 6 ] || fail "disks: $(ls "$tmp/disks")"
cmp "$tmp/fleet" "$tmp/vm.d/edge.conf" || fail "the fleet was changed"

# apply --remove removes all of it, and nothing else.
mkdir -p "$tmp/state/vm/alone"
echo x > "$tmp/state/vm/alone/last"
hv start edge-2
lower 1
hv apply --check --remove > "$tmp/out" 2>&1 && fail "no difference" || [ $? = 10 ] \
    || fail "$(cat "$tmp/out")"
expect_fail 2 "nothing is changed" hv apply --remove < /dev/null
expect "^edge-1: leftovers: removed (volume null/edge-1-root, volume null/edge-1-more" \
    hv apply -y --remove
grep -q "^edge-1: leftovers: done" "$tmp/out" || fail "$(cat "$tmp/out")"
grep -q "edge-2: definition: no longer defined; it is still running, and is not stopped: use 'hvctl stop edge-2'; left over: volume" \
    "$tmp/out" || fail "$(cat "$tmp/out")"
[ "$(ls "$tmp/disks" | tr '\n' ' ')" = "edge-0-more.null edge-0-root.null edge-2-more.null edge-2-root.null " ] \
    || fail "disks: $(ls "$tmp/disks")"
[ -e "$tmp/state/vm/alone/last" ] || fail "records of a VM of no fleet are removed"
hv stop edge-2
hv apply -y --remove edge -o json | grep -q '"result":"done"' || fail "JSON"
[ "$(ls "$tmp/disks" | wc -l)" = 2 ] || fail "disks: $(ls "$tmp/disks")"
expect "^alone: definition: no longer defined; left over: records in .*: 'hvctl rm alone' removes it" hv diff
expect_fail 7 "alone is no longer defined, so its disks cannot be determined" \
    hv rm --yes --disks alone
expect "alone is removed" hv rm --yes alone
hv diff > "$tmp/out"
[ ! -s "$tmp/out" ] || fail "not nothing: $(cat "$tmp/out")"

# Of a VM that had any other name.
hv create alone $small
hv start alone
hv save alone
rm "$tmp/vm.d/alone.conf"
expect_fail 1 "files of an earlier VM alone" hv create alone $small
expect_fail 1 "files of an earlier VM alone" hv create alone $small --count 2
hv rm --yes alone
hv create alone $small
assert_nothing_left

# A fleet one of whose disks a clone depends on: refused before anything is
# deleted, whichever VM it is.
hv create based --hypervisor null --memory 16M --count 3 --disk root:1M
hv clone based-2 copy > "$tmp/out" 2>&1
expect_fail '[1-9]*' "based-2: disk root: .*would lose their data: copy-root" \
    hv rm --disks -y based
! grep "removed already" "$tmp/err" || fail "some are removed"
for vm in based-0 based-1 based-2; do
    hv plan $vm > "$tmp/out"
done
hv rm --disks -y copy
hv rm --disks -y based
assert_nothing_left
