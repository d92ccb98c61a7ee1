#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A renamed VM is the same machine for its guest, with the same disks, and all
# that was kept for it; what cannot be renamed is refused, and is as it was.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host <<END
template shared {
    disk more { pool = null readonly = yes }
    nic two { network = null }
}
END
add_null
define_null web
truncate -s 1M "$tmp/disks/web-more.null" "$tmp/disks/data-web.null"
sed -i '1i # web, created by hvctl on 2026-01-02; see hvctl.conf(5)' \
    "$tmp/vm.d/web.conf"
cat >> "$tmp/vm.d/web.conf" <<'END'
templates = { shared }
disk data { pool = null volume = "data-${name}" } # by hand
disk cd { cdrom = "${name}.iso" serial = "${name}" }
cpu = "for-${name}"
END
truncate -s 1M "$tmp/vm.d/web.iso"

# identity NAME: what the guest sees of it.
identity ()
{
    hv plan -o json "$1" | python3 -c 'import json, sys
plan = json.load(sys.stdin)
print(plan["uuid"], [n["mac"] for n in plan["nics"]],
      [d["layers"] for d in plan["disks"]])'
}

hv start web
hv stop web
before=$(identity web)
mkdir -p "$tmp/state/layers"
echo variables > "$tmp/state/vm/web/vars.fd"
echo '{}' > "$tmp/state/layers/web@@image"
cp "$tmp/vm.d/web.conf" "$tmp/original"

# ------------------------------------------------------------------ Refused
# as_before: nothing has happened.
as_before ()
{
    cmp "$tmp/original" "$tmp/vm.d/web.conf" || fail "it was changed"
    [ "$(ls -A "$tmp/vm.d")" = "$files" ] || fail "left: $(ls -A "$tmp/vm.d")"
    [ -z "$(ls -A "$tmp/state/changes" 2> /dev/null)" ] || fail "it is unfinished"
    [ -d "$tmp/state/vm/web" ] && [ -d "$tmp/log/web" ] || fail "moved"
}

define_null taken
files=$(ls -A "$tmp/vm.d")
expect_fail 1 "VM taken already exists: $tmp/vm.d/taken.conf" hv rename web taken
expect_fail 3 "there is no VM 'nobody'" hv rename nobody other
expect_fail 2 "web has this name already" hv rename web web
expect_fail 2 "" hv rename web
expect_fail 2 '"a/b"' hv rename web a/b
expect_fail 2 "name" hv rename web "$(printf '%0300d' 1)"
as_before
hv start web
expect_fail 5 "web is running, .*(hvctl stop web)" hv rename web www
hv save web
expect_fail 5 "web has a saved state.*'hvctl start web'.*'hvctl start --fresh web'" \
    hv rename web www
hv start --fresh web
hv stop web
mkdir -p "$tmp/state/vm/www" "$tmp/log/www"
touch "$tmp/log/www/console.log"
expect_fail 1 "$tmp/log/www contains files of an earlier VM www" hv rename web www
rm "$tmp/log/www/console.log"
ln -s web.conf "$tmp/vm.d/link.conf"
expect_fail 7 "$tmp/vm.d/link.conf is a symbolic link" hv rename link www
rm "$tmp/vm.d/link.conf"
as_before

# A name that the definition has no value for: it keeps the old one.
echo 'cpus = "${index}"' > "$tmp/vm.d/edge-1.conf"
cat "$tmp/vm.d/taken.conf" >> "$tmp/vm.d/edge-1.conf"
expect "as before: cpus = 1" hv rename edge-1 edge
grep -qx 'cpus = 1' "$tmp/vm.d/edge.conf" || fail "$(cat "$tmp/vm.d/edge.conf")"
rm "$tmp/vm.d/edge.conf"
as_before

# Somebody is at it.
printf '#!/bin/sh\n: > "%s"; while [ -e "%s" ]; do sleep 0.1; done\n' \
    "$tmp/editing" "$tmp/editing" > "$tmp/editor"
chmod 755 "$tmp/editor"
EDITOR=$tmp/editor hv edit web > "$tmp/edit.out" 2>&1 &
editor=$!
wait_for 5 test -e "$tmp/editing"
expect_fail 5 "web is being edited" hv rename web www
rm "$tmp/editing"
wait $editor || fail "edit: $(cat "$tmp/edit.out")"
as_before

# ---------------------------------------------------------------------- Done
echo "typed" > "$tmp/vm.d/web.conf.edited"
hv rename web www > "$tmp/out"
grep -q "^web is renamed to www, and defined in $tmp/vm.d/www.conf$" "$tmp/out" \
    || fail "$(cat "$tmp/out")"
for kept in "uuid = " "disk root: volume = web-root$" "disk more: volume = web-more$" \
    "disk data: volume = data-web$" "disk cd: serial = web$" \
    "disk cd: cdrom = \"$tmp/vm.d/web.iso\"$"; do
    grep -q "^as before: $kept" "$tmp/out" || fail "not told: $kept"
done
[ "$(grep -c . "$tmp/out")" = 7 ] || fail "too much: $(cat "$tmp/out")"
[ "$(identity www)" = "$before" ] || fail "another: $(identity www), $before"
grep -q "^# www, created by hvctl on 2026" "$tmp/vm.d/www.conf" || fail "heading"
grep -q "# by hand$" "$tmp/vm.d/www.conf" || fail "a comment is lost"
expect 'cpu = for-www' hv show --effective www
[ ! -e "$tmp/vm.d/web.conf" ] && [ ! -e "$tmp/vm.d/web.conf.edited" ] \
    && [ "$(ls -A "$tmp/vm.d" | wc -l)" = 4 ] || fail "in vm.d: $(ls -A "$tmp/vm.d")"
[ "$(cat "$tmp/vm.d/www.conf.edited")" = typed ] || fail "the edited text is lost"
[ -e "$tmp/state/layers/www@@image" ] || fail "the record of an image is lost"
[ -e "$tmp/state/vm/www/vars.fd" ] || fail "the firmware variables are lost"
for dir in state/vm/web log/web state/layers/web@@image; do
    [ ! -e "$tmp/$dir" ] || fail "$dir is left"
done
expect "hypervisor" ls "$tmp/log/www"
hv start www
hv stop www

# Once more, and back: what is written already needs nothing.
hv rename www web > "$tmp/out"
! grep "as before" "$tmp/out" || fail "nothing had to be written"
[ "$(hv rename -o json web again | python3 -c 'import json, sys
o = json.load(sys.stdin)
print(o["name"], o["was"], o["definition"], o["kept"])')" \
    = "again web $tmp/vm.d/again.conf []" ] || fail "JSON"
[ "$(identity again)" = "$before" ] || fail "another: $(identity again)"
assert_nothing_left
