#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Commands that change one VM of a fleet write its own file, never the fleet's;
# edit and rm of a fleet tell which VMs come, and which are left over.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
traced_hvctl
make_host
add_null
define edge <<END
count = 3
memory = 16M
hypervisor = null
disk root {
    pool = null
    size = 1M
}
nic lan { network = null }
END
cp "$tmp/vm.d/edge.conf" "$tmp/fleet"
hv apply -y edge > "$tmp/out"
own=$tmp/vm.d/edge-1.conf
first="# edge-1: these values override those of fleet edge, which are in edge.conf"

# One VM.
hv resize edge-1 --memory 32M --cpus 2 --disk root=2M
cat > "$tmp/expected" <<END
$first
memory = 32M
cpus = 2

disk root {
    size = 2M
}
END
diff -u "$tmp/expected" "$own" || fail "resize writes something else"
hv attach-disk edge-1 data:1M,pool=null
expect '^disk.data.size = 1M .*edge-1.conf' hv show --origin edge-1
expect_fail '[1-9]' "edge-1 already has a disk 'root', by fleet edge (.*edge.conf:4)" \
    hv attach-disk edge-1 root:1M,pool=null
expect_fail 7 "disk root of edge-1 is from fleet edge (.*edge.conf:4), and is not detached" \
    hv detach-disk edge-1 root
expect_fail 5 "is also a disk of edge-1\|is disk data of edge-1\|edge-1" \
    hv volume rm --yes null/edge-1-data
hv detach-disk edge-1 data
hv attach-nic edge-1 more:null
hv detach-nic edge-1 more
diff -u "$tmp/expected" "$own" || fail "detaching leaves something"
hv attach-disk edge-2 data:1M,pool=null
grep -q '^# edge-2: ' "$tmp/vm.d/edge-2.conf" || fail "no comment"
hv detach-disk edge-2 data
cmp "$tmp/fleet" "$tmp/vm.d/edge.conf" || fail "the fleet was changed"

# Interrupted before it has a file: that does not come.
HVCTL_NULL_FAIL=hypervisor.attach_disk
export HVCTL_NULL_FAIL
hv start edge-0
! strace -o "$tmp/calls" -e trace=unlink,unlinkat -P "$tmp/state/changes/edge-0" \
    -e inject=unlink,unlinkat:signal=KILL:error=EIO:when=1 \
    "$hvctl" -c "$tmp/hvctl.conf" attach-disk edge-0 new:1M,pool=null \
    > "$tmp/out" 2>&1 || fail "it was not killed"
unset HVCTL_NULL_FAIL
[ -e "$tmp/state/changes/edge-0" ] || fail "there is no journal"
hv stop edge-0
[ ! -e "$tmp/vm.d/edge-0.conf" ] || fail "it has a file"
[ ! -e "$tmp/disks/edge-0-new.null" ] || fail "the volume is there"
[ -z "$(ls -A "$tmp/state/changes")" ] || fail "it is unfinished"

# rm of one VM: of its own file, if it has one.
expect_fail 2 "edge-1.conf is kept: standard input is not a terminal" \
    hv rm edge-1 < /dev/null
expect_fail 2 "edge-1 remains a VM of fleet edge" hv rm --yes --disks edge-1
expect "edge-1 is still defined, by .*edge.conf" hv rm --yes edge-1
[ ! -e "$own" ] || fail "the file is there"
expect_fail 7 "edge-1 is a VM of fleet edge, and has no file of its own to be removed: lower 'count' (.*edge.conf:1)" \
    hv rm --yes edge-1
rm "$tmp/vm.d/edge-2.conf"

# editor TEXT: the editor does that to the file.
editor ()
{
    printf '#!/bin/sh\n%s\n' "$1" > "$tmp/editor"
    chmod 755 "$tmp/editor"
    EDITOR=$tmp/editor
    export EDITOR
}

# edit of one makes its file, if something is written.
editor :
expect "unchanged" hv edit edge-1 < /dev/null
[ ! -e "$own" ] || fail "edit: it makes a file of nothing"
editor 'grep -q "^# edge-1: " "$1" && echo "cpus = 4" >> "$1"'
expect "saved" hv edit edge-1 < /dev/null
expect "^cpus = 4 .*edge-1.conf:2$" hv show --origin edge-1
editor 'echo "count = 4" >> "$1"'
expect_fail 7 "new definition of edge-1:3: edge-1 is a VM of fleet edge (.*edge.conf:1), so its own file cannot have 'count'" \
    hv edit edge-1 < /dev/null
rm -f "$own" "$own.edited"

# edit of the fleet: more, and fewer, VMs.
editor 'sed -i "s/^count.*/count = 5/" "$1"'
hv edit edge < /dev/null > "$tmp/out"
grep -q "^edge-3, edge-4 will be defined ('hvctl apply edge' creates" \
    "$tmp/out" || fail "it does not tell which VMs come: $(cat "$tmp/out")"
[ "$(hv list --names | wc -l)" = 5 ] || fail "not five"
hv start edge-2
editor 'sed -i "s/^count.*/count = 1/" "$1"'
expect_fail 2 "not saved, and your text is in .*edge.conf.edited: edge-1, edge-2, edge-3, edge-4 would no longer be defined, and would leave over edge-1 (volume null/edge-1-root), edge-2 (running, volume null/edge-2-root): standard input" \
    hv edit edge < /dev/null
[ "$(hv list --names | wc -l)" = 5 ] || fail "they are gone"
editor :
hv edit --yes edge < /dev/null > "$tmp/out" 2>&1
grep -q "^edge-1, edge-2, edge-3, edge-4 will no longer be defined" "$tmp/out" \
    || fail "it does not tell which are left over: $(cat "$tmp/out")"
expect "edge-2  *running" hv list
hv stop edge-2
# Nothing is left over by those without disks.
hv volume rm --yes null/edge-1-root
editor 'sed -i "s/^count.*/count = 3/" "$1"'
hv edit edge < /dev/null
editor 'sed -i "s/^count.*/count = 2/" "$1"'
expect_fail 2 "leave over edge-2 (volume" hv edit edge < /dev/null
rm "$tmp/vm.d/edge.conf.edited"
rm "$tmp/disks/edge-2-root.null"
editor 'sed -i "s/^count.*/count = 2/" "$1"'
hv edit edge < /dev/null
# Each VM is checked.
editor 'echo "append = \"\${1 / (1 - index)}\"" >> "$1"'
expect_fail 7 "new definition of edge:9: append = .*divi" hv edit edge < /dev/null
rm "$tmp/vm.d/edge.conf.edited"

# rm of a fleet.
cp "$tmp/fleet" "$tmp/vm.d/edge.conf"
hv create-disks edge
echo "cpus = 2" > "$own"
define_null other
echo 'disk shared { pool = null volume = edge-2-root readonly = yes }' \
    >> "$tmp/vm.d/other.conf"
hv start edge-0
expect_fail 5 "edge-0 is running: stop it first" hv rm --yes edge
hv stop edge-0
expect_fail '[1-9]' "volume null/edge-2-root is also a disk of other: use rm without --disks" \
    hv rm --yes --disks edge
define_null other
expect_fail 2 "edge is kept, with its 3 VMs (edge-0, edge-1, edge-2) and 3 volumes: standard" \
    hv rm --disks edge < /dev/null
[ "$(hv list --names | wc -l)" = 4 ] || fail "something is gone"
# Killed while the second VM's disk goes: the next command completes it.
! strace -f -o "$tmp/calls" -e trace=unlink,unlinkat -P "$tmp/disks/edge-1-root.null" \
    -e inject=unlink,unlinkat:signal=KILL:when=1 \
    "$hvctl" -c "$tmp/hvctl.conf" rm --yes --disks edge > "$tmp/out" 2>&1 \
    || fail "it was not killed"
[ -e "$tmp/vm.d/edge.conf" ] || fail "the definition is gone first"
expect "edge: 'rm' had been interrupted, and is now completed" \
    hv rm --yes --disks edge
[ ! -e "$tmp/vm.d/edge.conf" ] && [ ! -e "$own" ] || fail "a definition is there"
[ -z "$(find "$tmp/disks" -name 'edge-*-root*')" ] || fail "a disk is there"
[ -z "$(find "$tmp/state" -name 'edge*')" ] || fail "left: $(find "$tmp/state")"
[ "$(hv list --names)" = other ] || fail "another VM is gone"
cp "$tmp/fleet" "$tmp/vm.d/edge.conf"
hv create-disks edge
expect "fleet edge is removed with its 3 VMs$" hv rm --yes 'ed*'
[ "$(find "$tmp/disks" -name 'edge-*-root*' | wc -l)" = 3 ] || fail "disks are gone"
assert_nothing_left

# create: all of it, or nothing.
rm "$tmp/disks/"edge-*
expect "^edge is defined in $tmp/vm.d/edge.conf: edge-7 … edge-9$" \
    hv create edge --count 3 --first 7 --memory 16M --hypervisor null \
    --disk root:1M,pool=null --nic lan:null
[ "$(find "$tmp/disks" -name 'edge-[789]-root*' | wc -l)" = 3 ] || fail "no disks"
expect '^3 definitions, no problems' hv validate edge
grep -q '^count = 3' "$tmp/vm.d/edge.conf" || fail "no count"
expect_fail '[1-9]' "VM edge already exists" hv create edge --count 2
expect_fail '[1-9]' "VM edge-8 already exists: it is one of fleet edge" \
    hv create edge-8 --memory 16M --hypervisor null
expect_fail 2 "first.*give --count" hv create more --first 3
expect_fail 7 'new definition of more:4: count = "0" is not a number' \
    hv create more --count 0
hv rm --yes --disks edge
truncate -s 1M "$tmp/disks/edge-1-root.null"
expect_fail '[1-9]' "edge-1: disk root: volume null/edge-1-root already exists: remove it with 'hvctl volume rm null/edge-1-root'" \
    hv create edge --count 3 --memory 16M --hypervisor null --disk root:1M,pool=null
[ "$(ls "$tmp/disks" | grep -c '^edge')" = 1 ] || fail "not rolled back"
rm "$tmp/disks/edge-1-root.null"
define_null edge-2
expect_fail '[1-9]' "VM edge-2 already exists: .*edge-2.conf" \
    hv create edge --count 3 --memory 16M --hypervisor null --disk root:1M,pool=null
rm "$tmp/vm.d/edge-2.conf"; rm -f "$tmp/disks/edge-2-root.null"
! strace -f -o "$tmp/calls" -e trace=rename,renameat,renameat2 \
    -P "$tmp/vm.d/edge.conf" \
    -e inject=rename,renameat,renameat2:signal=KILL:error=EIO:when=1 \
    "$hvctl" -c "$tmp/hvctl.conf" create edge --count 3 --memory 16M \
    --hypervisor null --disk root:1M,pool=null > "$tmp/out" 2>&1 \
    || fail "it was not killed"
[ "$(ls "$tmp/disks" | grep -c '^edge')" = 3 ] || fail "it was killed too early: $(cat "$tmp/out" "$tmp/calls")"
hv create last --memory 16M --hypervisor null > "$tmp/out" 2>&1
grep -q "edge: 'creating its disks.*is now rolled back" "$tmp/out" \
    || fail "not rolled back: $(cat "$tmp/out")"
! ls "$tmp/disks" | grep '^edge' || fail "disks are there"
[ ! -e "$tmp/vm.d/edge.conf" ] || fail "it is defined"
assert_nothing_left

# Options select its VMs; if all of them are to be removed, so is the fleet.
{ cat "$tmp/fleet"; printf 'labels { role = edge nr = "${index}" }\n'; } \
    > "$tmp/vm.d/edge.conf"
[ "$(hv list --names -l nr=1)" = edge-1 ] || fail "not the one with the label"
expect_fail 7 "edge-1 is a VM of fleet edge, and has no file of its own" \
    hv rm --yes -l nr=1
expect "fleet edge is removed with its 3 VMs" hv rm --yes -l role=edge
[ ! -e "$tmp/vm.d/edge.conf" ] || fail "it is there"
assert_nothing_left
