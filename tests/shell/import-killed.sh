#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An import of several VMs is killed, or fails, at each of its system calls that
# changes something: all of the files are there after the next command, or none.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
make_host
add_null
define_null o
grep -q "^#define HAVE_XML 1" "$abs_top_builddir/config.h" \
    || skip "built without libxml2"
requires qemu-system-x86_64
for vm in a b c; do
    cat > "$tmp/$vm.xml" << END
<domain type="qemu"><name>$vm</name><memory>65536</memory>
<os><type>hvm</type></os><devices/></domain>
END
done
files="$tmp/vm.d/a.conf $tmp/vm.d/b.conf $tmp/vm.d/c.conf"

disturbed ()
{
    "$inject" "$@" -o "$tmp/calls" "$hvctl" -c "$tmp/hvctl.conf" import \
        --from libvirt "$tmp/a.xml" "$tmp/b.xml" "$tmp/c.xml" > "$tmp/out" 2> "$tmp/err"
}

# all_or_none WHAT
all_or_none ()
{
    # A command that makes changes, to another VM.
    hv stop o > "$tmp/out" 2>&1 || :
    there=0
    for file in $files; do
        [ ! -e "$file" ] || there=$((there + 1))
    done
    [ $there = 0 ] || [ $there = 3 ] \
        || fail "$1: $there of 3 files: $(ls "$tmp/vm.d")"
    left=$(find "$tmp/vm.d" "$tmp/state" -name '.*' -o \
        -path '*/changes/*')
    [ -z "$left" ] || fail "$1 left: $left"
    seen="$seen $there"
    rm -f $files
}

# The second time, everything about plugins is known.
for time in first second; do
    seen=
    disturbed || fail "$(cat "$tmp/err")"
    all_or_none "nothing"
    [ "$seen" = " 3" ] || fail "not all of it is imported"
done
calls=$(sed -n 's/^count //p' "$tmp/calls")
n=$(sed -n 's,^\([0-9]*\) .*/changes\.lock$,\1,p' "$tmp/calls" | head -n 1)
[ $((calls - n)) -gt 30 ] || fail "there are $calls calls, from $n on"
while [ $n -le "$calls" ]; do
    for fault in kill $([ $((n % 2)) = 0 ] && echo 28 || echo term); do
        if disturbed -n $n -f $fault; then
            [ -e "$tmp/vm.d/b.conf" ] || fail "call $n, $fault: no success"
        fi
        all_or_none "call $n, $fault"
    done
    n=$((n + 1))
done
# It was killed before, and after, all was ready.
case $seen in *" 0"*) ;; *) fail "never nothing: $seen" ;; esac
case $seen in *" 3"*) ;; *) fail "never all: $seen" ;; esac
assert_nothing_left
