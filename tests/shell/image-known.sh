#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images have names in the host configuration, with what has to vouch for them;
# some are installed with hvctl.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_web
requires gpg gpgv
make_host < /dev/null
start_web
GNUPGHOME=$tmp/gnupg
export GNUPGHOME
mkdir -m 700 "$GNUPGHOME"
mkdir "$tmp/keys" "$tmp/conf.d"
cleanup_fn "gpgconf --kill all"
gpg ()
{
    command gpg --quiet --batch --yes --passphrase '' "$@" 2> "$tmp/err.gpg" \
        || fail "gpg: $(cat "$tmp/err.gpg")"
}
fingerprint ()
{
    command gpg --with-colons --list-keys "$1" 2> "$tmp/err.gpg" \
        | sed -n 's/^fpr:*\([0-9A-F]*\):/\1/p' | head -n 1
}
for name in a b; do
    gpg --quick-gen-key "$name@example.org" ed25519 sign never
    gpg --output "$tmp/keys/keyring-$name.gpg" --export $name@example.org
done
a=$(fingerprint a@example.org)
b=$(fingerprint b@example.org)
www=$tmp/www
mkdir "$www/sub"
head -c 1048576 /dev/urandom > "$www/disk.raw"
sum=$(sha256sum < "$www/disk.raw" | cut -c 1-64)
echo "$sum  disk.raw" > "$tmp/sums"
gpg --local-user a@example.org --output "$www/sub/CHECKSUM" --clear-sign "$tmp/sums"

# known TEXT: section 'image mine', in conf.d.
known ()
{
    echo "image mine { url = \"$web/disk.raw\" $1 }" > "$tmp/conf.d/images.conf"
}

good ()
{
    expect "image ${2-mine} is imported: 1M, $1" hv image import mine ${2+--name $2}
    cmp "$tmp"/state/images/data/*.raw "$www/disk.raw"
    hv image rm --yes "${2-mine}" > "$tmp/out"
}

# refused CODE PATTERN [ARGUMENT...]
refused ()
{
    code=$1 pattern=$2
    shift 2
    [ $# != 0 ] || set -- mine
    expect_fail "$code" "$pattern" hv image import "$@"
    left=$(find "$tmp/state" -type f ! -name changes.lock 2> "$tmp/err.find" || :)
    [ -z "$left" ] || fail "left: $left"
}

known ""
refused 2 "nothing vouches for $web/disk.raw"
expect "image mine is imported" hv image import mine --unverified
expect "image mine is up to date" hv image import mine
hv image rm --yes mine > "$tmp/out"
known "sha256 = $sum"
good "its SHA-256 is as stated"
good "its SHA-256 is as stated" other
known "sums = \"$web/sub/CHECKSUM\""
good "verified by $web/sub/CHECKSUM, signed with key $a"
known "sums = \"$web/sub/CHECKSUM\" key = $a"
good "verified by $web/sub/CHECKSUM, signed with key $a"
known "sums = \"$web/sub/CHECKSUM\" key = $(echo "$a" | tr A-F a-f)"
good "verified by $web/sub/CHECKSUM, signed with key $a"
for key in keyring-a keyring-a.gpg; do
    known "sums = \"$web/sub/CHECKSUM\" key = $key"
    good "verified by $web/sub/CHECKSUM, signed with key $a"
done
known "sums = \"$web/sub/CHECKSUM\" key = $b"
refused 8 "signed with key $a, not with $b"
known "sums = \"$web/sub/CHECKSUM\" key = keyring-b"
refused 2 "is signed with key .*, which is not in $tmp/keys/keyring-b.gpg"
known "sums = \"$web/sub/CHECKSUM\" key = nowhere"
refused 2 "not in keyring 'nowhere', which is missing: put it into $tmp/keys"
known "sums = \"$web/sub/none\" key = keyring-a"
refused 2 "nothing vouches for .*: there is no $web/sub/none"
# The user decides.
known "sums = \"$web/sub/none\" key = keyring-a"
expect "image mine is imported: 1M, its SHA-256 is as stated" \
    hv image import mine --sha256 "$sum"
hv image rm --yes mine > "$tmp/out"

# A file is meant by its path, and by a name that no image has.
cp "$www/disk.raw" "$tmp/mine"
cp "$www/disk.raw" "$tmp/unknown"
known ""
cd "$tmp"
refused 2 "nothing vouches for $web/disk.raw" mine
expect "image mine is imported" hv image import ./mine --unverified
expect "from: *$tmp/./mine\|from: *$tmp/mine" hv image info mine
hv image rm --yes mine > "$tmp/out"
expect "image unknown is imported" hv image import unknown --unverified
hv image rm --yes unknown > "$tmp/out"
refused 3 "neither a file 'mime' nor a known image .*(known: .*debian-12.*mine.*): did you mean 'mine'?" mime
refused 3 "did you mean 'debian-13'?" debain-13

# One of ours takes the place of one that is installed.
echo "image debian-13 { url = \"$web/disk.raw\" }" > "$tmp/conf.d/images.conf"
refused 2 "nothing vouches for $web/disk.raw" debian-13

# Those that are installed: for both architectures, by https only.
for file in "$abs_top_srcdir"/packaging/images-*.conf; do
    cp "$file" "$tmp/conf.d/images.conf"
    hv list > "$tmp/out"
    for name in debian-12 debian-13 ubuntu-24.04 fedora-43 alpine-3.23; do
        grep -q "^image $name {" "$file" || fail "$file: no $name"
    done
    ! grep -n 'http:' "$file" || fail "$file: without TLS"
done

# ------------------------------------------------------------------ mistakes
# wrong PATTERN TEXT
wrong ()
{
    echo "image x { $2 }" > "$tmp/conf.d/images.conf"
    expect_fail 7 "images.conf:1: .*$1" hv image list
}
wrong "'url' is missing\|url" 'sums = "http://a/b"'
wrong "unknown\|size" 'url = "http://a/b" size = 1'
wrong "only http, https" 'url = "ftp://a/b"'
wrong "is not a URL of http or https" 'url = "file:///a/b"'
wrong "only http, https\|names no server" 'url = "a/b"'
wrong "user name or a password" 'url = "http://u:p@a/b"'
wrong "must be written as %20" 'url = "http://a/b c"'
wrong "sums: .*only http" 'url = "http://a/b" sums = "SHA256SUMS"'
wrong "not a SHA-256 checksum" 'url = "http://a/b" sha256 = 12'
wrong "all that counts" "url = \"http://a/b\" sha256 = $sum key = k"
wrong "neither a fingerprint nor" 'url = "http://a/b" key = "/etc/keys/a"'
wrong "neither a fingerprint nor" 'url = "http://a/b" key = "../a"'
wrong "empty\|neither a fingerprint" 'url = "http://a/b" key = ""'
wrong "empty\|url" 'url = ""'
echo 'image a.b/c { url = "http://a/b" }' > "$tmp/conf.d/images.conf"
expect_fail 7 "images.conf:1: " hv image list
