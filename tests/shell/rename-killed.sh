#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A renaming that is killed, or fails, at any system call: the next command of
# any kind, for any VM, completes it or rolls it back; the VM and what is kept
# for it has one name then, and one definition.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
make_host
add_null
define_null other
define_null web
mkdir -p "$tmp/state/vm/web" "$tmp/state/layers" "$tmp/log/web"
echo variables > "$tmp/state/vm/web/vars.fd"
echo '{}' > "$tmp/state/layers/web@@image"
echo log > "$tmp/log/web/console.log"
echo typed > "$tmp/vm.d/web.conf.edited"
uuid=$(hv show --effective -o json web | sed -n 's/.*"uuid": *"\([^"]*\)".*/\1/p')
cp "$tmp/vm.d/web.conf" "$tmp/original"

# everything NAME: that is kept for the VM, and nothing else.
everything ()
{
    cat <<END
log/$1
log/$1/console.log
state/layers
state/layers/$1@@image
state/vm
state/vm/$1
state/vm/$1/vars.fd
vm.d/$1.conf
vm.d/$1.conf.edited
vm.d/other.conf
END
}

found ()
{
    (cd "$tmp" && find vm.d state log -mindepth 1 ! -path 'state/changes*' \
        | sort)
}

# back: it has its old name, and its old definition.
back ()
{
    for to in state/vm log; do
        [ ! -e "$tmp/$to/www" ] || mv "$tmp/$to/www" "$tmp/$to/web"
    done
    [ ! -e "$tmp/state/layers/www@@image" ] \
        || mv "$tmp/state/layers/www@@image" "$tmp/state/layers/web@@image"
    mv -f "$tmp/vm.d/www.conf.edited" "$tmp/vm.d/web.conf.edited"
    rm -f "$tmp/vm.d/www.conf"
    cp "$tmp/original" "$tmp/vm.d/web.conf"
}

# disturbed POINT FAULT
disturbed ()
{
    status=0
    "$inject" -n "$1" -f "$2" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" \
        rename web www > "$tmp/out" 2>&1 || status=$?
    what="call $1, fault $2 ($(grep "^$1 " "$tmp/all")), exit $status"
    [ $status != 139 ] || fail "$what: it crashed"
    hv stop other > "$tmp/next" 2>&1 || fail "$what: $(cat "$tmp/next")"
    [ -z "$(ls -A "$tmp/state/changes" 2> /dev/null)" ] \
        || fail "$what: it is unfinished: $(cat "$tmp/out" "$tmp/next")"
    if [ -e "$tmp/vm.d/www.conf" ]; then
        name=www
    else
        name=web
        cmp "$tmp/original" "$tmp/vm.d/web.conf" || fail "$what: changed"
    fi
    case $status/$name in
        0/web | [1-9]/www)
            grep -q "cannot write the output" "$tmp/out" \
                || fail "$what: $name: $(cat "$tmp/out")" ;;
    esac
    everything $name | sort > "$tmp/expected"
    found | diff "$tmp/expected" - > "$tmp/diff" \
        || fail "$what: $name: $(cat "$tmp/diff" "$tmp/out" "$tmp/next")"
    hv show --effective "$name" | grep -q "volume = web-root" || [ $name = web ] \
        || fail "$what: the disk is another"
    [ "$name" = web ] || { times=$((times + 1)); back; }
}

# The first one also creates directories, and probes plugins.
times=0
hv rename web www > "$tmp/out"
back
"$inject" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" rename web www \
    > "$tmp/out" || fail "without any fault"
cp "$tmp/calls" "$tmp/all"
count=$(sed -n 's/^count //p' "$tmp/all")
grep -q "as before: uuid = $uuid" "$tmp/out" || fail "$(cat "$tmp/out")"
everything www | sort > "$tmp/expected"
found | diff "$tmp/expected" - || fail "without any fault"
back
for fault in kill 5 28; do # EIO, ENOSPC
    n=0
    while [ $n -lt "$count" ]; do
        n=$((n + 1))
        disturbed $n $fault
    done
done
[ $times -gt 10 ] && [ $times -lt $((3 * count - 10)) ] \
    || fail "$times of $((3 * count)) were completed"

# It is repeated: it is done.
n=$(sed -n 's/^\([0-9]*\) .*unlink.*/\1/p' "$tmp/all" | tail -n 2 | head -n 1)
"$inject" -n "$n" -f kill -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" \
    rename web www > "$tmp/out" 2>&1 || :
expect "'rename' had been interrupted, and is now completed" hv rename web www
back

# Somebody has made another VM of the new name, or written to the definition,
# before anybody could complete it.
n=$(sed -n 's/^\([0-9]*\) .*renameat2.*/\1/p' "$tmp/all" | tail -n 1)
"$inject" -n "$n" -f kill -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" \
    rename web www > "$tmp/out" 2>&1 || :
sed 's/16M/17M/' "$tmp/original" > "$tmp/vm.d/www.conf"
hv stop other > "$tmp/out" 2>&1
grep -q 17M "$tmp/vm.d/www.conf" || fail "another VM's definition is lost"
cmp "$tmp/original" "$tmp/vm.d/web.conf" || fail "its own is lost"
[ -e "$tmp/state/vm/web/vars.fd" ] || fail "$(cat "$tmp/out"): $(found)"
[ "$(ls -A "$tmp/vm.d" | wc -l)" = 4 ] || fail "left: $(ls -A "$tmp/vm.d")"
