#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Downloads by https: only from servers that an authority vouches for, and no
# redirect leads back to http.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_web
requires openssl
make_host < /dev/null
start_both
head -c 1048576 /dev/urandom > "$tmp/www/a.raw"

# good ADDRESS
good ()
{
    expect "image x is imported" hv image import "$1" --name x --unverified
    cmp "$tmp"/state/images/data/*.raw "$tmp/www/a.raw"
    hv image rm --yes x > "$tmp/out"
}

# refused CODE PATTERN ADDRESS
refused ()
{
    expect_fail "$1" "$2" hv image import "$3" --name x --unverified
    left=$(find "$tmp/state/images" "$tmp/state/changes" -type f)
    [ -z "$left" ] || fail "left: $left"
}

refused 8 "the server cannot be trusted: .*certificate.*SSL_CERT_FILE" "$web/a.raw"
SSL_CERT_FILE=$tmp/cert.pem
export SSL_CERT_FILE
good "$web/a.raw"
good "$web/cut/a.raw"
good "$plain/to/$web/a.raw"
refused 4 "redirects from https to $plain/a.raw, which is not protected" \
    "$web/to/$plain/a.raw"
refused 4 "redirects from https to $plain/a.raw, which is not protected" \
    "$plain/to/$web/to/$plain/a.raw"
refused 4 "redirects to file:///etc/passwd" "$web/to/file:///etc/passwd"
# The certificate is of this address, and no other one.
refused 8 "cannot be trusted" "https://localhost:${web##*:}/a.raw"
echo nonsense > "$tmp/cert.pem"
refused 8 "cannot be trusted" "$web/a.raw"
stop_web
