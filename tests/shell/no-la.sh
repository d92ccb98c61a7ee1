#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Plugins load with every .la file removed, and LTDL_LIBRARY_PATH and
# LD_LIBRARY_PATH make no difference; root loads nothing that others may write.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
expect "^status=ok" hv plugin show null

mkdir "$tmp/elsewhere"
cp "$test_plugins/abi_1.so" "$tmp/elsewhere/"
cp "$test_plugins/bad_none.so" "$tmp/elsewhere/null.so"
LTDL_LIBRARY_PATH=$tmp/elsewhere LD_LIBRARY_PATH=$tmp/elsewhere
export LTDL_LIBRARY_PATH LD_LIBRARY_PATH
expect "^status=ok" hv plugin show null
expect_fail 3 "no plugin" hv plugin show abi-1
[ "$(id -u)" = 0 ] || exit 0

chmod 775 "$tmp/plugins/null.so"
! hv plugin show null > "$tmp/out" || fail "a plugin that others may write"
grep "writable by others" "$tmp/out"
chmod 755 "$tmp/plugins/null.so"
chown 12345 "$tmp/plugins/null.so"
! hv plugin show null > "$tmp/out" || fail "a plugin of another user"
grep "is owned by user 12345" "$tmp/out"
chown 0 "$tmp/plugins/null.so"
expect "^status=ok" hv plugin show null
chmod 777 "$tmp/plugins"
expect_fail 3 "ignored.*writable" hv plugin show null
