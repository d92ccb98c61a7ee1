#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A VM that is saved: what would cost its guest's memory is refused, and where
# it was done all the same, by hand, nothing promises that it goes on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1
truncate -s 1M "$tmp/disks/vm1-more.null"
cp "$tmp/vm.d/vm1.conf" "$tmp/before"
disk=$tmp/disks/vm1-root.null

# goes_on: that is what is said, by all who say something.
goes_on ()
{
    hv status vm1 > "$tmp/out" || :
    grep -q "is saved: the next start restores" "$tmp/out" \
        || fail "status: $(cat "$tmp/out")"
    hv list vm1 > "$tmp/out"
    grep -q "vm1 *saved" "$tmp/out" || fail "list: $(cat "$tmp/out")"
    ! grep "cannot be restored" "$tmp/out" || fail "list"
    hv plan vm1 > "$tmp/out" || fail "plan: $(cat "$tmp/out")"
    hv validate vm1 > "$tmp/out" 2>&1 || fail "validate: $(cat "$tmp/out")"
    ! grep "be restored" "$tmp/out" || fail "validate"
}

# is_lost TEXT: likewise.
is_lost ()
{
    hv status vm1 > "$tmp/out" || :
    grep -q "is saved: .*$1.*--fresh" "$tmp/out" \
        || fail "status: $(cat "$tmp/out")"
    ! grep "the next start restores" "$tmp/out" || fail "it is promised"
    hv list vm1 > "$tmp/out"
    grep -q "vm1 *saved .*cannot be restored: .*$1" "$tmp/out" \
        || fail "list: $(cat "$tmp/out")"
    expect_fail '[1-9]*' "$1.*--fresh" hv plan vm1
    hv validate vm1 > "$tmp/out" 2> "$tmp/err" || fail "validate: it is valid"
    grep -q "$1.*--fresh" "$tmp/err" || fail "validate: $(cat "$tmp/err")"
    expect_fail '[1-9]*' "$1.*--fresh" hv start vm1
}

refused ()
{
    expect_fail 5 \
        "vm1 is saved, and could not be restored.*'hvctl start vm1'.*'hvctl start --fresh vm1'" \
        hv "$@"
    cmp "$tmp/before" "$tmp/vm.d/vm1.conf" || fail "$*: has an effect"
}

hv start vm1
hv save vm1
goes_on
refused resize vm1 --memory 32M
refused resize vm1 --cpus 2
refused resize vm1 --disk root=2M
refused attach-disk vm1 "more:image=$tmp/disks/vm1-more.null,format=raw"
refused detach-disk vm1 root
refused attach-nic vm1 more:null
refused detach-nic vm1 lan
refused volume resize null/vm1-root 2M
refused volume snapshot null/vm1-root@s
refused volume revert null/vm1-root@s
[ "$(stat -c %s "$disk")" = 1048576 ] || fail "the disk has another size"
goes_on

# As it says: one goes on, and what was refused can be done.
expect "vm1 is running" hv start vm1
hv stop vm1
hv resize vm1 --cpus 2 > "$tmp/out"
cp "$tmp/before" "$tmp/vm.d/vm1.conf"

# By hand it is told, and then there is nothing left to lose.
hv start vm1
hv save vm1
EDITOR="sed -i s/16M/24M/" hv edit vm1 > "$tmp/out" 2> "$tmp/err" < /dev/null
grep -q "has changed since.*--fresh" "$tmp/err" || fail "edit says nothing"
is_lost "changed since"
hv resize vm1 --cpus 2 > "$tmp/out"
is_lost "changed since"
cp "$tmp/before" "$tmp/vm.d/vm1.conf"
goes_on
EDITOR=true hv edit vm1 > "$tmp/out" 2> "$tmp/err" < /dev/null
! grep "since" "$tmp/err" || fail "nothing was edited"
touch -d 2001-01-01 "$disk"
is_lost "written to since"
hv start --fresh vm1
hv stop vm1

# What belongs to it has been damaged.
hv start vm1
hv save vm1
echo garbage > "$tmp/state/vm/vm1/saved/about"
hv list vm1 > "$tmp/out"
grep -q "vm1 *saved .*cannot be restored: .*damaged" "$tmp/out" \
    || fail "list: $(cat "$tmp/out")"
hv status vm1 > "$tmp/out" || :
! grep "the next start restores" "$tmp/out" || fail "it is promised"
hv start --fresh vm1
hv stop vm1
assert_nothing_left

# What the host prefers by now does not matter to a saved state, whatever shows
# how it would be restored.
define_null vm9
sed -i '/^hypervisor/d' "$tmp/vm.d/vm9.conf"
cp "$tmp/hvctl.conf" "$tmp/host"
echo 'defaults { hypervisor = null }' >> "$tmp/hvctl.conf"
hv start vm9
hv save vm9
cp "$tmp/host" "$tmp/hvctl.conf"
echo 'defaults { hypervisor = other }' >> "$tmp/hvctl.conf"
for command in plan "sandbox show"; do
    expect null hv $command vm9
done
hv start vm9
hv kill vm9

# A revert that the storage refuses changes nothing: the saved state goes with
# the first disk that is reverted, and not before.
define vm2 <<'END'
memory = 16M
hypervisor = null
disk root { size = 4M }
END
hv create-disks vm2
hv snapshot create vm2 one
hv snapshot create vm2 two
hv start vm2
hv save vm2
expect_fail 5 "newer snapshots would be lost: two" hv snapshot revert vm2 one
! grep discarded "$tmp/err" || fail "it says that it is discarded"
expect "vm2 *saved" hv list vm2
hv snapshot revert vm2 two 2> "$tmp/err"
grep -q "the saved state is discarded" "$tmp/err" || fail "$(cat "$tmp/err")"
expect "vm2 *stopped" hv list vm2
hv rm --disks -y vm2
assert_nothing_left
