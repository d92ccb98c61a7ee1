#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What people write, restore, rename or make by hand after a command was
# interrupted is theirs: whoever finishes it, or takes it back, leaves it alone.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
make_host
add_null
conf=$tmp/vm.d/vm1.conf
define_null vm1
cp "$conf" "$tmp/backup"
truncate -s 1M "$tmp/disks/vm1-more.null" "$tmp/disks/other.null"
more="more:image=$tmp/disks/vm1-more.null,format=raw"

# killed OPERATION COMMAND...: at it, by the null plugin.
killed ()
{
    HVCTL_NULL_FAIL=$1
    export HVCTL_NULL_FAIL
    shift
    ! hv "$@" > "$tmp/out" 2>&1 || fail "$*: was not killed"
    unset HVCTL_NULL_FAIL
    find "$tmp/state/changes" -type f | grep -q . || fail "$*: nothing is left"
}

# killed_at PATH CALL COMMAND...: at a system call.
killed_at ()
{
    path=$1 call=$2
    shift 2
    ! strace -f -o "$tmp/strace" -P "$path" -e trace="$call" \
        -e inject="$call:signal=KILL" "$HVCTL" -c "$tmp/hvctl.conf" "$@" \
        > "$tmp/out" 2>&1 || fail "$*: was not killed"
}

n=0
# recovered TEXT: the next command, of another VM, says that.
recovered ()
{
    n=$((n + 1))
    hv create "other$n" --memory 64M > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
    grep -q "$1" "$tmp/out" || fail "it says: $(cat "$tmp/out")"
    [ ! -e "$tmp/state/changes" ] \
        || ! find "$tmp/state/changes" -type f | grep . || fail "not recovered"
    ! find "$tmp/vm.d" -name '.*' -type f | grep . || fail "a temporary file"
    rm "$tmp/vm.d/other$n.conf"
}

# stays WHAT: the definition is what was written by hand.
stays ()
{
    cmp -s "$conf" "$tmp/by-hand" || fail "$1: $(cat "$conf")"
}

# ------------------------------------------------- a definition is changed
for running in no yes; do
    # edited OPERATION WHAT COMMAND...: the user edits, then renames it.
    edited ()
    {
        at=$1 said=$2
        shift 2
        killed "$at" "$@"
        { echo "# by hand" && cat "$tmp/backup"; } > "$tmp/by-hand"
        cat "$tmp/by-hand" > "$conf"
        recovered "$conf has been changed since: it is left alone, and the change is $said"
        stays "$* ($running)"
        cp "$tmp/backup" "$conf"
        killed "$at" "$@"
        mv "$conf" "$tmp/vm.d/renamed.conf"
        recovered "$conf has been removed since: it is not created again, and the change is $said"
        [ ! -e "$conf" ] || fail "$*: $conf is there again"
        mv "$tmp/vm.d/renamed.conf" "$conf"
        # The same, written once more, is no other.
        killed "$at" "$@"
        cp "$tmp/backup" "$conf.too"
        mv "$conf.too" "$conf"
        recovered "now \(rolled back\|completed\)"
        cp "$tmp/backup" "$conf"
    }

    edited create:kill "rolled back" attach-disk vm1 new:pool=null,size=8M
    if [ $running = yes ]; then
        hv start vm1
        edited hypervisor.attach_disk:kill "rolled back" attach-disk vm1 "$more"
        edited attach_nic:kill "rolled back" attach-nic vm1 more:null
        edited detach:kill "abandoned" detach-nic vm1 lan
        edited hypervisor.resize:kill "abandoned" resize vm1 --cpus 2
        grep -q "hypervisor.detach vm1" "$tmp/null.log" || fail "not detached"
        hv stop vm1
    fi
done

# Of one that is changed while the command goes on, too.
hv start vm1
HVCTL_NULL_FAIL=attach_disk:slow hv attach-disk vm1 "$more" > "$tmp/out" 2>&1 &
wait_for 5 grep -q attach_disk "$tmp/null.log"
wait_for 5 test -e "$tmp/vm.d/.vm1.new"
{ echo "# meanwhile" && cat "$tmp/backup"; } > "$tmp/by-hand"
cat "$tmp/by-hand" > "$conf"
! wait $! || fail "changed meanwhile, and it is not noticed"
grep -q "was changed in the meantime, and is kept" "$tmp/out" || fail "$(cat "$tmp/out")"
stays meanwhile
cp "$tmp/backup" "$conf"
hv stop vm1

# ------------------------------------------------------- a volume that is new
new="$tmp/disks/vm1-new.null"
# Killed when it is made.
made ()
{
    killed_at "$tmp/vm.d/.vm1.new" rename attach-disk vm1 new:pool=null,size=8M
    [ -e "$new" ] || fail "the volume is not made"
}

made
mv "$conf" "$tmp/vm.d/renamed.conf"
recovered "has been removed since"
[ ! -e "$new" ] || fail "nobody names it, and it stays"
mv "$tmp/vm.d/renamed.conf" "$conf"

made
echo "disk mine { pool = null volume = vm1-new }" >> "$conf"
recovered "the volume null/vm1-new, which was created for it, is kept: it is now a disk of vm1"
[ -e "$new" ] || fail "a definition names it, and it is gone"
rm "$new"
cp "$tmp/backup" "$conf"

made
echo "# by hand" >> "$conf"
rm "$new"
echo precious > "$new"
recovered "vm1-new, which was created for it, is kept: it has been replaced"
grep -q precious "$new" || fail "it was another by then"
rm "$new"
cp "$tmp/backup" "$conf"

# ---------------------------------------------------------------- what is removed
killed_at "$conf" unlink rm -y vm1
rm -f "$conf"
cp "$tmp/backup" "$conf"
recovered "$conf has been restored or changed since, and is kept"
cmp -s "$conf" "$tmp/backup" || fail "it was put back, and is gone again"

# Its disks with it: the first has gone, and comes back.
echo "disk one { pool = null size = 8M }
disk two { pool = null size = 8M }" >> "$conf"
hv create-disks vm1 > "$tmp/out"
killed_at "$conf" unlink rm -y --disks vm1
[ ! -e "$tmp/disks/vm1-one.null" ] || fail "killed before its disks had gone"
define_null vm1
sed -i /^disk/d "$conf"
echo "disk one { pool = null size = 8M }" >> "$conf"
cp "$conf" "$tmp/by-hand"
echo precious > "$tmp/disks/vm1-one.null"
recovered "has been restored or changed since"
stays "rm --disks"
grep -q precious "$tmp/disks/vm1-one.null" || fail "a disk that came back"
rm "$tmp/disks/vm1-one.null"
hv create-disks vm1 > "$tmp/out"
killed destroy:killafter rm -y --disks vm1
echo precious > "$tmp/disks/vm1-one.null"
recovered "vm1-one.null has been replaced or written to since: it is kept"
grep -q precious "$tmp/disks/vm1-one.null" || fail "the disk alone came back"
[ ! -e "$conf" ] || fail "the definition has not been touched, and stays"
rm "$tmp/disks/vm1-one.null"

for when in kill killafter; do
    hv volume create null/v 8M > "$tmp/out"
    killed destroy:$when volume rm -y null/v
    echo precious > "$tmp/disks/v.null"
    recovered "v.null has been \\(replaced\\|written to\\) since, and is left alone"
    grep -q precious "$tmp/disks/v.null" || fail "volume rm: $when"
    hv volume rm -y null/v > "$tmp/out"
done
hv volume create null/v 8M > "$tmp/out"
killed destroy:kill volume rm -y null/v
recovered "now completed"
[ ! -e "$tmp/disks/v.null" ] || fail "nobody has touched it"
hv volume create null/v 8M > "$tmp/out"
killed storage.resize:kill volume resize null/v 16M
rm "$tmp/disks/v.null"
echo precious > "$tmp/disks/v.null"
recovered "v.null has been replaced since, and is left alone"
[ "$(stat -c %s "$tmp/disks/v.null")" = 9 ] || fail "another one has grown"
assert_nothing_left
