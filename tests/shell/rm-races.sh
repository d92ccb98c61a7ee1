#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# rm --disks, of a VM and of a fleet, deletes no volume that another VM gets
# while it runs, and none that is restored or created after it was killed.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
make_host
add_null
small="--memory 16M --hypervisor null"

# fresh NAME: a VM, or a fleet of three, with disks; nothing else is there.
fresh ()
{
    rm -rf "$tmp/vm.d/"* "$tmp/disks/"* "$tmp/state/vm" "$tmp/state/changes"
    count=
    [ "$1" = one ] || count="count = 3"
    define "$1" <<END
$count
memory = 16M
hypervisor = null
disk root { pool = null size = 1M }
END
    hv create-disks "$1" > "$tmp/out"
}

# taken VOLUME: no VM names a volume that is not there.
taken ()
{
    if [ -e "$tmp/vm.d/x.conf" ]; then
        [ -e "$tmp/disks/$1.null" ] || fail "$2: x has lost its volume $1"
    fi
}

# One process is stopped at each of its calls that changes something, and the
# other one runs then.
races ()
{
    printf '%s\n' "timeout 0.7 $hvctl -c $tmp/hvctl.conf create x $small --disk old:pool=null,volume=$2 > $tmp/x.out 2>&1" \
        > "$tmp/other.sh"
    for n in $3; do
        fresh "$1"
        "$inject" -n $n -f "=sh $tmp/other.sh" -o "$tmp/calls" "$hvctl" \
            -c "$tmp/hvctl.conf" rm --yes --disks "$1" > "$tmp/out" 2>&1 || :
        taken "$2" "rm $1, call $n: $(cat "$tmp/out" "$tmp/x.out")"
    done
}

fresh edge
"$inject" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" rm --yes --disks edge \
    > "$tmp/out" 2>&1
most=$(wc -l < "$tmp/calls")
[ "$most" -gt 20 ] || fail "it makes $most calls only"
races edge edge-2-root "$(seq 1 3 "$most")"
fresh one
"$inject" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" rm --yes --disks one \
    > "$tmp/out" 2>&1
races one one-root "$(seq 1 2 "$(wc -l < "$tmp/calls")")"

# And the other way round.
printf '%s\n' "timeout 0.7 $hvctl -c $tmp/hvctl.conf rm --yes --disks one > $tmp/x.out 2>&1" \
    > "$tmp/other.sh"
fresh one
"$inject" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" create x $small \
    --disk old:pool=null,volume=one-root > "$tmp/out" 2>&1
for n in $(seq 1 2 "$(wc -l < "$tmp/calls")"); do
    fresh one
    "$inject" -n "$n" -f "=sh $tmp/other.sh" -o "$tmp/calls" "$hvctl" \
        -c "$tmp/hvctl.conf" create x $small --disk old:pool=null,volume=one-root \
        > "$tmp/out" 2>&1 || :
    taken one-root "create, call $n: $(cat "$tmp/out" "$tmp/x.out")"
done

# killed NAME VOLUME: as the volume is to be deleted.
killed ()
{
    ! strace -f -o "$tmp/calls" -e trace=unlink,unlinkat \
        -P "$tmp/disks/$2.null" -e inject=unlink,unlinkat:signal=KILL:when=1 \
        "$hvctl" -c "$tmp/hvctl.conf" rm --yes --disks "$1" > "$tmp/out" 2>&1 \
        || fail "it was not killed"
}

# recovered NAME: by another command.
recovered ()
{
    define_null o
    hv stop o > "$tmp/out" 2>&1 || :
    [ -z "$(ls -A "$tmp/state/changes")" ] \
        || fail "$1: unfinished: $(cat "$tmp/out")"
}

requires strace
for name in one edge; do
    vm=$name
    [ $name = one ] || vm=edge-1

    # The volume has been restored.
    fresh $name
    killed $name $vm-root
    rm -f "$tmp/disks/$vm-root.null"
    echo backup > "$tmp/disks/$vm-root.null"
    recovered $name
    [ "$(cat "$tmp/disks/$vm-root.null")" = backup ] || fail "$vm: it is deleted"
    grep -q "$vm: its removal was interrupted, and .*$vm-root.null has been replaced or written to since: it is kept" \
        "$tmp/out" || fail "$(cat "$tmp/out")"
    [ ! -e "$tmp/vm.d/$name.conf" ] || fail "$name: it is still defined"

    # There was none, and it has been created.
    fresh $name
    other=$name-root
    [ $name = one ] || other=edge-2-root
    [ $name = one ] || rm "$tmp/disks/$other.null"
    if [ $name = edge ]; then
        killed $name $vm-root
        echo new > "$tmp/disks/$other.null"
        recovered $name
        [ "$(cat "$tmp/disks/$other.null")" = new ] || fail "$other: it is deleted"
        grep -q "edge-2: its removal was interrupted, and null/$other has been created since" \
            "$tmp/out" || fail "$(cat "$tmp/out")"
    fi

    # The definition has been written.
    fresh $name
    killed $name $vm-root
    echo 'description = "mine"' >> "$tmp/vm.d/$name.conf"
    recovered $name
    grep -q "$name.conf has been restored or changed since, and is kept" \
        "$tmp/out" || fail "$(cat "$tmp/out")"
    [ -e "$tmp/vm.d/$name.conf" ] || fail "$name: it is no longer defined"
done

# So has that of a VM of the fleet.
for before in no yes; do
    fresh edge
    [ $before = no ] || echo 'cpus = 2' > "$tmp/vm.d/edge-2.conf"
    killed edge edge-1-root
    echo 'description = "mine"' > "$tmp/vm.d/edge-2.conf"
    recovered edge
    grep -q "edge-2.conf has been restored or changed since, and is kept" \
        "$tmp/out" || fail "$(cat "$tmp/out")"
    [ -e "$tmp/vm.d/edge-2.conf" ] && [ -e "$tmp/vm.d/edge.conf" ] \
        && [ -e "$tmp/disks/edge-2-root.null" ] || fail "edge-2 is removed"
done
