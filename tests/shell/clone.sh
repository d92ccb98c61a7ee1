#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A clone has copies of the disks that its origin writes to, and shares the
# others; it has an identity of its own, and whatever both cannot have is left
# out and reported.  What cannot be cloned is refused, and nothing is left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
requires qemu-img
make_host <<END
pool flat { type = raw path = "${tmp-}/flat" }
template shared { nic two { forward = "tcp:127.0.0.1:2223:23" } }
END
sed -i "s#\"/flat\"#\"$tmp/flat\"#" "$tmp/hvctl.conf"
add_null
truncate -s 1M "$tmp/vm.d/cd.iso" "$tmp/disks/base.null"
hv volume create default/mine 4M
define web <<'END'
# web, created by hvctl on 2026-01-02; see hvctl.conf(5)
templates = { shared }
memory = 16M
hypervisor = null
uuid = 11111111-2222-4333-8444-555555555555

disk root { size = 8M } # system
disk data {
    volume = mine
    serial = ABC123   # the label on it
}
disk raw { pool = flat size = 1M }
disk base { pool = null volume = base readonly = yes }
disk cd { cdrom = "cd.iso" }
nic lan {
    network = user
    mac = 52:54:00:12:34:56
    forward = "tcp:127.0.0.1:2222:22"
}
END
hv create-disks web > /dev/null
printf kept | dd of="$tmp/flat/web-raw.raw" conv=notrunc 2> /dev/null
mkdir -p "$tmp/state/vm/web"
echo variables > "$tmp/state/vm/web/vars.fd"

hv clone web www > "$tmp/out" 2> "$tmp/err"
grep -q "^www is cloned to \|^web is cloned to www, and defined in $tmp/vm.d/www.conf$" \
    "$tmp/out" || fail "$(cat "$tmp/out")"
for line in "10: disk data: without serial = ABC123" \
    "9: disk data: without volume = mine" \
    "17: nic lan: without mac = 52:54:00:12:34:56" \
    "18: nic lan: without forward = tcp:127.0.0.1:2222:22"; do
    grep -qx "its definition differs: $tmp/vm.d/web.conf:$line" "$tmp/out" \
        || fail "not told: $line: $(cat "$tmp/out")"
done
grep -q "hvctl.conf:8: nic two: forward = tcp:127.0.0.1:2223:23 is a template's, and the same" \
    "$tmp/err" || fail "$(cat "$tmp/err")"
grep -q "need the snapshot 'clone-www' of web" "$tmp/out" || fail "$(cat "$tmp/out")"
for text in "^# www, cloned from web by hvctl on 20" "^disk root { size = 8M } # system$" \
    "^disk base .*volume = base"; do
    grep -q "$text" "$tmp/vm.d/www.conf" || fail "not there: $text"
done
! grep -q "mine\|ABC\|34:56\|:22\|1111" "$tmp/vm.d/www.conf" || fail "too much is copied"
[ "$(cat "$tmp/state/vm/www/vars.fd")" = variables ] || fail "no firmware variables"
[ "$(head -c 4 "$tmp/flat/www-raw.raw")" = kept ] || fail "raw is empty"
expect " www-root " hv volume list
expect " www-data " hv volume list
expect "clone-www .* root, data" hv snapshot list web
for vm in www web; do
    hv start $vm
    hv stop $vm
done

# It depends on the snapshot.
expect_fail 5 "www" hv snapshot delete web clone-www
sed -i '/^disk base/d' "$tmp/vm.d/web.conf" "$tmp/vm.d/www.conf"
hv rm --yes --disks www
hv snapshot delete web clone-www

# Also when both have other names by now; of several that have a snapshot of
# that name, none is named.
cp "$tmp/vm.d/web.conf" "$tmp/web"
hv clone web www > "$tmp/out"
hv rename web old > "$tmp/out"
hv rename www new > "$tmp/out"
expect_fail 5 "backing file.*www-root\|www-root.*backing file" hv rm --yes --disks old
hv clone old other > "$tmp/out"
hv rm --yes --disks other 2> "$tmp/err"
grep -q "old still has the snapshot 'clone-other', which other was cloned from: 'hvctl snapshot delete old clone-other' deletes it" \
    "$tmp/err" || fail "$(cat "$tmp/err")"
hv snapshot delete old clone-other
cp "$tmp/vm.d/new.conf" "$tmp/new"
hv rm --yes --disks new 2> "$tmp/err"
grep -q "old still has the snapshot 'clone-www', which new was cloned from: 'hvctl snapshot delete old clone-www' deletes it" \
    "$tmp/err" || fail "$(cat "$tmp/err")"
cp "$tmp/new" "$tmp/vm.d/new.conf"
define two <<'END'
memory = 16M
hypervisor = null
disk x { size = 1M }
END
hv create-disks two
hv snapshot create two clone-www
hv rm --yes --disks new 2> "$tmp/err"
! grep -q "still has" "$tmp/err" || fail "$(cat "$tmp/err")"
hv snapshot delete two clone-www
hv rm --yes --disks two
hv snapshot delete old clone-www
hv rename old web > "$tmp/out"
cp "$tmp/web" "$tmp/vm.d/web.conf"

# The same name again; as JSON; from a snapshot, which is another state.
hv snapshot create --disk root --disk data web s1
expect_fail 3 "disk raw: .*has no snapshot 's1': raw volumes have none" \
    hv clone web www --snapshot s1
sed -i '/^disk raw/d' "$tmp/vm.d/web.conf"
[ "$(hv clone web www --snapshot s1 -o json | python3 -c 'import json, sys
o = json.load(sys.stdin)
print(o["name"], o["from"], o["volumes"], len(o["changed"]), o["snapshot"])')" \
    = "www web ['default/www-root', 'default/www-data'] 4 None" ] || fail "JSON"
hv rm --yes --disks www

# All data is copied: nothing depends on anything.
hv clone web www --full > "$tmp/out"
! grep "snapshot" "$tmp/out" || fail "it needs a snapshot"
hv snapshot delete web s1
[ -z "$(hv snapshot list web)" ] || fail "$(hv snapshot list web)"
! qemu-img info "$tmp/state/volumes/www-root.qcow2" 2> /dev/null | grep backing \
    || fail "it has a backing file"
hv rm --yes --disks web
hv start www
hv stop www

# ------------------------------------------------------------------ Refused
nothing_left ()
{
    [ "$(find "$tmp/vm.d" "$tmp/state" "$tmp/flat" ! -path '*/facts*' | sort)" \
        = "$all" ] || fail "left: $(find "$tmp/vm.d" "$tmp/state" "$tmp/flat" | sort \
        | grep -vxF "$all")"
}

define_null taken
all=$(find "$tmp/vm.d" "$tmp/state" "$tmp/flat" ! -path '*/facts*' | sort)
expect_fail 1 "VM taken already exists" hv clone www taken
expect_fail 3 "there is no VM 'nobody'" hv clone nobody other
expect_fail 2 "www has this name already" hv clone www www
expect_fail 2 "" hv clone www
expect_fail 2 '"a/b"' hv clone www a/b
expect_fail 2 "snapshot name" hv clone www other --snapshot ""
expect_fail 3 "has no snapshot 's9'" hv clone www other --snapshot s9
nothing_left
touch "$tmp/vm.d/image.raw"
echo 'disk image { image = "image.raw" format = raw }' > "$tmp/image"
cp "$tmp/vm.d/www.conf" "$tmp/www"
cat "$tmp/image" >> "$tmp/vm.d/www.conf"
expect_fail 4 "disk image of www is an image outside of any pool, .*readonly = yes" \
    hv clone www other
sed -i 's/format = raw }/format = raw readonly = yes }/' "$tmp/vm.d/www.conf"
hv clone www other > "$tmp/out"
expect "image.raw" hv show --effective other
hv rm --yes --disks other
hv snapshot delete www clone-other
cp "$tmp/www" "$tmp/vm.d/www.conf"
rm "$tmp/vm.d/image.raw"
nothing_left
hv volume create default/other-data 4M
expect_fail 1 "disk data: volume default/other-data already exists" hv clone www other
hv volume rm --yes default/other-data
hv snapshot create www clone-other
expect_fail 1 "has a snapshot 'clone-other' already: .*--snapshot clone-other" \
    hv clone www other
hv snapshot delete www clone-other
nothing_left

# A saved VM stays saved, and its state is not cloned.
hv start www
hv save www
hv clone www other 2> "$tmp/err"
grep -q "the saved state of www is not cloned" "$tmp/err" || fail "$(cat "$tmp/err")"
expect "saved" hv list www
expect "stopped" hv list other
expect "www is running" hv start www
hv stop www
hv start other
hv stop other

# Volumes without snapshots are copied only while nobody writes to them.
hv start taken
expect_fail 5 "disk root of taken is in a pool .*(hvctl stop taken)" hv clone taken more
hv stop taken

# Fleets give their VMs their names; the clone of one of them is in no fleet.
hv create edge --count 2 --hypervisor null --memory 16M --disk root:1M \
    --set 'append=${name} ${index}' --set kernel="$abs_top_srcdir/README.md"
expect_fail 4 "edge-0 is a VM of fleet edge" hv rename edge-0 lone
expect_fail 1 "VM edge-1 already exists: it is one of fleet edge" hv clone taken edge-1
expect_fail 1 "VM edge already exists" hv clone taken edge
hv clone edge-0 lone
expect_fail 4 "edge is a fleet, and neither it nor its VMs can be renamed: clone one of them under another name with 'hvctl clone edge-0 NEW'" \
    hv rename edge other
[ "$(hv list --names edge lone | xargs)" = "edge-0 edge-1 lone" ] \
    || fail "$(hv list --names)"
! grep '^count' "$tmp/vm.d/lone.conf" || fail "it is a fleet"
hv validate lone edge
hv start edge lone
hv stop edge lone
assert_nothing_left
