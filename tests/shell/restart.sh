#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# restart leaves a VM running that could not start again, whatever the reason is
# that can be known before; plan and explain tell that reason, with the exit
# code of start.  What fails only later is told together with what it has done.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host
add_null
define_null vm1
cp "$tmp/vm.d/vm1.conf" "$tmp/good"
cp "$tmp/hvctl.conf" "$tmp/host"
hv start vm1
pid=$(pid_of vm1)

# refused CODE PATTERN [SECTION]: so is a restart, and vm1 runs on; so would be
# a start.  Ends with what there was before.
refused ()
{
    [ -z "${3-}" ] || echo "$3" >> "$tmp/hvctl.conf"
    expect_fail "$1" "vm1 is still running, since it could not start again: .*$2" \
        hv restart vm1
    [ "$(pid_of vm1)" = "$pid" ] || fail "$2: it is another process"
    expect "vm1 is running" hv status vm1
    expect_fail "$1" "$2" hv plan vm1
    status=0
    hv explain vm1 > "$tmp/out" 2>&1 || status=$?
    [ "$status" = "$1" ] || fail "explain: $2: exit status $status"
    grep -q "$2" "$tmp/out" || fail "explain does not tell: $(cat "$tmp/out")"
    sed 's/vm1/vm2/g; /^uuid/d' "$tmp/vm.d/vm1.conf" > "$tmp/vm.d/vm2.conf"
    cp "$tmp/disks/vm1-root.null" "$tmp/disks/vm2-root.null"
    expect_fail "$1" "$2" hv start vm2
    rm "$tmp/vm.d/vm2.conf" "$tmp/disks/vm2-root.null"
    cp "$tmp/good" "$tmp/vm.d/vm1.conf"
    cp "$tmp/host" "$tmp/hvctl.conf"
}

echo 'foo = 3' >> "$tmp/vm.d/vm1.conf"
refused 7 "foo"
echo 'nic more { network = none }' >> "$tmp/vm.d/vm1.conf"
refused 3 "network 'none'"
echo 'disk more { pool = null }' >> "$tmp/vm.d/vm1.conf"
refused 3 "vm1-more\|vm2-more"
sed -i 's/^hypervisor = .*/hypervisor = xen/' "$tmp/vm.d/vm1.conf"
refused 3 "no hypervisor plugin 'xen'"
refused 8 "denies (sandbox { deny_groups })" 'sandbox { deny_groups = {base} }'
[ "$(id -u)" -eq 0 ] \
    || refused 8 "require = full.*your own user ID" 'sandbox { require = full }'
mv "$tmp/vm.d/vm1.conf" "$tmp/away"
expect_fail 3 "vm1 is still running" hv restart vm1
mv "$tmp/away" "$tmp/vm.d/vm1.conf"
expect "vm1 is running" hv status vm1

# As JSON, with what a start says.
echo 'sandbox { deny_groups = {base} }' >> "$tmp/hvctl.conf"
status=0
hv explain -o json vm1 > "$tmp/json" || status=$?
[ $status -eq 8 ] || fail "explain as JSON: exit status $status"
python3 - "$tmp/json" <<'END'
import json, sys
o = json.load(open(sys.argv[1]))
assert o["refused"]["exit_code"] == 8, o
assert "deny_groups" in o["refused"]["message"], o
END
cp "$tmp/host" "$tmp/hvctl.conf"
hv explain -o json vm1 > "$tmp/json"
python3 -c 'import json, sys
assert json.load(open(sys.argv[1]))["refused"] is None' "$tmp/json"

# What nobody can know before.
for op in network.attach hypervisor.ready; do
    HVCTL_NULL_FAIL=$op
    export HVCTL_NULL_FAIL
    expect_fail 1 "vm1 is now stopped, and could not start again: " hv restart vm1
    hv restart -o json vm1 > "$tmp/json" && fail "it did not fail" || :
    ! grep -q "is now stopped" "$tmp/json" || fail "it had been stopped before"
    unset HVCTL_NULL_FAIL
    expect "vm1.*stopped" hv list
    hv start vm1
done
hv restart vm1
hv stop vm1
assert_nothing_left
