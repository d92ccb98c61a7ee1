#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What hvctl diff says of disks, NICs and sizes is what a running QEMU does, on
# each type of machine: "now" is done, "at the next start" was not tried.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires_plugin net-user
requires qemu-img
make_host < /dev/null
mkdir -p -m 711 "$tmp/state/disks"

# says VM TEXT WORD: diff has that line.
says ()
{
    grep -q "^$1: $2: .*; $3" "$tmp/diff" || fail "$2 is not $3: $(cat "$tmp/diff")"
}

# agrees VM: apply does what diff has shown, and nothing else.
agrees ()
{
    sed -n 's/^\([^:]*: [^:]*\): .*; now.*/\1: done/p' "$tmp/diff" | sort > "$tmp/now"
    status=0
    hv apply --check "$1" > "$tmp/out" || status=$?
    [ -s "$tmp/now" ] && expected=10 || expected=0
    [ $status = $expected ] || fail "--check: $status, not $expected: $(cat "$tmp/out")"
    hv apply -y "$1" > "$tmp/out" 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    [ ! -s "$tmp/err" ] || fail "something was tried: $(cat "$tmp/err")"
    grep -v '; ' "$tmp/out" | grep ': \(done\|at the next start\)$' | sort | diff "$tmp/now" - \
        || fail "another thing was done: $(cat "$tmp/out")"
    hv diff "$1" | diff - /dev/null > "$tmp/left" || :
    ! grep '; now' "$tmp/left" || fail "left: $(cat "$tmp/left")"
}

for machine in pc q35 microvm; do
    if [ $machine = microvm ]; then
        define_tiny vm1
        sed -i '/^machine/d' "$tmp/vm.d/vm1.conf"
    else
        define_linux vm1 < /dev/null
    fi
    cat >> "$tmp/vm.d/vm1.conf" <<CONF
machine = $machine
disk a { size = 8M }
disk b { size = 8M }
nic l { network = user }
nic m { network = user }
CONF
    conf=$tmp/vm.d/vm1.conf
    hv apply -y vm1 > "$tmp/out"
    hv start vm1
    assert_same vm1
    [ $machine = microvm ] || wait_console vm1 "hvctl-guest: ready"

    # Devices that were present at the start.
    cp "$conf" "$tmp/kept"
    sed -i '/^disk b/d; /^nic l/d' "$conf"
    hv diff vm1 > "$tmp/diff"
    case $machine in
        pc) says vm1 'disk b' now; says vm1 'nic l' now ;;
        q35) says vm1 'disk b' 'at the next start: .*the device was present at the start'
             says vm1 'nic l' 'at the next start: .*the device was present at the start' ;;
        *) says vm1 'disk b' 'at the next start: .*machine .* has no bus' ;;
    esac
    agrees vm1
    mv "$tmp/kept" "$conf"

    # More than there is room for, and sizes.
    for n in 1 2 3 4 5; do
        echo "disk h$n { size = 4M }" >> "$conf"
    done
    echo 'nic n { network = user }' >> "$conf"
    sed -i 's/size = 8M/size = 12M/; 1i cpus = 3' "$conf"
    hv diff vm1 > "$tmp/diff"
    case $machine in
        pc) says vm1 'disk h5' now ;;
        q35) says vm1 'disk h4' now
             says vm1 'disk h5' 'at the next start: .*all 4 ports'
             says vm1 'nic n' 'at the next start: .*all 4 ports' ;;
        *) says vm1 'disk h1' 'at the next start: .*machine .* has no bus' ;;
    esac
    says vm1 'disk a size' now
    says vm1 cpus 'at the next start'
    agrees vm1

    # What was attached goes again, and makes room.
    if [ $machine != microvm ]; then
        sed -i '/^disk h1/d' "$conf"
        echo 'disk h6 { size = 4M }' >> "$conf"
        hv diff vm1 > "$tmp/diff"
        says vm1 'disk h1' now
        says vm1 'disk h6' "$([ $machine = pc ] && echo now || echo '\(now\|at the next start\)')"
        agrees vm1
    fi
    hv kill vm1
    hv apply -y vm1 > "$tmp/out"
    hv start vm1
    assert_same vm1
    hv kill vm1
    hv rm -y --disks vm1 > "$tmp/out"
done

# Memory and processors within the room that there is, and beyond.
define_linux vm1 <<CONF
plugin qemu { max_cpus = 3 max_memory = 384M }
CONF
conf=$tmp/vm.d/vm1.conf
base=$(sed -n 's/^memory = \([0-9]*\)M.*/\1/p' "$conf")
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"
sed -i "s/^memory = .*/memory = $((base - 2))M/" "$conf"
hv diff vm1 > "$tmp/diff"
says vm1 memory 'at the next start'
agrees vm1
sed -i "s/^memory = .*/memory = 448M/; 1i cpus = 4
s/max_cpus = 3 max_memory = 384M/max_cpus = 4 max_memory = 512M/" "$conf"
hv diff vm1 > "$tmp/diff"
says vm1 memory 'at the next start'
says vm1 cpus 'at the next start'
agrees vm1
sed -i "s/^memory = .*/memory = $((base + 2))M/; s/^cpus = 4/cpus = 2/
s/max_cpus = 4 max_memory = 512M/max_cpus = 3 max_memory = 384M/" "$conf"
hv diff vm1 > "$tmp/diff"
says vm1 memory now
says vm1 cpus now
agrees vm1
hv kill vm1
assert_nothing_left
