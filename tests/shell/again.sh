#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who gives a command again after it was interrupted, and whose change was just
# finished by that, is told so, and not that there is nothing to do it to.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img python3
make_host
add_null

# again OPERATION COMMAND...: it is killed there, and then succeeds.
again ()
{
    HVCTL_NULL_FAIL=$1
    export HVCTL_NULL_FAIL
    op=$1
    shift
    ! hv "$@" > "$tmp/out" 2>&1 || fail "$op: $*: was not killed"
    unset HVCTL_NULL_FAIL
    hv "$@" > "$tmp/out" 2> "$tmp/err" \
        || fail "$op: $*: exit status $?: $(cat "$tmp/err")"
    if grep -q "now completed" "$tmp/err"; then
        grep -q "had been interrupted, and is now completed\|\"finished\"" \
            "$tmp/out" \
            || fail "$op: $*: $(cat "$tmp/out")"
        finished=$((finished + 1))
    fi
    [ -z "$(ls -A "$tmp/state/changes")" ] || fail "$*: it is unfinished"
}
finished=0

for how in kill killafter; do
    define_null vm1
    again storage.destroy:$how rm --yes --disks vm1
    [ ! -e "$tmp/disks/vm1-root.null" ] || fail "the disk is there"
    define_null vm1
    again storage.destroy:$how rm --yes --disks vm1 -o json
    python3 - "$tmp/out" <<'END'
import json, sys
o, = json.load(open(sys.argv[1]))
assert o["name"] == "vm1" and o.get("done", "finished") == "finished", o
END
    truncate -s 1M "$tmp/disks/v.null"
    again storage.destroy:$how volume rm --yes null/v
    define_null vm1
    echo "disk two { pool = null volume = v }" >> "$tmp/vm.d/vm1.conf"
    truncate -s 1M "$tmp/disks/v.null"
    hv start vm1
    again detach:$how detach-disk vm1 two
    ! grep -q "^disk two" "$tmp/vm.d/vm1.conf" || fail "the disk is attached"
    again detach:$how detach-nic vm1 lan
    ! grep -q "^nic lan" "$tmp/vm.d/vm1.conf" || fail "the NIC is attached"
    again save:$how save vm1
    hv rm --yes --disks vm1
    rm "$tmp/disks/v.null"
done
[ $finished -ge 6 ] || fail "only $finished were finished"

# What is asked for is more than what was finished: there is no such VM.
define_null vm1
truncate -s 1M "$tmp/disks/v.null"
! HVCTL_NULL_FAIL=storage.destroy:kill hv volume rm --yes null/v \
    > "$tmp/out" 2>&1 || fail "it was not killed"
expect_fail 3 "now completed" hv volume rm --yes null/v@s
expect_fail 3 "" hv volume rm --yes null/v
hv rm --yes --disks vm1
assert_nothing_left
