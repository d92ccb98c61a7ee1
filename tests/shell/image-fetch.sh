#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images are downloaded from web servers, also from those that cut connections;
# one that cannot be had is an error that says why, and leaves nothing.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_web
make_host < /dev/null
start_web
images=$tmp/state/images
head -c 1048576 /dev/urandom > "$tmp/www/a.raw"
for file in b c d; do
    cp "$tmp/www/a.raw" "$tmp/www/$file.raw"
done
head -c 524288 /dev/urandom > "$tmp/www/b.raw.new"
sum=$(sha256sum < "$tmp/www/a.raw" | cut -c 1-64)

nothing_left ()
{
    left=$(find "$images" "$tmp/state/changes" -type f 2> "$tmp/err.find")
    [ -z "$left" ] || fail "left: $left"
}

# good ADDRESS CONTENTS [OPTION...]
good ()
{
    address=$1 contents=$2
    shift 2
    : > "$tmp/web.log"
    expect "image x is imported" hv image import "$web/$address" --name x \
        --unverified "$@"
    data=$(hv image info -o json x | sed -n 's/.*"path": *"\(.*\)".*/\1/p')
    cmp "$data" "$tmp/www/$contents"
    hv image rm --yes x > "$tmp/out"
    nothing_left
}

# refused CODE PATTERN ADDRESS [OPTION...]
refused ()
{
    code=$1 pattern=$2 address=$3
    shift 3
    expect_fail "$code" "cannot download $web/$address: $pattern" \
        hv image import "$web/$address" --name x --unverified "$@"
    nothing_left
}

# ------------------------------------------------------------ good servers
expect "image a is imported: 1M, its SHA-256 is as stated" \
    hv image import "$web/a.raw" --sha256 "$sum"
expect "from: *$web/a.raw" hv image info a
hv image rm --yes a > "$tmp/out"
expect_fail 1 "has the SHA-256 $sum, not" hv image import "$web/a.raw" \
    --sha256 "$(sha256sum < "$tmp/www/b.raw.new" | cut -c 1-64)"
nothing_left
expect_fail 2 "nothing vouches for $web/a.raw" hv image import "$web/a.raw"
good a.raw?token=1 a.raw
good to/../../a.raw a.raw
good "to/$web/a.raw" a.raw
good close/a.raw a.raw
good chunked/a.raw a.raw
good long/a.raw a.raw
good weak/a.raw a.raw
good bare/a.raw a.raw
python3 -c 'import gzip; import sys; open(sys.argv[2], "wb").write(
    gzip.compress(open(sys.argv[1], "rb").read()))' "$tmp/www/a.raw" "$tmp/www/e.raw.gz"
if grep -q "^#define HAVE_ARCHIVE 1" "$abs_top_builddir/config.h"; then
    good e.raw.gz a.raw
fi
expect "image a is imported" hv image import "file://$tmp/www/a.raw" --unverified
expect "from: *$tmp/www/a.raw" hv image info a
hv image rm --yes a > "$tmp/out"
expect "image a b is\|image ab is" hv image import "FILE://localhost$tmp/www/%61.raw" \
    --unverified --name ab
hv image rm --yes ab > "$tmp/out"

# ------------------------------------------------------------- bad servers
good cut/a.raw a.raw
asked "^GET /cut/a.raw range=bytes=300000- if-range=\""
asked "^GET /cut/a.raw range=bytes=900000-"
good once/a.raw a.raw --timeout 4s
asked "^GET /once/a.raw range=bytes=300000-"
# Another file by now: nothing of the first one may be in it.
good swap/b.raw b.raw.new
asked "^GET /swap/b.raw range=bytes=300000-"
good lie/c.raw c.raw --timeout 10s
refused 3 "there is no such file (404): check the address" status/404/x
refused 3 "there is no such file (410)" status/410/x
refused 8 "the server refuses it (403)" status/403/x
refused 1 "the server answers with status 418" status/418/x
refused 9 "the server has a problem (503), and nothing more" status/503/x --timeout 1s
refused 4 "it redirects to file:///etc/passwd, and only" to/file:///etc/passwd
refused 4 "it redirects to FTP://127.0.0.1/a, and only\|it redirects to ftp" to/FTP://127.0.0.1/a
refused 1 "it redirects to no valid address" to/
refused 1 "it redirects more than 10 times, at last to $web/loop/11" loop/0
refused 1 "it is not answered as by a web server" noise
refused 9 "the connection was closed after 293.0 KiB of 1.0 MiB, and nothing" \
    cut-bare/a.raw --timeout 1s
refused 9 "the connection was closed after" chunked-cut/a.raw --timeout 1s
refused 9 "the connection was lost" dead/a.raw --timeout 1s
refused 9 "the server does not answer, and nothing more has arrived for 1 seconds: try again later, or wait longer with --timeout" \
    silent/a.raw --timeout 1s
refused 9 "the server does not answer" stall/a.raw --timeout 1s
refused 3 "there is no such file (404)" moved/d.raw
refused 4 "it is larger than 256G (--max-size allows more)" huge/a.raw
refused 4 "it is larger than 512K" a.raw --max-size 512K
refused 4 "it is larger than 512K" close/a.raw --max-size 512K
refused 4 "it is larger than 512K" cut/a.raw --max-size 512K
refused 1 "it takes 909.5 TiB, and there is no space left for it" huge/a.raw --max-size 2P
expect_fail 4 "$web/status/200/x is neither\|not a multiple of 512" \
    hv image import "$web/status/200/x" --unverified
stop_web
refused 1 ".*127.0.0.1.*check the address, and the network" a.raw
web=http://hvctl.invalid
refused 1 ".*hvctl.invalid.*check the address, and the network" a.raw

# --------------------------------------------------------- bad addresses
bad ()
{
    code=$1 pattern=$2
    shift 2
    expect_fail "$code" "$pattern" hv image import --unverified "$@"
    nothing_left
}
bad 4 "only http, https and file" ftp://127.0.0.1/a.raw
bad 4 "only http, https and file" sftp://127.0.0.1/a.raw
bad 2 "user name or a password" http://me:secret@127.0.0.1/a.raw
! grep -q secret "$tmp/err" || fail "the password is in the message"
bad 2 "names no server" http:///a.raw
bad 2 "names no server" http://:80/a.raw
bad 2 "fragment" http://127.0.0.1/a.raw#1
bad 2 "a character that must be written as %20" "http://127.0.0.1/a b.raw"
bad 2 "a character that must be written as %0A" "http://127.0.0.1/a
b.raw"
bad 2 "at most 2000 characters" "http://127.0.0.1/$(printf '%02000d' 1)"
bad 2 "names no file of this host" file://example.org/a.raw
bad 2 "names no file of this host" file:a.raw
bad 2 "names no file of this host" file:///a%00b
bad 3 "No such file" file:///nowhere/a.raw
bad '[1-9]*' "choose a name with --name" http://127.0.0.1/
bad '[1-9]*' "choose a name with --name" http://127.0.0.1/%2e%2e
bad 2 "not a duration of at least a second" http://127.0.0.1/a.raw --timeout 10ms
bad 2 "not a duration" http://127.0.0.1/a.raw --timeout ""
bad 2 "timeout is for downloads" "$tmp/www/a.raw" --timeout 10s
assert_nothing_left
