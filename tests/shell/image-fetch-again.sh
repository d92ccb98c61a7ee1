#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A download that was interrupted, or killed, is resumed by the same command,
# and by it alone; an image that is there already is compared with the server's.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_web
direct_hvctl
make_host < /dev/null
start_web
images=$tmp/state/images
head -c 2097152 /dev/urandom > "$tmp/www/a.raw"
head -c 2097152 /dev/urandom > "$tmp/www/b.raw"
part=$images/data/.x.download

nothing_left ()
{
    left=$(find "$images" "$tmp/state/changes" -type f 2> "$tmp/err.find")
    [ -z "$left" ] || fail "left: $left"
}

is_half ()
{
    [ -s "$tmp/web.log" ] && [ "$(stat -c %s "$part")" -ge 300000 ]
}

# broken SIGNAL [ADDRESS]: a download that stalls is ended.
broken ()
{
    : > "$tmp/web.log"
    "$hvctl" -c "$tmp/hvctl.conf" image import "$web/${2-once/a.raw}" --name x \
        --unverified --timeout 10m > "$tmp/out" 2> "$tmp/err.broken" &
    pid=$!
    wait_for 20 is_half
    kill -"$1" $pid
    wait $pid && fail "it was not ended"
    [ -f "$part" ] || fail "nothing is kept"
}

# finished [ADDRESS [CONTENTS]]
finished ()
{
    expect "image x is imported" hv image import "$web/${1-once/a.raw}" --name x \
        --unverified
    cmp "$images"/data/*.raw "$tmp/www/${2-a.raw}"
    hv image rm --yes x > "$tmp/out"
    nothing_left
}

for signal in KILL INT TERM; do
    broken $signal "stall/a.raw?$signal"
    [ $signal = KILL ] \
        || grep -q "interrupted: the same command resumes" "$tmp/err.broken"
    # The second attempt stalls, too.
    broken $signal "stall/a.raw?$signal"
    asked "range=bytes=300000- if-range="
    hv image rm --yes x > "$tmp/out"
    grep "the incomplete download of image x is deleted" "$tmp/out"
    nothing_left
    expect_fail 3 "there is no image" hv image rm --yes x
    broken $signal "once/a.raw?$signal"
    finished "once/a.raw?$signal"
    asked "GET /once/a.raw?$signal range=bytes=300000- if-range="
done

# From another address, it begins anew.
broken KILL "once/a.raw?1"
finished b.raw b.raw
! grep "range" "$tmp/web.log" || fail "continues another file"
# Another file is at the same address.
broken KILL "once/a.raw?2"
mv "$tmp/www/b.raw" "$tmp/www/a.raw"
finished "once/a.raw?2"
# It was killed before it could be used.
broken KILL "once/a.raw?3"
cp "$tmp/www/a.raw" "$part"
finished "once/a.raw?3"
asked "range=bytes=2097152-"
# What has no origin is not continued.
broken KILL "once/a.raw?4"
: > "$images/data/.x.origin"
finished "once/a.raw?4"
! grep "range" "$tmp/web.log" || fail "continues what is not known"
# A file of the same name takes its place.
broken KILL "once/a.raw?5"
expect "image x is imported" hv image import "$tmp/www/a.raw" --name x --unverified
hv image rm --yes x > "$tmp/out"
nothing_left
# One that nobody resumed is removed by the import of another image, a week later.
broken KILL "once/a.raw?6"
expect "image y is" hv image import "$tmp/www/a.raw" --name y --unverified
[ -f "$part" ] || fail "it is gone"
touch -d '8 days ago' "$images/data/.x.download" "$images/data/.x.origin"
hv image rm --yes y > "$tmp/out"
expect "image y is" hv image import "$tmp/www/a.raw" --name y --unverified
hv image rm --yes y > "$tmp/out"
nothing_left

# ------------------------------------------------------------- up to date
sum=$(sha256sum < "$tmp/www/a.raw" | cut -c 1-64)
for kind in "" dated/ weak/; do
    expect "image x is imported" hv image import "$web/${kind}a.raw" --name x \
        --unverified
    : > "$tmp/web.log"
    expect "image x is up to date" hv image import "$web/${kind}a.raw" --name x \
        --unverified
    asked "if-none-match=\|if-modified-since="
    expect '"unchanged": *true' hv image import -o json "$web/${kind}a.raw" \
        --name x --unverified
    expect_fail 1 "already exists: choose" hv image import "$web/dated/b.raw" \
        --name x --unverified
    expect_fail 1 "already exists: choose" hv image import "$tmp/www/a.raw" \
        --name x --unverified
    # The checksum is known without asking.
    : > "$tmp/web.log"
    expect "image x is up to date" hv image import "$web/${kind}a.raw" --name x \
        --sha256 "$sum"
    [ ! -s "$tmp/web.log" ] || fail "it asked"
    cp "$tmp/www/a.raw" "$tmp/kept"
    touch -r "$tmp/www/a.raw" "$tmp/kept"
    printf 'other' | dd of="$tmp/www/a.raw" conv=notrunc status=none
    touch -d '1 hour ago' "$tmp/www/a.raw"
    expect_fail 1 "is not what is at that address now: choose.*image rm x" \
        hv image import "$web/${kind}a.raw" --name x --unverified
    mv "$tmp/kept" "$tmp/www/a.raw"
    expect_fail 3 "" hv image verify y
    expect "x *yes" hv image verify x
    hv image rm --yes x > "$tmp/out"
    nothing_left
done
expect "image x is imported" hv image import "$web/bare/a.raw" --name x --unverified
expect_fail 1 "already exists: choose" hv image import "$web/bare/a.raw" --name x \
    --unverified
hv image rm --yes x > "$tmp/out"
stop_web
assert_nothing_left
