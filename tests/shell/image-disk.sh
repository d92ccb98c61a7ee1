#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A disk is made on an image that its definition names: an overlay in a pool of
# type qcow2, a copy in one of type raw; a file keeps its meaning.  The image is
# not removed while an overlay needs it, and a disk of another one is noticed.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-raw storage-qcow2
requires qemu-img
make_host <<END
pool plain { type = raw path = "${TMPDIR:-/tmp}/nowhere" }
END
sed -i "s,${TMPDIR:-/tmp}/nowhere,$tmp/plain," "$tmp/hvctl.conf"
add_null
truncate -s 4M "$tmp/a.raw"
echo first | dd of="$tmp/a.raw" conv=notrunc status=none
cp "$tmp/a.raw" "$tmp/b.raw"
echo second | dd of="$tmp/b.raw" conv=notrunc status=none
hv image import "$tmp/a.raw" --name debian-12 --unverified > "$tmp/out"
hv image import "$tmp/b.raw" --name debian-13 --unverified > "$tmp/out"
path_of ()
{
    hv image info -o json "$1" | sed -n 's/.*"path": *"\(.*\)".*/\1/p'
}

# ----------------------------------------------------------------- created
hv create vm1 --hypervisor null --disk root:8M,image=debian-12 \
    --disk copy:pool=plain,image=debian-12,size=16M \
    --disk same:image=debian-12 > "$tmp/out"
grep -q 'image = debian-12' "$tmp/vm.d/vm1.conf"
root=$(find "$tmp/state/disks" -name 'vm1-root*')
qemu-img info "$root" > "$tmp/out"
grep -q "virtual size: 8 MiB" "$tmp/out"
grep -q "backing file: $(path_of debian-12)" "$tmp/out"
grep -q "backing file format: raw" "$tmp/out"
qemu-img info "$(find "$tmp/state/disks" -name 'vm1-same*')" \
    | grep -q "virtual size: 4 MiB" || fail "not of the image's size"
copy=$tmp/plain/vm1-copy.raw
[ "$(stat -c %s "$copy")" = 16777216 ]
cmp -n 4194304 "$copy" "$tmp/a.raw"
[ "$(stat -c %b "$copy")" -le 512 ] || fail "the copy is not sparse"
expect "image = debian-12" hv show --effective vm1
hv show -o json vm1 | grep -q '"image": *"debian-12"' || fail "JSON"
expect "disks: *default/vm1-root, default/vm1-same$" hv image info debian-12
hv validate vm1 > "$tmp/out"
hv start vm1 > "$tmp/out"
hv stop vm1 > "$tmp/out"

# By --set, by hand, and in a template.
hv create vm2 --hypervisor null --set disk.root.image=debian-13 > "$tmp/out"
grep -q 'image = debian-13' "$tmp/vm.d/vm2.conf"
echo 'template os { disk root { image = debian-13 size = 5M } }' >> "$tmp/hvctl.conf"
define vm3 <<END
memory = 16M
hypervisor = null
templates = { os }
END
expect_fail 3 "hvctl apply vm3. creates it" hv start vm3
expect "disk root is created" hv create-disks vm3
define vm9 <<END
memory = 16M
hypervisor = null
disk root { image = debian-13 }
END
expect_fail 3 "hvctl apply vm9. creates it" hv start vm9
hv apply --yes vm9 > "$tmp/out"
qemu-img info "$tmp/state/disks/vm9-root.qcow2" | grep -q "4 MiB" || fail "apply"
sed -i s/debian-13/debian-99/ "$tmp/vm.d/vm9.conf"
undefined vm9 hv volume rm --yes vm9-root > "$tmp/out"
expect_fail '[1-9]*' "there is no image 'debian-99'" hv apply --yes vm9
rm "$tmp/vm.d/vm9.conf"
hv rename vm3 vm4 > "$tmp/out"
hv clone vm4 vm5 > "$tmp/out"
hv start vm4 vm5 > "$tmp/out"
hv stop vm4 vm5 > "$tmp/out"

# ------------------------------------------------------------------ a file
cd "$tmp"
hv create vm6 --hypervisor null --disk root:image=b.raw,readonly=yes > "$tmp/out"
grep -q "image = \"$tmp/b.raw\"" "$tmp/vm.d/vm6.conf" || fail "not the file"
truncate -s 1M "$tmp/debian-12"
expect_fail 2 "is an image, and a file: write ./debian-12" \
    hv create vm7 --hypervisor null --disk root:image=debian-12
expect_fail 2 "is an image, and a file" \
    hv create vm7 --hypervisor null --set disk.root.image=debian-12
hv create vm7 --hypervisor null --disk root:image=./debian-12,readonly=yes > "$tmp/out"
grep -q "$tmp/debian-12\|$tmp/./debian-12" "$tmp/vm.d/vm7.conf"
cd "$abs_top_builddir"

# ----------------------------------------------------------------- refused
files=$(find "$tmp/state/disks" "$tmp/vm.d" "$tmp/plain" -type f | sort)
# refused CODE PATTERN DISK
refused ()
{
    expect_fail "$1" "$2" hv create vm8 --hypervisor null --disk "root:$3"
    [ "$files" = "$(find "$tmp/state/disks" "$tmp/vm.d" "$tmp/plain" -type f | sort)" ] \
        || fail "something is left"
}
refused 3 "there is no image 'debian-14' .*: did you mean 'debian-12'?" size=8M,image=debian-14
refused 7 "has a size of 4M, which does not fit into 3M" size=3M,image=debian-12
refused 7 "has a size of 4M, which does not fit into 1M" size=1M,pool=plain,image=debian-12
refused 7 "an image that the volume is made on, which excludes 'backing'" \
    "size=8M,image=debian-12,backing=$tmp/a.raw"
refused 7 "exclude each other" "size=8M,image=debian-12,cdrom=$tmp/a.raw"
refused 7 "has no effect" "image=$tmp/a.raw,size=8M"

# -------------------------------------------------------- needed, and another
expect_fail 5 "is needed: default/vm1-root, default/vm1-same were made on it" \
    hv image rm --yes debian-12
sed -i 's/debian-12/debian-13/' "$tmp/vm.d/vm1.conf"
for command in "start vm1" "plan vm1"; do
    # shellcheck disable=SC2086
    expect_fail 7 "vm1.conf:[0-9]*: disk root was made on image debian-12, not on image debian-13" \
        hv $command
done
sed -i 's/debian-13/debian-12/' "$tmp/vm.d/vm1.conf"
# Somebody has put other contents in its place.
chmod u+w "$(path_of debian-12)"
cp "$tmp/b.raw" "$(path_of debian-12)"
expect_fail 7 "its backing file .* has been replaced" hv start vm1
cp "$tmp/a.raw" "$(path_of debian-12)"
hv start vm1 > "$tmp/out"
hv kill vm1 > "$tmp/out"
hv rm --yes --disks vm1 > "$tmp/out"
expect "is deleted" hv image rm --yes debian-12
assert_nothing_left
