#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# create writes a definition that is valid, and show prints it; rm takes the
# disks away only when it is told to.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
make_host

hv create vm1 --memory 64M --cpus 2 --disk root:16M --disk data:8M \
    --nic lan:user --kernel "$tiny" --append wait --accelerator tcg
hv validate vm1
expect 'memory *= *"\?64M' hv show vm1
expect_fail '[1-9]*' "vm1" hv create vm1 --memory 64M
expect "vm1-root" hv volume list default
hv start vm1
expect_fail 5 "running" hv rm --yes vm1
hv stop vm1

hv rm --yes vm1
expect_fail 3 "vm1" hv show vm1
expect "vm1-root" hv volume list default
expect_fail '[1-9]*' "vm1-root" hv create vm1 --memory 64M --disk root:16M
[ ! -e "$tmp/vm.d/vm1.conf" ] || fail "a definition was left"

hv volume rm --yes default/vm1-root
hv create vm1 --memory 64M --disk root:16M
hv rm --yes --disks vm1
! hv volume list default | grep vm1-root || fail "the disk is still there"

# What create would find out may also be said.
truncate -s 1M "$tmp/base.raw" "$tmp/image.raw"
hv create vm1 --memory 64M --disk a:image="$tmp/image.raw",format=raw \
    --disk b:2M,backing="$tmp/base.raw",backing_format=raw
hv validate vm1
assert_nothing_left
