#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A plugin that was compiled against the header of ABI 1 loads today, and what
# it asks of hvctl is answered.
. "${abs_top_builddir:-.}/tests/functions.sh"
make_host <<EOF
pool old { type = "abi-1" word = "configured" }
pool older { type = "abi-1" }
EOF
cp "$test_plugins/abi_1.so" "$tmp/plugins/"

expect "^abi=1" hv plugin show abi-1
expect "storage.resize=no" hv plugin show abi-1
expect "configured" hv volume list old
expect "fallback" hv volume list older
expect "zeroed-0" hv volume list older
expect_fail '[1-9]*' "ABI 1 was long ago" hv volume create old/one 1M
