#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images that are compressed, or in an archive, are unpacked in the jail; a
# bomb stops at a limit, and archives that are up to something are refused.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img python3 xz
grep -q "^#define HAVE_ARCHIVE 1" "$abs_top_builddir/config.h" \
    || skip "built without libarchive"
make_host < /dev/null
images=$tmp/state/images
truncate -s 8M "$tmp/a.raw"
echo begin | dd of="$tmp/a.raw" conv=notrunc status=none
echo end | dd of="$tmp/a.raw" conv=notrunc status=none bs=1 seek=8380000
qemu-img convert -f raw -O qcow2 "$tmp/a.raw" "$tmp/b.qcow2"
mkdir "$tmp/in"
cp "$tmp/a.raw" "$tmp/in/disk.raw"
echo text > "$tmp/in/README"

# good FILE NAME: it is imported under that name, with the contents.
good ()
{
    sum=$(sha256sum < "$1" | cut -c 1-64)
    expect "image $2 is imported: 8M" hv image import "$1" --sha256 "$sum"
    data=$(hv image info -o json "$2" | sed -n 's/.*"path": *"\(.*\)".*/\1/p')
    cmp "$data" "$tmp/a.raw"
    [ "$(stat -c %b "$data")" -lt 2000 ] || fail "$2 is not sparse"
    hv image rm --yes "$2" > "$tmp/out"
    nothing_left
}

nothing_left ()
{
    left=$(find "$images" "$tmp/state/changes" -type f 2> "$tmp/err.find")
    [ -z "$left" ] || fail "left: $left"
}

for program in gzip:gz bzip2:bz2 xz:xz zstd:zst; do
    command -v "${program%:*}" > /dev/null || continue
    "${program%:*}" -c < "$tmp/b.qcow2" > "$tmp/b.qcow2.${program#*:}"
    good "$tmp/b.qcow2.${program#*:}" b
    "${program%:*}" -c < "$tmp/a.raw" > "$tmp/a.${program#*:}"
    good "$tmp/a.${program#*:}" a
done
tar -C "$tmp/in" -cf "$tmp/c.tar" README disk.raw
good "$tmp/c.tar" c
xz -c < "$tmp/c.tar" > "$tmp/c.tar.xz"
good "$tmp/c.tar.xz" c
# Its name does not say that it is packed.
cp "$tmp/c.tar.xz" "$tmp/d.img"
good "$tmp/d.img" d
python3 - "$tmp" <<'END'
import sys, zipfile, tarfile, io, os
tmp = sys.argv[1]
with zipfile.ZipFile(tmp + "/e.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.write(tmp + "/in/README", "README")
    z.write(tmp + "/in/disk.raw", "x/disk.raw")
def tar(name, *members):
    with tarfile.open(tmp + "/" + name, "w") as t:
        for member, kind, data in members:
            i = tarfile.TarInfo(member)
            i.type = kind
            if kind == tarfile.REGTYPE:
                i.size = len(data)
            else:
                i.linkname = data
            t.addfile(i, io.BytesIO(data) if kind == tarfile.REGTYPE else None)
R = tarfile.REGTYPE
tar("up.tar", ("../up.raw", R, b"x" * 512))
tar("root.tar", ("/etc/up.raw", R, b"x" * 512))
tar("later.tar", ("a.raw", R, b"x" * 512), ("b/../../x", R, b"x"))
tar("two.tar", ("a.raw", R, b"x" * 512), ("b.raw", R, b"x" * 512))
tar("none.tar", ("README", R, b"x"))
tar("link.tar", ("a.raw", tarfile.SYMTYPE, "/etc/shadow"))
tar("hard.tar", ("a.raw", tarfile.LNKTYPE, "/etc/shadow"))
tar("odd.tar", ("a\033[1m.raw", R, b"x" * 512), ("b.raw", R, b"x"))
END
good "$tmp/e.zip" e

# refused CODE PATTERN FILE [OPTION...]
refused ()
{
    code=$1 pattern=$2 file=$3
    shift 3
    expect_fail "$code" "$pattern" hv image import "$tmp/$file" --unverified "$@"
    nothing_left
}
refused 4 "with a member outside of it, '../up.raw'" up.tar
refused 4 "with a member outside of it, '/etc/up.raw'" root.tar
refused 4 "with a member outside of it, 'b/../../x'" later.tar
refused 4 "has several disk images (a.raw, b.raw)" two.tar
refused 4 "has no disk image in it" none.tar
refused 4 "has no disk image in it" link.tar
refused 4 "has no disk image in it" hard.tar
refused 4 "has several disk images (a?.1m.raw" odd.tar
for file in b.qcow2.gz b.qcow2.xz c.tar.xz; do
    head -c $(($(stat -c %s "$tmp/$file") / 2)) "$tmp/$file" > "$tmp/cut.$file"
    refused 4 "cannot be unpacked" "cut.$file"
done
# What is in it needs another file.
qemu-img create -q -f qcow2 -u -b /etc/shadow -F raw "$tmp/shadow.qcow2" 1M
gzip "$tmp/shadow.qcow2"
refused 4 "the image in it: .*has a backing file, /etc/shadow" shadow.qcow2.gz
# A bomb: 1 GiB of zeros, and of something else.
truncate -s 1G "$tmp/zero"
gzip -1 < "$tmp/zero" > "$tmp/zero.raw.gz"
yes | head -c 40000000 | xz -0 > "$tmp/yes.raw.xz"
refused 4 "is larger than 256M when it is unpacked (--max-size allows more)" \
    zero.raw.gz --max-size 256M
refused 4 "is larger than 10M when it is unpacked" yes.raw.xz --max-size 10M
refused 2 "not a size" yes.raw.xz --max-size much
refused 2 "not a size" yes.raw.xz --max-size 0
expect "is imported: 1G" hv image import "$tmp/zero.raw.gz" --unverified
assert_nothing_left
