#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A plugin that was compiled against the header of ABI 1 loads today, and what
# it asks of hvctl is answered.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host <<EOF
pool old { type = "abi-1" word = "configured" }
pool older { type = "abi-1" }
EOF
cp "$test_plugins/abi_1.so" "$tmp/plugins/"

expect "^abi=1" hv plugin show abi-1
expect "storage.resize=no" hv plugin show abi-1
# It lists volumes and knows none of them: they are listed, with that.
for words in "old configured" "older fallback" "older zeroed-0"; do
    expect_fail 3 "" hv volume list "${words% *}"
    grep -q "${words#* }" "$tmp/out" || fail "no ${words#* } in the list"
done
expect_fail '[1-9]*' "ABI 1 was long ago" hv volume create old/one 1M
