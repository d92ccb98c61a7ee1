#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A VM that exists never becomes one of a fleet, whatever two commands are
# given at once, and edit refuses it as create does.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
make_host
add_null
small="--memory 16M --hypervisor null"

clean ()
{
    rm -rf "$tmp/vm.d/"* "$tmp/disks/"* "$tmp/state/vm" "$tmp/state/changes" \
        "$tmp/log"
    define web <<END
memory = 16M
hypervisor = null
END
    define f <<END
count = 2
memory = 16M
hypervisor = null
END
    printf '#!/bin/sh\nsed -i "s/^count.*/count = 4/" "$1"\n' > "$tmp/editor"
    chmod 755 "$tmp/editor"
}

# races FIRST SECOND MEMBER FLEET: the second runs at each call of the first one
# that changes something; then the VM is not one of the fleet with a file of
# its own.
races ()
{
    clean
    "$inject" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" $1 > "$tmp/out" 2>&1 \
        < /dev/null
    n=$(wc -l < "$tmp/calls")
    [ "$n" -gt 5 ] || fail "$1: $n calls: $(cat "$tmp/out")"
    echo "timeout 0.5 $hvctl -c $tmp/hvctl.conf $2 > $tmp/x.out 2>&1 < /dev/null" \
        > "$tmp/other.sh"
    # The last ones, where it is published, and some before.
    for i in $(seq 1 4 "$n") $((n - 1)) $((n - 2)) $((n - 3)) $((n - 4)); do
        clean
        "$inject" -n "$i" -f "=sh $tmp/other.sh" -o "$tmp/calls" "$hvctl" \
            -c "$tmp/hvctl.conf" $1 > "$tmp/out" 2>&1 < /dev/null || :
        if [ -e "$tmp/vm.d/$3.conf" ] && [ -e "$tmp/vm.d/$4.conf" ]; then
            hv list --names > "$tmp/names"
            [ "$4" = f ] && ! grep -q 'count = 4' "$tmp/vm.d/f.conf" \
                || fail "$1, $2, call $i: both: $(cat "$tmp/out" "$tmp/x.out")"
        fi
    done
}

EDITOR=$tmp/editor
export EDITOR
races "create edge-1 $small" "create edge --count 3 $small" edge-1 edge
races "create edge --count 3 $small" "create edge-1 $small" edge-1 edge
races "rename web edge-1" "create edge --count 3 $small" edge-1 edge
races "clone web edge-1" "create edge --count 3 $small" edge-1 edge
races "create edge --count 3 $small" "clone web edge-1" edge-1 edge
races "create f-3 $small" "edit --yes f" f-3 f
races "edit --yes f" "create f-3 $small" f-3 f

# A VM of a fleet does not get a file while its fleet is removed.
for change in "resize f-1 --memory 32M" "edit f-1"; do
    printf '#!/bin/sh\necho "cpus = 2" >> "$1"\n' > "$tmp/editor.own"
    chmod 755 "$tmp/editor.own"
    clean
    cp "$tmp/editor.own" "$tmp/editor"
    echo "timeout 0.5 $hvctl -c $tmp/hvctl.conf rm --yes f > $tmp/x.out 2>&1" \
        > "$tmp/other.sh"
    "$inject" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" $change \
        > "$tmp/out" 2>&1 < /dev/null
    for i in $(seq 1 2 "$(wc -l < "$tmp/calls")"); do
        clean
        cp "$tmp/editor.own" "$tmp/editor"
        "$inject" -n "$i" -f "=sh $tmp/other.sh" -o "$tmp/calls" "$hvctl" \
            -c "$tmp/hvctl.conf" $change > "$tmp/out" 2>&1 < /dev/null || :
        [ -e "$tmp/vm.d/f.conf" ] || [ ! -e "$tmp/vm.d/f-1.conf" ] \
            || fail "$change, call $i: f-1 is left: $(cat "$tmp/out" "$tmp/x.out")"
    done
done

# One at a time.
clean
define f-3 <<END
memory = 16M
hypervisor = null
END
expect_fail 7 "not saved, and your text is in .*f.conf.edited: VM f-3 already exists: .*f-3.conf" \
    hv edit --yes f < /dev/null
grep -q '^count = 2' "$tmp/vm.d/f.conf" || fail "it is saved"
rm "$tmp/vm.d/f.conf.edited"
define web-1 <<END
memory = 16M
hypervisor = null
END
printf '#!/bin/sh\necho "count = 2" >> "$1"\n' > "$tmp/editor"
expect_fail 7 "VM web-1 already exists" hv edit --yes web < /dev/null

# The volumes of the first ones are kept from others, too, until all are there;
# with few descriptors, that many VMs are created nevertheless.
disk="--disk root:pool=null,size=1M"
clean
"$inject" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" create edge --count 3 \
    $small $disk > "$tmp/out"
n=$(wc -l < "$tmp/calls")
echo "timeout 0.5 $hvctl -c $tmp/hvctl.conf volume rm --yes null/edge-0-root > $tmp/x.out 2>&1" \
    > "$tmp/other.sh"
removed=0
for i in $(seq $((n / 2)) 3 "$n"); do
    clean
    "$inject" -n "$i" -f "=sh $tmp/other.sh" -o "$tmp/calls" "$hvctl" \
        -c "$tmp/hvctl.conf" create edge --count 3 $small $disk > "$tmp/out" 2>&1 || :
    ! [ -e "$tmp/vm.d/edge.conf" ] || [ -e "$tmp/disks/edge-0-root.null" ] \
        || fail "call $i: created without its volume: $(cat "$tmp/out" "$tmp/x.out")"
    ! grep -q "is deleted" "$tmp/x.out" || removed=$((removed + 1))
done
[ "$removed" = 0 ] || fail "it was removed $removed times: $(cat "$tmp/x.out")"
clean
(
    ulimit -n 64
    hv create edge --count 100 $small $disk
) > "$tmp/out" 2>&1 || fail "few descriptors: $(cat "$tmp/out")"
[ "$(ls "$tmp/disks" | wc -l)" = 100 ] || fail "disks: $(ls "$tmp/disks" | wc -l)"
