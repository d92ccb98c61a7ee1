#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Volumes on a host that has never had one: made, listed, enlarged, deleted.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires qemu-img
make_host

hv volume create default/one 16M
expect "one.*16M" hv volume list default
expect_fail '[1-9]*' "one" hv volume create default/one 16M
hv volume resize default/one 32M
expect "one.*32M" hv volume list default
expect_fail '[1-9]*' "" hv volume resize default/one 8M
expect "one.*32M" hv volume list default
qemu-img check -q "$(find "$tmp/state" -name '*one*' -type f)"
hv volume rm --yes default/one
! hv volume list default | grep one || fail "it is still there"
[ -z "$(find "$tmp/state" -type f)" ] || fail "a file was left"
expect_fail 3 "nowhere" hv volume create nowhere/one 1M
