#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images are imported from files of five formats, if something vouches for them;
# what an image could hide is refused, and leaves nothing.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2
requires qemu-img sha256sum
make_host < /dev/null
images=$tmp/state/images

# sum FILE
sum ()
{
    sha256sum < "$1" | cut -c 1-64
}

# nothing_new: as many images and files as before.
nothing_new ()
{
    left=$(find "$images" "$tmp/state/changes" -type f 2> "$tmp/err.find" | sort)
    [ "$left" = "$before" ] || fail "left: $left"
}

# A disk of 8 MiB with data at both ends.
truncate -s 8M "$tmp/a.raw"
echo begin | dd of="$tmp/a.raw" conv=notrunc status=none
echo end | dd of="$tmp/a.raw" conv=notrunc status=none bs=1 seek=8380000

# ------------------------------------------------------------ every format
for format in raw qcow2 vmdk vdi vhdx; do
    file=$tmp/b-$format.$format
    qemu-img convert -f raw -O $format "$tmp/a.raw" "$file"
    expect "image b-$format is imported: 8M, its SHA-256 is as stated" \
        hv image import "$file" --sha256 "$(sum "$file" | tr a-f A-F)"
    data=$(hv image info -o json b-$format | sed -n 's/.*"path": *"\(.*\)".*/\1/p')
    cmp "$data" "$tmp/a.raw"
    expect "\"format\": *\"$format\"" hv image info -o json b-$format
done
qemu-img convert -f raw -O vmdk -o subformat=streamOptimized "$tmp/a.raw" \
    "$tmp/stream.vmdk"
hv image import "$tmp/stream.vmdk" --unverified > "$tmp/out"
expect "verified: *no" hv image info stream
qemu-img convert -c -f raw -O qcow2 "$tmp/a.raw" "$tmp/small.qcow2"
hv image import --name other.name "$tmp/small.qcow2" --unverified > "$tmp/out"
expect "other.name  *8M .*  no  " hv image list
[ "$(hv image list | wc -l)" = 8 ]
expect "b-vdi *yes" hv image verify
hv image verify -o json b-vdi other.name > "$tmp/out"

# Two names of one file share the contents, until the last one is deleted.
n=$(ls "$images/data" | wc -l)
hv image import "$tmp/b-vmdk.vmdk" --name twin --unverified > "$tmp/out"
[ "$(ls "$images/data" | wc -l)" = "$n" ] || fail "not shared"
hv image rm --yes b-vmdk > "$tmp/out"
expect "twin *yes" hv image verify twin
hv image rm --yes twin > "$tmp/out"
[ "$(ls "$images/data" | wc -l)" = $((n - 1)) ] || fail "not deleted"

# ----------------------------------------------------------------- refused
before=$(find "$images" "$tmp/state/changes" -type f 2> "$tmp/err" | sort)
# refused CODE PATTERN FILE [OPTION...]
refused ()
{
    code=$1 pattern=$2
    shift 2
    expect_fail "$code" "$pattern" hv image import "$@"
    nothing_new
}

refused 2 "nothing vouches for .*--sha256.*--unverified" "$tmp/a.raw"
refused 2 "exclude each other" "$tmp/a.raw" --unverified --sha256 "$(sum "$tmp/a.raw")"
refused 2 "64 hexadecimal digits" "$tmp/a.raw" --sha256 123
refused 2 "64 hexadecimal digits" "$tmp/a.raw" --sha256 ""
refused 1 "has the SHA-256 $(sum "$tmp/a.raw"), not" "$tmp/a.raw" \
    --sha256 "$(sum "$tmp/small.qcow2")"
refused 1 "already exists.*image rm b-raw" "$tmp/a.raw" --name b-raw --unverified
refused 3 "No such file" "$tmp/nowhere" --unverified
refused 4 "is not a regular file" "$tmp" --unverified
refused '[1-9]*' "choose a name with --name" "$tmp/.hidden" --unverified
refused '[1-9]*' "name" "$tmp/a.raw" --name ../a --unverified
refused '[1-9]*' "name" "$tmp/a.raw" --name "" --unverified

# Formats that hvctl does not follow, or that are incomplete.
: > "$tmp/empty"
refused 4 "is empty" "$tmp/empty" --unverified
printf '<html>' > "$tmp/page"
refused 4 "not a multiple of 512" "$tmp/page" --unverified
head -c 600000 "$tmp/b-qcow2.qcow2" > "$tmp/cut.qcow2"
head -c 50 "$tmp/b-qcow2.qcow2" > "$tmp/head.qcow2"
refused 4 "header" "$tmp/head.qcow2" --unverified
head -c 300 "$tmp/b-vdi.vdi" > "$tmp/head.vdi"
refused 4 "is truncated" "$tmp/head.vdi" --unverified
head -c 200000 "$tmp/b-vhdx.vhdx" > "$tmp/head.vhdx"
refused 4 "is truncated\|is damaged" "$tmp/head.vhdx" --unverified
head -c 20000 "$tmp/b-vmdk.vmdk" > "$tmp/cut.vmdk"
refused '[1-9]*' "cut.vmdk cannot be converted" "$tmp/cut.vmdk" --unverified
qemu-img create -q -f qcow2 -u -b /etc/shadow -F raw "$tmp/shadow.qcow2" 1M
refused 4 "has a backing file, /etc/shadow" "$tmp/shadow.qcow2" --unverified
qemu-img create -q -f qcow2 -o "data_file=$tmp/data,data_file_raw=on" \
    "$tmp/data.qcow2" 1M
refused 4 "keeps its data in another file" "$tmp/data.qcow2" --unverified
qemu-img create -q -f vmdk -o subformat=monolithicFlat "$tmp/flat.vmdk" 1M
refused 4 "whose data is in other files" "$tmp/flat.vmdk" --unverified
qemu-img create -q -f vmdk -b "$tmp/b-vmdk.vmdk" -F vmdk "$tmp/over.vmdk"
refused 4 "has a parent image" "$tmp/over.vmdk" --unverified
# A size of 0 makes QEMU look into the descriptor for other files.
cp "$tmp/b-vmdk.vmdk" "$tmp/zero.vmdk"
printf '\0\0\0\0\0\0\0\0' \
    | dd of="$tmp/zero.vmdk" bs=1 seek=12 conv=notrunc status=none
refused 4 "without a valid size" "$tmp/zero.vmdk" --unverified
cp "$tmp/b-vdi.vdi" "$tmp/child.vdi"
printf 'x' | dd of="$tmp/child.vdi" bs=1 seek=440 conv=notrunc status=none
refused 4 "depends on another" "$tmp/child.vdi" --unverified
qemu-img create -q -f qed "$tmp/old.qed" 1M
refused 4 "has format 'qed'" "$tmp/old.qed" --unverified
gzip -k "$tmp/page"
refused 4 "is compressed.*gzip -d\|the image in it: .*multiple of 512" "$tmp/page.gz" --unverified
tar -C "$tmp" -cf "$tmp/page.tar" page
refused 4 "is an archive\|has no disk image in it" "$tmp/page.tar" --unverified

# ------------------------------------------------------------ rm and verify
data=$(hv image info -o json b-vdi | sed -n 's/.*"path": *"\(.*\)".*/\1/p')
hv volume create over 16M --backing "$data" --backing-format raw > "$tmp/out"
hv volume clone over over2 > "$tmp/out"
expect "disks: *default/over, default/over2" hv image info b-vdi
expect_fail 5 "is needed: default/over, default/over2 were made on it" \
    hv image rm --yes b-vdi
hv volume promote over2 > "$tmp/out"
hv volume rm --yes over@clone-over2 > "$tmp/out" 2>&1
hv volume promote over > "$tmp/out"
expect "disks: *-" hv image info b-vdi
hv image rm --yes b-vdi > "$tmp/out"
expect_fail 3 "there is no image 'b-ra' .*: did you mean 'b-raw'?" hv image info b-ra
expect_fail 3 "there is no image" hv image rm --yes nothing
expect_fail 2 "is kept" hv image rm b-raw < /dev/null
data=$(hv image info -o json b-raw | sed -n 's/.*"path": *"\(.*\)".*/\1/p')
chmod 600 "$data"
printf x | dd of="$data" bs=1 seek=4096 conv=notrunc status=none
expect_fail 1 "" hv image verify b-raw b-qcow2
grep -q "b-raw *no .*has been changed" "$tmp/out"
grep -q "b-qcow2 *yes" "$tmp/out"
echo '{' > "$images/names/stream"
expect_fail 1 "is damaged.*image rm stream" hv image list
hv image rm --yes stream > "$tmp/out"
for image in b-raw b-qcow2 b-vhdx other.name; do
    hv image rm -o json --yes $image > "$tmp/out"
done
# Of a damaged record is not known which contents were its.
[ "$(find "$images" -type f | wc -l)" -le 1 ] || fail "left: $(find "$images")"
assert_nothing_left
