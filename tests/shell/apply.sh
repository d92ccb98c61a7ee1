#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl apply makes what hvctl diff shows, once: volumes, sizes, disks and NICs;
# --check changes nothing, and tells by its exit code; one VM that fails does not
# stop the others.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host < /dev/null
add_null
conf=$tmp/vm.d/vm1.conf

# nothing: there is nothing to do.
nothing ()
{
    expect '^nothing to do$' hv apply "$@"
    hv apply --check "$@" > "$tmp/out" || fail "--check: $? $(cat "$tmp/out")"
    [ ! -s "$tmp/out" ] || fail "--check: $(cat "$tmp/out")"
}

# A definition that was written by hand gets its disks.
define vm1 <<END
memory = 16M
hypervisor = null
disk root { pool = null size = 1M }
nic lan { network = null }
END
define vm2 < "$conf"
expect_fail 10 '' hv apply --check
grep -q "^vm1: disk root volume: created (null/vm1-root, 1M); now ($conf:3)" "$tmp/out" \
    || fail "--check: $(cat "$tmp/out")"
[ ! -e "$tmp/disks/vm1-root.null" ] || fail "--check makes disks"
expect_fail 2 'nothing is changed: .*--yes' hv apply < /dev/null
[ ! -e "$tmp/disks/vm1-root.null" ] || fail "disks are made without an answer"
hv apply -y > "$tmp/out"
grep -q '^vm1: disk root volume: done$' "$tmp/out" || fail "$(cat "$tmp/out")"
[ -e "$tmp/disks/vm1-root.null" ] && [ -e "$tmp/disks/vm2-root.null" ] \
    || fail "disks are missing"
nothing

# A stopped VM's disk grows, and does not shrink.
sed -i 's/size = 1M/size = 2M/' "$conf"
hv apply -y vm1 > "$tmp/out"
[ "$(stat -c %s "$tmp/disks/vm1-root.null")" = 2097152 ] || fail "not enlarged"
nothing
sed -i 's/size = 2M/size = 512K/' "$conf"
expect_fail 7 'disk root size: impossible: .*can only grow' hv apply --check
expect_fail 7 'disk root size: impossible: .*can only grow' hv apply -y
sed -i 's/size = 512K/size = 2M/' "$conf"

# --start starts those that are meant to run, and no others.
sed -i '1i autostart = yes' "$conf"
nothing
expect_fail 10 '' hv apply --check --start
grep -q '^vm1: state: from stopped to running; now$' "$tmp/out" || fail "$(cat "$tmp/out")"
expect 'vm1 is running' hv apply -y --start
expect_fail 6 '' hv status vm2
nothing --start

# Everything that a running VM can get.
cp "$conf" "$tmp/kept"
sed -i 's/16M/32M/; 1i cpus = 2' "$conf"
sed -i '/^nic lan/d' "$conf"
cat >> "$conf" <<END
disk more { pool = null size = 1M }
nic new { network = null }
END
sed -i '1i rng = no' "$conf"
expect_fail 10 '' hv apply --check
hv apply -y > "$tmp/out" 2> "$tmp/err"
for line in 'disk more volume' 'disk more' 'nic new' 'nic lan' memory cpus; do
    grep -q "^vm1: $line: done$" "$tmp/out" || fail "$line: $(cat "$tmp/out")"
done
grep -q '^hypervisor.attach_disk' "$tmp/null.log" || fail "nothing was attached"
ls "$tmp/null" | grep -q new || fail "no port: $(ls "$tmp/null")"
! ls "$tmp/null" | grep -q lan || fail "the old port is left: $(ls "$tmp/null")"
expect '^vm1: rng: from yes to no; at the next start' hv apply
grep -q '^nothing to do' "$tmp/out" || fail "something is done twice"
hv apply --check > "$tmp/out" || fail "--check: $? $(cat "$tmp/out")"
# Back again, but for the volume.
mv "$tmp/kept" "$conf"
hv apply -y > "$tmp/out"
grep -q '^vm1: disk more: done$' "$tmp/out" || fail "$(cat "$tmp/out")"
[ -e "$tmp/disks/vm1-more.null" ] || fail "a volume is deleted"
nothing

# What the hypervisor refuses waits for the next start, and is not tried again.
printf 'disk more { pool = null size = 1M volume = third }\n' >> "$conf"
sed -i '/^plugin null/a fail = "attach_disk:95"' "$tmp/hvctl.conf"
hv apply -y > "$tmp/out" 2> "$tmp/err"
grep -q '^vm1: disk more: at the next start$' "$tmp/out" || fail "$(cat "$tmp/out" "$tmp/err")"
expect '^vm1: disk more: .*; at the next start: its hypervisor has refused' hv apply --check
grep -q 'fail = "attach_disk' "$tmp/hvctl.conf"
sed -i '/^fail = "attach_disk/d' "$tmp/hvctl.conf"
hv restart vm1 -t 5 > "$tmp/out"
nothing

# One VM that fails does not stop the others, whichever comes first.
define vm0 < "$tmp/vm.d/vm2.conf"
sed -i 's/size = 1M/size = 3M/' "$tmp/vm.d/vm2.conf"
echo 'memry = 1' >> "$tmp/vm.d/vm0.conf"
define vm3 <<END
memory = 16M
hypervisor = null
disk root { pool = null size = 1M }
END
chmod 0 "$tmp/disks/vm2-root.null"
expect_fail 7 "unknown key 'memry'" hv apply -y
grep -q '^vm3: disk root volume: done' "$tmp/out" || fail "$(cat "$tmp/out")"
chmod 644 "$tmp/disks/vm2-root.null"
rm "$tmp/vm.d/vm0.conf"
hv apply -y > "$tmp/out"
nothing

# Interrupted, it finishes what it is doing, and tells what it has not begun.
cp "$conf" "$tmp/kept"
echo 'disk last { pool = null size = 1M }' >> "$conf"
sed -i 's/size = 3M/size = 4M/' "$tmp/vm.d/vm2.conf"
status=0
HVCTL_NULL_FAIL=attach_disk:int hv apply -y -j 1 > "$tmp/out" 2> "$tmp/err" || status=$?
[ $status = 130 ] || fail "interrupted: $status $(cat "$tmp/out" "$tmp/err")"
grep -q 'interrupted before the turn of vm2' "$tmp/err" || fail "$(cat "$tmp/err")"
hv apply -y > "$tmp/out"
grep -q '^vm2: disk root size: done' "$tmp/out" || fail "$(cat "$tmp/out")"
nothing
# Killed, the next one completes it, or does it again; e2e/apply.sh has more.
for how in kill killafter; do
    echo "disk final { pool = null size = 1M volume = $how }" >> "$conf"
    HVCTL_NULL_FAIL=storage.create:$how hv apply -y > "$tmp/out" 2>&1 || :
    hv apply -y > "$tmp/out" 2>&1 || fail "after create:$how: $(cat "$tmp/out")"
    nothing
    sed -i '/^disk final/d' "$conf"
    HVCTL_NULL_FAIL=detach:$how hv apply -y > "$tmp/out" 2>&1 || :
    hv apply -y > "$tmp/out" 2>&1 || fail "after detach:$how: $(cat "$tmp/out")"
    nothing
done

# As JSON, for programs: each VM, each change, its result.
sed -i 's/size = 4M/size = 5M/; s/memory = 16M/memory = 64M/' "$tmp/vm.d/vm2.conf"
expect_fail 2 '' hv apply -o json
grep -q 'add --yes, or --check' "$tmp/out" || fail "$(cat "$tmp/out")"
hv apply -o json -y > "$tmp/json"
python3 - "$tmp/json" <<'END'
import json, sys
vms = {vm['name']: vm['changes'] for vm in json.load(open(sys.argv[1]))}
assert sorted(vms) == ['vm1', 'vm2', 'vm3'], vms
assert vms['vm1'] == vms['vm3'] == [], vms
(c,) = vms['vm2']
assert c['item'] == 'disk root' and c['key'] == 'size', c
assert c['from'] == '4M' and c['to'] == '5M' and c['result'] == 'done', c
END
expect_fail 2 'unknown option' hv apply --prune
expect_fail 3 "no VM 'nope'" hv apply -y nope
hv stop vm1
assert_nothing_left
