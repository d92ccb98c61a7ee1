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

# Snapshots and clones of a volume that no VM has; each says what it lacks.
expect_fail 3 "two" hv volume rm --yes default/two
hv volume create default/two 16M
expect_fail 2 "name a snapshot" hv volume snapshot default/two
hv volume snapshot default/two@s1
expect "^s1 " hv volume snapshots default/two
expect_fail 1 "already" hv volume snapshot default/two@s1
hv volume clone default/two@s1 three
hv volume clone default/two four
expect "^clone-four " hv volume snapshots default/two
expect_fail 1 "four" hv volume clone default/two four
expect_fail 3 "s9" hv volume clone default/two@s9 five
expect_fail '[1-9]*' "three" hv volume rm --yes default/two
expect_fail '[1-9]*' "three" hv volume rm --yes default/two@s1
hv volume promote default/three
hv volume rm --yes default/four
hv volume rm --yes default/two@clone-four
hv volume revert default/two@s1
hv volume rm --yes default/two@s1
expect_fail 3 "s1" hv volume rm --yes default/two@s1
hv volume rm --yes default/two
hv volume rm --yes default/three
expect_fail 4 "cannot send volumes" hv volume send default/two@s1 -
[ -z "$(find "$tmp/state" -type f)" ] || fail "a file was left"
