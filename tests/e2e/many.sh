#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Names and globs: several at once, each with its own user and ports.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host
for n in 1 2 3 4 5 6; do
    define_tiny web-$n
done
define_tiny db

hv start 'web-*' db
[ "$(hv list | grep -c running)" = 7 ] || fail "not all are running"
[ "$(hv list -o json | grep -o '"state": *"running"' | wc -l)" = 7 ] \
    || fail "the JSON says otherwise"
hv stop 'web-*'
expect "db.*running" hv list
hv kill db
assert_nothing_left
