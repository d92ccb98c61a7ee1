#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Checksums beside the URL of an image vouch for it if they are signed with a
# known key, or at least came by https; a bad signature is never accepted.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_web
requires gpg gpgv openssl
make_host < /dev/null
start_both
SSL_CERT_FILE=$tmp/cert.pem
export SSL_CERT_FILE
secure=$web

GNUPGHOME=$tmp/gnupg
export GNUPGHOME
mkdir -m 700 "$GNUPGHOME"
cleanup_fn "gpgconf --kill all"
gpg ()
{
    command gpg --quiet --batch --yes --passphrase '' "$@" 2> "$tmp/err.gpg" \
        || fail "gpg: $(cat "$tmp/err.gpg")"
}
gpg --quick-gen-key "publisher <a@example.org>" ed25519 sign never
gpg --quick-gen-key "somebody <b@example.org>" ed25519 sign never
gpg --faked-system-time 20200101T000000! --quick-gen-key \
    "expired <c@example.org>" ed25519 sign 1d
fingerprint ()
{
    command gpg --with-colons --list-keys "$1" 2> "$tmp/err.gpg" \
        | sed -n 's/^fpr:*\([0-9A-F]*\):/\1/p' | head -n 1
}
key=$(fingerprint a@example.org)
other=$(fingerprint b@example.org)
mkdir "$tmp/keys"
gpg --output "$tmp/keys/publisher.gpg" --export a@example.org

www=$tmp/www
head -c 1048576 /dev/urandom > "$www/a.raw"
sum256=$(sha256sum < "$www/a.raw" | cut -c 1-64)
sum512=$(sha512sum < "$www/a.raw" | cut -c 1-128)
wrong=$(echo wrong | sha256sum | cut -c 1-64)

nothing_left ()
{
    left=$(find "$tmp/state/images" "$tmp/state/changes" -type f)
    [ -z "$left" ] || fail "left: $left"
    rm -f "$www"/*SUMS* "$www"/a.raw.*
}

# good WHAT VERIFIED KEY [URL [OPTION...]]: by what it is said to be verified.
good ()
{
    what=$1 verified=$2 by=$3 url=${4-$plain/a.raw}
    shift $(($# < 4 ? $# : 4))
    expect "image x is imported: 1M, $what" hv image import "$url" --name x "$@"
    cp "$tmp/err" "$tmp/err.import"
    hv image info -o json x > "$tmp/info"
    grep -q "\"verified\": *\"$verified\"" "$tmp/info" || fail "$(cat "$tmp/info")"
    grep -q "\"key\": *\"*$by\"*" "$tmp/info" || fail "$(cat "$tmp/info")"
    expect "x  .* $verified " hv image list
    cmp "$tmp"/state/images/data/*.raw "$www/a.raw"
    hv image rm --yes x > "$tmp/out"
    nothing_left
}

# refused CODE PATTERN [URL [OPTION...]]
refused ()
{
    code=$1 pattern=$2 url=${3-$plain/a.raw}
    shift $(($# < 3 ? $# : 3))
    expect_fail "$code" "$pattern" hv image import "$url" --name x "$@"
    nothing_left
}

sums () { printf '%s  b.raw\n%s *a.raw\n' "$wrong" "${1-$sum256}" > "$www/SHA256SUMS"; }

# -------------------------------------------------------------- no signature
refused 2 "nothing vouches for $plain/a.raw: there is no SHA512SUMS or SHA256SUMS"
refused 2 "nothing vouches for $secure/a.raw: there is no SHA512SUMS" "$secure/a.raw"
sums
refused 2 "nothing vouches for .*SHA256SUMS came by http, and is not signed"
sums
good "as $secure/SHA256SUMS says, which came by https" https null "$secure/a.raw"
echo "$sum512  ./a.raw" > "$www/SHA512SUMS"
good "as $secure/SHA512SUMS says" https null "$secure/a.raw"
printf 'SHA256 (a.raw) = %s\n' "$sum256" > "$www/SHA256SUMS"
good "as $secure/SHA256SUMS says" https null "$secure/a.raw"
echo "$sum256" > "$www/a.raw.sha256"
good "as $secure/a.raw.sha256 says" https null "$secure/a.raw"
printf '%s  other.raw\n' "$sum256" > "$www/SHA256SUMS"
refused 2 "SHA256SUMS does not name it" "$secure/a.raw"
printf '%s  a.raw\n%s  a.raw\n' "$sum256" "$wrong" > "$www/SHA256SUMS"
refused 2 "SHA256SUMS does not name it" "$secure/a.raw"
sums "$wrong"
refused 1 "has the SHA-256 $sum256, not $wrong, which is in $secure/SHA256SUMS" \
    "$secure/a.raw"

# ----------------------------------------------------------------- signatures
for suffix in gpg sign asc sig; do
    sums
    gpg --local-user a@example.org --output "$www/SHA256SUMS.$suffix" \
        --detach-sign "$www/SHA256SUMS"
    good "verified by $plain/SHA256SUMS, signed with key $key" signature "$key"
done
# The key, and the signature, as text.
gpg --armor --output "$tmp/keys/publisher.asc" --export a@example.org
rm "$tmp/keys/publisher.gpg"
sums
gpg --armor --local-user a@example.org --output "$www/SHA256SUMS.gpg" \
    --detach-sign "$www/SHA256SUMS"
good "verified by $plain/SHA256SUMS" signature "$key"
# In one file.
clear ()
{
    printf '# a comment  \n- b\nSHA256 (b.raw) = %s\nSHA256 (a.raw) = %s\n' \
        "$wrong" "$sum256" > "$tmp/sums"
    gpg --local-user "${1-a@example.org}" --output "$www/SHA256SUMS" \
        --clear-sign "$tmp/sums"
}
clear
good "verified by $plain/SHA256SUMS, signed with key $key" signature "$key"
clear
sed -i "s/^SHA256 (a.raw) = .*/SHA256 (a.raw) = $wrong/" "$www/SHA256SUMS"
refused 8 "the signature of $plain/SHA256SUMS is bad: .*do not use the image"
# What is outside of the signed text does not count.
clear
{ echo "$wrong  a.raw"; cat "$www/SHA256SUMS"; } > "$tmp/sums"
mv "$tmp/sums" "$www/SHA256SUMS"
refused 2 "SHA256SUMS does not name it"
clear
{ echo "# more"; cat "$www/SHA256SUMS"; } > "$tmp/sums"
mv "$tmp/sums" "$www/SHA256SUMS"
refused 2 "came by http, and is not signed"
clear
sed -i "s/^Hash: .*/&\nSHA256 (a.raw) = $wrong/" "$www/SHA256SUMS"
refused 8 "has more than what is signed"
clear
echo "SHA512 (a.raw) = $(echo | sha512sum | cut -c 1-128)" >> "$www/SHA256SUMS"
good "verified by $plain/SHA256SUMS" signature "$key"

# A bad one is never accepted.
for url in "$plain" "$secure"; do
    sums
    gpg --local-user a@example.org --output "$www/SHA256SUMS.gpg" \
        --detach-sign "$www/SHA256SUMS"
    echo "# more" >> "$www/SHA256SUMS"
    refused 8 "the signature of $url/SHA256SUMS is bad: .*tell its publisher" \
        "$url/a.raw"
done
# Neither is one that was good once.
gpg --output "$tmp/keys/expired.gpg" --export c@example.org
sums
gpg --faked-system-time 20200101T010000! --local-user c@example.org \
    --output "$www/SHA256SUMS.gpg" --detach-sign "$www/SHA256SUMS"
refused 8 "is bad: .*expired" "$secure/a.raw"
rm "$tmp/keys/expired.gpg"
# One of somebody else says nothing.
sums
gpg --local-user b@example.org --output "$www/SHA256SUMS.gpg" \
    --detach-sign "$www/SHA256SUMS"
cp "$www/SHA256SUMS" "$www/SHA256SUMS.gpg" "$tmp"
refused 2 "came by http, it is signed with key .*${other#????????????????????????}.*, which is not in"
cp "$tmp/SHA256SUMS" "$tmp/SHA256SUMS.gpg" "$www"
good "as $secure/SHA256SUMS says" https null "$secure/a.raw"
grep -q "signed with key .*that it came by https is all that vouches" "$tmp/err.import"
# A page of the server in its place is none.
sums
echo '<html>Not found' > "$www/SHA256SUMS.gpg"
refused 2 "came by http, and is not signed"
# Nor does a keyring that is not one go unnoticed.
sums
echo "$wrong  a.raw" > "$tmp/keys/odd"
echo x > "$www/SHA256SUMS.gpg"
refused 7 "$tmp/keys/odd is not a keyring of OpenPGP"
rm "$tmp/keys/odd"

# ------------------------------------------------------- of the image itself
gpg --local-user a@example.org --output "$www/a.raw.sig" --detach-sign "$www/a.raw"
cp "$www/a.raw.sig" "$tmp"
good "verified by $plain/a.raw.sig, signed with key $key" signature "$key" \
    "$plain/a.raw" --signature "$plain/a.raw.sig"
good "verified by $tmp/a.raw.sig" signature "$key" "$plain/a.raw" \
    --signature "$tmp/a.raw.sig"
good "verified by $tmp/a.raw.sig" signature "$key" "$www/a.raw" \
    --signature "file://$tmp/a.raw.sig"
gpg --local-user b@example.org --output "$tmp/other.sig" --detach-sign "$www/a.raw"
refused 8 "does not vouch for .*signed with key" "$plain/a.raw" \
    --signature "$tmp/other.sig"
echo "nothing" > "$tmp/none.sig"
refused 8 "does not vouch for .*not a signature" "$www/a.raw" --signature "$tmp/none.sig"
refused 3 "there is no signature at $plain/none" "$plain/a.raw" --signature "$plain/none"
refused 3 "No such file" "$plain/a.raw" --signature "$tmp/nowhere"
gpg --local-user a@example.org --output "$tmp/bad.sig" --detach-sign "$tmp/other.sig"
refused 8 "signature of $plain/a.raw is bad" "$plain/a.raw" --signature "$tmp/bad.sig"
refused 2 "exclude each other" "$plain/a.raw" --signature "$tmp/a.raw.sig" --unverified
refused 2 "exclude each other" "$plain/a.raw" --signature "$tmp/a.raw.sig" \
    --sha256 "$sum256"

# ------------------------------------------------- another directory, programs
mv "$tmp/keys" "$tmp/elsewhere"
sums
gpg --local-user a@example.org --output "$www/SHA256SUMS.gpg" \
    --detach-sign "$www/SHA256SUMS"
cp "$www/SHA256SUMS" "$www/SHA256SUMS.gpg" "$tmp"
refused 2 "which is not in the keyrings in $tmp/keys"
echo "image_keys = elsewhere" >> "$tmp/hvctl.conf"
cp "$tmp/SHA256SUMS" "$tmp/SHA256SUMS.gpg" "$www"
good "verified by $plain/SHA256SUMS" signature "$key"
if [ "$(id -u)" != 0 ] && command -v sqv > "$tmp/out"; then
    mkdir "$tmp/bin"
    ln -s "$(command -v sqv)" "$tmp/bin/sqv"
    hv () { env PATH="$tmp/bin" "$abs_top_builddir/cli/hvctl" -c "$tmp/hvctl.conf" "$@"; }
    HVCTL_BUILDDIR=$abs_top_builddir
    export HVCTL_BUILDDIR
    cp "$tmp/SHA256SUMS" "$tmp/SHA256SUMS.gpg" "$www"
    good "verified by $plain/SHA256SUMS" signature "$key"
    clear
    good "verified by $plain/SHA256SUMS" signature "$key"
    cp "$tmp/SHA256SUMS" "$tmp/SHA256SUMS.gpg" "$www"
    echo "# more" >> "$www/SHA256SUMS"
    refused 8 "the signature of $plain/SHA256SUMS is bad"
    clear b@example.org
    refused 2 "came by http, it is signed with key"
    rm "$tmp/bin/sqv"
    clear
    refused 2 "cannot be verified without gpgv or sqv: install one of them"
fi
