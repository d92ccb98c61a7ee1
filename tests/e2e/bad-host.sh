#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the host lacks is named, and nothing is left: the program, the images,
# the disk's space.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires qemu-img
make_host
define_tiny vm1
cp "$tmp/vm.d/vm1.conf" "$tmp/good"
cp "$tmp/hvctl.conf" "$tmp/good-host"

# bad PATTERN: the start fails so; the definition is good again afterwards.
bad ()
{
    expect_fail "${2:-[1-9]*}" "$1" hv start vm1
    assert_nothing_left
    cp "$tmp/good" "$tmp/vm.d/vm1.conf"
    cp "$tmp/good-host" "$tmp/hvctl.conf"
}

echo 'disk root { image = "/nonexistent.qcow2" format = qcow2 }' \
    >> "$tmp/vm.d/vm1.conf"
bad "/nonexistent.qcow2"

# The one below is missing, and then of another format.
qemu-img create -q -f raw "$tmp/base.img" 1M
qemu-img create -q -f qcow2 -b "$tmp/base.img" -F raw "$tmp/top.qcow2"
mv "$tmp/base.img" "$tmp/away"
echo "disk root { image = \"$tmp/top.qcow2\" format = qcow2 }" \
    >> "$tmp/vm.d/vm1.conf"
bad "base.img"
mv "$tmp/away" "$tmp/base.img"
qemu-img rebase -q -u -f qcow2 -b "$tmp/base.img" -F qcow2 "$tmp/top.qcow2"
echo "disk root { image = \"$tmp/top.qcow2\" format = qcow2 }" \
    >> "$tmp/vm.d/vm1.conf"
bad "base.img.*qcow2"

sed -i 's/memory = .*/memory = 900T/' "$tmp/vm.d/vm1.conf"
bad "memory" 4
sed -i 's,kernel = .*,kernel = "/no/kernel",' "$tmp/vm.d/vm1.conf"
bad "/no/kernel"

# A program that is missing, a script, none, or dies at once.
echo 'plugin qemu { program_x86_64 = "/no/qemu" }' >> "$tmp/hvctl.conf"
bad "/no/qemu does not exist: remove or correct 'program_x86_64'" 7
printf '#!/bin/sh\nexit 3\n' > "$tmp/script"
: > "$tmp/nothing"
$CC -x c -o "$tmp/dies" - <<EOF
#include <stdio.h>
int main (void) { fputs ("my last words\\n", stderr); return 3; }
EOF
chmod 755 "$tmp/script" "$tmp/nothing"
for program in script nothing dies; do
    echo "plugin qemu { program_x86_64 = \"$tmp/$program\" }" \
        >> "$tmp/hvctl.conf"
    case $program in
        dies) words="my last words" ;;
        *) words=$tmp/$program ;;
    esac
    # Before the first start: what has not been run may do.
    hv explain vm1 > "$tmp/out" 2>&1 || :
    grep -q "$tmp/$program works, which has not been tried\|! .*$words" \
        "$tmp/out" || fail "$program: $(cat "$tmp/out")"
    bad "$words"
    # And after it.
    echo "plugin qemu { program_x86_64 = \"$tmp/$program\" }" \
        >> "$tmp/hvctl.conf"
    expect_fail '[1-9]*' "$words" hv plan vm1
    ! hv explain vm1 > "$tmp/out" || fail "$program: explain finds no fault"
    grep -q "! .*$words" "$tmp/out" || fail "$program: $(cat "$tmp/out")"
    cp "$tmp/good-host" "$tmp/hvctl.conf"
done

# A full disk, when the volume is made.
mkdir "$tmp/small"
mount -t tmpfs -o size=64k none "$tmp/small"
cleanup_fn "umount '$tmp/small'"
dd if=/dev/zero of="$tmp/small/full" bs=64k count=1 status=none || :
echo "pool small { type = qcow2 path = \"$tmp/small\" }" >> "$tmp/hvctl.conf"
expect_fail '[1-9]*' "the disk is full" hv create vm2 --memory 64M \
    --disk root:10G,pool=small
[ ! -e "$tmp/vm.d/vm2.conf" ] || fail "a definition was left"
[ "$(ls "$tmp/small")" = full ] || fail "left behind: $(ls "$tmp/small")"

hv start vm1
hv kill vm1
assert_nothing_left
