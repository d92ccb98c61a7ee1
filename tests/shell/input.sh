#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Bad input: one sentence with file and line, an exit code that tells what
# kind it is, all problems at once, and nothing left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
long=$(printf 'x%.0s' $(seq 200))

for name in 'a,b' 'a/b' '../up' '-x' '.x' "$(printf 'a\nb')" "$long" ''; do
    expect_fail '2' "" hv start -- "$name"
    expect_fail '2' "" hv create --memory 64M -- "$name"
done
[ -z "$(ls "$tmp/vm.d")" ] || fail "definitions were made: $(ls "$tmp/vm.d")"
expect_fail 3 "vm7" hv start vm7

define vm1 <<EOF
memry = 1G
cpus = many
disk root { pool = null sise = 1G }
nic lan { network = nul }
EOF
expect_fail 7 "vm1.conf:1: .*memry.*memory" hv start vm1
for word in "vm1.conf:2: .*many" "vm1.conf:3: .*sise" "'memory' is missing"; do
    grep -q "$word" "$tmp/err" || fail "no '$word' in what it says"
done
expect_fail 7 "memry" hv validate vm1

define_null vm1
sed -i 's/network = null/network = nul/' "$tmp/vm.d/vm1.conf"
expect_fail 3 "nul'.*null" hv start vm1
define_null vm1
sed -i 's/hypervisor = .*/hypervisor = bochs/' "$tmp/vm.d/vm1.conf"
expect_fail '[34]' "bochs" hv start vm1
define_null vm1
rm "$tmp/disks/vm1-root.null"
expect_fail '[1-9]*' "vm1-root.null" hv start vm1

# Zero is no size: it does not mean that none was given.
define_null vm1
sed -i 's/pool = null }/pool = null size = 0G }/' "$tmp/vm.d/vm1.conf"
expect_fail 7 "vm1.conf:4: disk root: a volume cannot have the size 0" \
    hv start vm1
expect_fail 7 "disk root: a volume cannot have the size 0" \
    hv create vm2 --disk root:0,pool=null

echo "garbage {{{" > "$tmp/vm.d/vm1.conf"
expect_fail 7 "vm1.conf:" hv start vm1
printf 'memory = 1G\0' > "$tmp/vm.d/vm1.conf"
hv start vm1 2> "$tmp/err" && fail "a NUL is taken"
define_null vm1
echo "nonsense = 1" >> "$tmp/hvctl.conf"
expect_fail 7 "hvctl.conf:[0-9]*: .*nonsense" hv validate
assert_nothing_left
