#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# One bad thing stops nothing else: each command that goes over VMs, disks or
# plugins reports what fails, does the rest, and exits with an error.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2 storage-raw
requires qemu-img
make_host < /dev/null
add_null

# Names that no VM can have, a link to nowhere, a wrong key, what is no text.
define_null good
define_null other
echo 'memory = 16M' > "$tmp/vm.d/a b.conf"
echo 'memory = 16M' > "$tmp/vm.d/_x.conf"
ln -s nothing "$tmp/vm.d/dangling.conf"
mkdir "$tmp/vm.d/folder.conf"
echo 'memry = 16M' > "$tmp/vm.d/wrong.conf"
printf 'memory = 1G\0' > "$tmp/vm.d/nul.conf"
expect_fail 7 "" hv validate
for word in "a b.conf" "_x.conf" dangling.conf "symbolic link" folder.conf \
    memry nul.conf; do
    grep -q -e "$word" "$tmp/err" || {
        cat "$tmp/err"
        fail "validate does not mention $word"
    }
done
expect_fail 3 "nope" hv validate good nope
expect "1 definition, no problems" hv validate good
hv list > "$tmp/out"
for name in "a b" _x dangling folder wrong nul; do
    grep -q "^$name  *invalid" "$tmp/out" || {
        cat "$tmp/out"
        fail "list: $name is not invalid"
    }
done
grep -q "^good  *stopped" "$tmp/out" || fail "list: where is good?"

# Names that are not there are errors; the others are served.
for command in list status validate plan start restart stop pause kill \
    create-disks; do
    status=0
    # shellcheck disable=SC2086
    hv $command good 'zz*' nope other > "$tmp/out" 2> "$tmp/err" || status=$?
    [ $status -ne 0 ] || fail "$command good nope other: exit status 0"
    grep -q "nope" "$tmp/err" || fail "$command: nothing about 'nope'"
    grep -q "zz" "$tmp/err" || fail "$command: nothing about 'zz*'"
    case $command in
        validate | plan | pause) continue ;;
    esac
    grep -q "good" "$tmp/out" || fail "$command: nothing about 'good'"
    grep -q "other" "$tmp/out" || fail "$command: nothing about 'other'"
done
expect_fail 3 "nope" hv list nope
expect_fail 3 "nope" hv list --names nope
expect_fail 3 "nope" hv list --running nope
expect_fail 3 "nope" hv console nope
expect_fail 6 "not running" hv console good
expect_fail 3 "nowhere" hv volume list nowhere default

# Everything that is missing is named at once, whatever is asked.
define many <<END
memory = 16M
hypervisor = null
disk one { pool = null size = 1M }
disk two { pool = nowhere }
disk three { size = 1M }
nic lan { network = nowhere }
nic wan { network = elsewhere }
END
for command in start plan validate run; do
    expect_fail '[1-9]*' "" hv $command many
    for word in many-one "disk two" three "nic lan" "nic wan"; do
        grep -q -e "$word" "$tmp/err" || {
            cat "$tmp/err"
            fail "$command: '$word' is not mentioned"
        }
    done
    # Each line of it says who speaks; validate has lines with files.
    [ $command = validate ] || ! grep -v '^hvctl: ' "$tmp/err" \
        || fail "$command: a line without its prefix"
done
rm "$tmp/vm.d/many.conf"

# An image beside volumes: these have their snapshots all the same.
truncate -s 1M "$tmp/image.raw"
define mixed <<END
memory = 16M
hypervisor = null
disk root { size = 1M }
disk image { image = "$tmp/image.raw" format = raw }
disk gone { size = 1M }
END
expect "root" hv create-disks mixed
expect "all disks exist" hv create-disks mixed
expect "s1" hv snapshot create mixed s1
grep -q "image.*not part of the snapshot" "$tmp/err" \
    || fail "nothing is said of the image"
expect "s1.*root, gone" hv snapshot list mixed
mv "$tmp/state/disks/mixed-gone.qcow2" "$tmp/elsewhere"
expect_fail 3 "disk gone" hv snapshot list mixed
grep -q "s1.*root" "$tmp/out" || fail "the other disk's snapshots are not listed"
mv "$tmp/elsewhere" "$tmp/state/disks/mixed-gone.qcow2"
expect "s1" hv snapshot revert mixed s1
expect "s1" hv snapshot delete mixed s1
expect "online\|running\|next start\|not running" hv resize mixed --disk root=2M

# Definitions that cannot be read may have any volume, so that none can be
# removed; files whose names no VM can have may not.
rm "$tmp/vm.d/dangling.conf" "$tmp/vm.d/nul.conf"
rmdir "$tmp/vm.d/folder.conf"

# rm --disks says what it does: of a VM without disks, of one whose definition
# is wrong elsewhere; where it is wrong about a disk, nothing goes.
define bare <<END
memory = 16M
END
expect "^bare is removed\$" hv rm --disks --yes bare
define wrong <<END
memry = 16M
disk root { size = 1M }
END
hv volume create wrong-root 1M > "$tmp/out"
expect "disks: default/wrong-root" hv rm --disks --yes wrong
[ ! -e "$tmp/state/disks/wrong-root.qcow2" ] || fail "the volume is there"
define wrong <<END
memory = 16M
disk root { size = 1M pol = null }
END
hv volume create wrong-root 1M > "$tmp/out"
expect_fail 7 "correct it" hv rm --disks --yes wrong
[ -e "$tmp/state/disks/wrong-root.qcow2" ] || fail "the volume is gone"
[ -e "$tmp/vm.d/wrong.conf" ] || fail "the definition is gone"
expect "removed" hv rm --yes wrong

# Several that are deaf are stopped at once, and it is said who is waited for.
for vm in d1 d2 d3 d4; do
    define_null $vm deaf
done
hv start d1 d2 d3 d4 2> "$tmp/err"
before=$(date +%s%N)
expect_fail 3 "nope" hv stop --timeout 3 d1 d2 nope d3 d4
ms=$((($(date +%s%N) - before) / 1000000))
[ $ms -lt 9000 ] || fail "four stops took $ms ms: one after another?"
grep -q "waiting for d1, d2, d3, d4" "$tmp/err" || {
    cat "$tmp/err"
    fail "nobody says who is waited for"
}
for vm in d1 d2 d3 d4; do
    grep -q "^$vm did not shut down in time" "$tmp/out" || fail "nothing about $vm"
done
hv start d1 d2 2> "$tmp/err"
hv stop -o json -t 1 d2 d1 > "$tmp/out" 2> "$tmp/err"
tr -d ' \n' < "$tmp/out" | grep -q '"name":"d2".*"name":"d1"' \
    || fail "JSON: not in the order of the names"
assert_nothing_left

# A volume that cannot have snapshots: the others are listed, have theirs if they
# are named, and are reverted.
mkdir "$tmp/plain"
echo "pool plain { type = raw path = \"$tmp/plain\" }" >> "$tmp/hvctl.conf"
echo 'disk flat { pool = plain size = 1M }' >> "$tmp/vm.d/mixed.conf"
hv create-disks mixed > "$tmp/out"
expect "^(disk image is an image outside of any pool; disk flat: storage-raw cannot create snapshots)$" \
    hv snapshot list mixed
expect_fail 4 "disk flat: storage-raw cannot create snapshots: to leave it out, name the others: --disk root --disk gone$" \
    hv snapshot create mixed s2
expect_fail 4 "disk flat: storage-raw cannot" \
    hv snapshot create mixed s2 --disk root --disk flat
expect_fail 4 "disk image is an image outside of any pool" \
    hv snapshot create mixed s2 --disk image
expect_fail 3 "mixed has no disk 'nope'" hv snapshot create mixed s2 --disk nope
expect_fail 2 "do not combine" hv snapshot create mixed s2 --memory --disk root
expect "s2 is created" hv snapshot create mixed s2 --disk root --disk gone
expect "s3 is created" hv snapshot create mixed s3 --disk root
expect_fail 1 "disk root: there is already a snapshot 's3'" \
    hv snapshot create mixed s3 --disk gone
expect "s2 .*root, gone" hv snapshot list mixed
grep -q "s3 .* root *$" "$tmp/out" || fail "$(cat "$tmp/out")"
hv -o json snapshot list mixed > "$tmp/out"
grep -q '"notes"' "$tmp/out" || fail "$(cat "$tmp/out")"
expect_fail 3 "disk gone has no snapshot 's3'.*to be reverted: --disk root$" \
    hv snapshot revert mixed s3
expect "reverted to snapshot s3" hv snapshot revert mixed s3 --disk root
grep -q "disk gone is not reverted" "$tmp/err" || fail "$(cat "$tmp/err")"
hv snapshot delete mixed s3 > "$tmp/out"
expect "reverted to snapshot s2" hv snapshot revert mixed s2
grep -q "disk flat: storage-raw cannot create snapshots, and is not reverted" \
    "$tmp/err" || fail "$(cat "$tmp/err")"
hv snapshot delete mixed s2 > "$tmp/out"
[ "$(hv snapshot list mixed | grep -c "^(\|^s\|^SNAP")" = 1 ] \
    || fail "$(hv snapshot list mixed)"
