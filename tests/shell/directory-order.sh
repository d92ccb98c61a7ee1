#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever order a file system has names in: the same is said, in the same
# order, and all of it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
shuffle=$test_plugins/shuffle.so
[ -f "$shuffle" ] || skip "the library that shuffles was not built"
requires qemu-img
make_host
add_null
# A program with AddressSanitizer wants to be the first.
ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0
export ASAN_OPTIONS

shuffled ()
{
    HVCTL_TEST_SHUFFLE=$seed LD_PRELOAD=$shuffle "$@"
}

# same NAME CODE COMMAND...: it ends with CODE, and says what it said before.
same ()
{
    file=$tmp/said-$1 code=$2
    shift 2
    status=0
    shuffled "$@" > "$file.new" 2>&1 || status=$?
    [ $status = "$code" ] || { cat "$file.new"; fail "$*: exit status $status"; }
    [ -f "$file" ] || cp "$file.new" "$file"
    diff "$file" "$file.new" || fail "$*: with seed $seed it says otherwise"
}

hv volume create default/base 1M
hv volume snapshot default/base@s1
hv volume snapshot default/base@s2
for name in delta alpha charlie; do
    hv volume clone default/base@s1 $name
done
hv volume clone default/base@s2 bravo
for name in whiskey victor uniform xray; do
    define_null $name
    hv start $name
    rm "$tmp/vm.d/$name.conf"
done
# More firmware descriptors than are read.
mkdir "$tmp/descriptors"
i=0
while [ $i -lt 260 ]; do
    echo '{}' > "$tmp/descriptors/d$i.json"
    i=$((i + 1))
done
cat >> "$tmp/hvctl.conf" <<END
plugin firmware-qemu { path = "$tmp/descriptors" }
END

orders=
for seed in 1 2 3 4 5 6; do
    orders="$orders $(cd "$tmp/descriptors" && shuffled ls -f | cksum)"
    same rm 5 hv volume rm --yes default/base
    same rm-s1 5 hv volume rm --yes default/base@s1
    same volumes 0 hv volume list default
    same list 0 hv list --names
    same plugins 0 hv plugin list
done
[ "$(printf '%s\n' $orders | sort -u | wc -l)" -gt 6 ] \
    || fail "the orders are not different: $orders"
grep "lose their data: alpha, bravo, charlie, delta" "$tmp/said-rm"
grep "lose their data: alpha, charlie, delta" "$tmp/said-rm-s1"
[ "$(tr '\n' ' ' < "$tmp/said-list")" = "uniform victor whiskey xray " ] \
    || fail "not sorted: $(cat "$tmp/said-list")"
hv kill uniform victor whiskey xray
assert_nothing_left
