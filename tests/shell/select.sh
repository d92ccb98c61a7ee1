#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# --label and --all select the VMs of every command that takes several; a
# selector that matches nothing is an error that names the labels there are.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null

# --all without VMs is no error, and says so.
expect_fail 0 "There are no VMs" hv start --all
expect_fail 0 "There are no VMs yet" hv list --all
[ "$(hv stop --all -o json | tr -d '[:space:]')" = "[]" ] || fail "JSON"
expect "no problems" hv validate --all
expect_fail 3 "no VM has the label 'x': they have no labels" hv start -l x

# label NAME KEY=VALUE...
label ()
{
    file=$tmp/vm.d/$1.conf
    define_null "$1"
    shift
    echo "labels {" >> "$file"
    printf '    %s\n' "$@" >> "$file"
    echo "}" >> "$file"
}
label web-1 role=web site=one
label web-2 role=web site=two
label db-1 role=db site=one
define_null plain

# selected EXPECTED OPTION...: by list.
selected ()
{
    want=$1
    shift
    got=$(hv list --names "$@" | tr '\n' ' ')
    [ "$got" = "$want" ] || fail "list $*: '$got', not '$want'"
}
selected "web-1 web-2 " -l role=web
selected "web-1 " -l role=web -l site=one
selected "web-1 " -lrole=web --label=site=one
selected "db-1 web-1 web-2 " -l role
selected "db-1 plain " -l role!=web
selected "db-1 " -l role!=web -l role
selected "web-2 " -l role=web 'web-[2-9]'
selected "web-1 " -l role=web web-1 db-1
selected "db-1 plain web-1 web-2 " -a

# ------------------------------------------------------------ every command
hv start -l role=web > "$tmp/out"
selected "web-1 web-2 " --running
hv pause -l site=two > "$tmp/out"
expect "web-2 is paused" hv status -l role=web
hv resume -l role=web -l site=two > "$tmp/out"
expect "web-2 is running" hv status -l site=two
hv save -l site=two > "$tmp/out"
expect "web-2 .*saved" hv list -l role=web
hv restart -l role=web > "$tmp/out" 2> "$tmp/err"
selected "web-1 web-2 " --running
hv kill -l role=web > "$tmp/out"
selected "" --running
expect "1 definition, no problems" hv validate -l role=db
expect '"name": *"db-1"' hv plan -l role=db
hv start --all > "$tmp/out"
[ "$(hv list -r --names | wc -l)" = 4 ] || fail "start --all"
hv stop -l role=web > "$tmp/out"
expect_fail 6 "" hv status --all
grep -q "db-1 is running" "$tmp/out" || fail "status -a: $(cat "$tmp/out")"
hv stop -a > "$tmp/out"
[ "$(grep -c "has shut down" "$tmp/out")" = 2 ] || fail "stop -a"
[ "$(grep -c "was not running" "$tmp/out")" = 2 ] || fail "stop -a"
assert_nothing_left

# A VM that runs without a definition is one of all, and has no labels.
hv start plain db-1 > "$tmp/out"
mv "$tmp/vm.d/plain.conf" "$tmp/plain.conf"
expect_fail 3 "no VM has the label" hv stop -l rule=x
hv stop -l role!=web > "$tmp/out"
selected "plain " --running
hv stop --all > "$tmp/out"
selected "" --running
mv "$tmp/plain.conf" "$tmp/vm.d/plain.conf"

# The labels of a template, and those that the definition has instead.
echo 'template t { labels { role = web tier = 1 } }' >> "$tmp/hvctl.conf"
sed -i '1i templates = t' "$tmp/vm.d/db-1.conf" "$tmp/vm.d/plain.conf"
selected "plain web-1 web-2 " -l role=web
selected "db-1 plain " -l tier=1

# A saved VM is restored, whatever its labels have become.
hv start web-1 > "$tmp/out"
hv save web-1 > "$tmp/out"
sed -i 's/site=one/site=three/; 1i description = "new"' "$tmp/vm.d/web-1.conf"
: > "$tmp/null.log"
hv start -l site=three > "$tmp/out"
grep -q "^hypervisor.restore web-1" "$tmp/null.log" || fail "it has booted"
hv kill web-1 > "$tmp/out"

# Nobody knows the label of an invalid definition: whatever the condition, every
# command passes over its VM, which runs, and says so.
while read -r kind text; do
    label lost "role=lost"
    hv start lost > "$tmp/out"
    case $kind in
    value) sed -i "s/role=lost/role = \"$text\"/" "$tmp/vm.d/lost.conf" ;;
    line) { echo "$text"; sed 's/role=lost/x=y/' "$tmp/vm.d/lost.conf"; } \
              > "$tmp/lost" && cp "$tmp/lost" "$tmp/vm.d/lost.conf" ;;
    esac
    for term in role=web role!=web role!=other; do
        for command in list stop kill pause diff; do
            # If no other one matches, as with a label that does not exist.
            expect_fail 3 "it is not known of lost" \
                hv $command -l "$term" lost
        done
        expect_fail 7 "lost is passed over: its definition is invalid" \
            hv list -l "$term"
        ! grep -q '^lost' "$tmp/out" || fail "list -l $term: $(cat "$tmp/out")"
        expect_fail 7 "lost is passed over" hv stop -l "$term"
        expect "running" hv list lost
    done
    hv kill lost > "$tmp/out"
done <<'END'
value ${nope}
value ${1\/0}
line templates = { nope }
line labels {
END
rm "$tmp/vm.d/lost.conf"

# ------------------------------------------------------------------ mistakes
expect_fail 3 "no VM has the label 'role=webb': did you mean 'role=web'?" \
    hv start -l role=webb
expect_fail 3 "no VM has the label 'role=mail': the values of 'role' are db, web" \
    hv stop -l role=mail
expect_fail 3 "no VM has the label 'roles': did you mean 'role'?" hv kill -l roles
expect_fail 3 "their labels are role, site, tier" hv list -l color=red
expect_fail 3 "none of the VMs named has the label 'role=db'" \
    hv start -l role=db web-1
expect_fail 3 "matches all of 'role=db', 'site=two'" \
    hv start -l role=db -l site=two
expect_fail 3 "no VM matches 'x\*'" hv start -l role=web 'x*'
expect_fail 3 "there is no VM 'nope'" hv start -l role=web nope
selected "" --running
expect_fail 2 "KEY=VALUE" hv start -l ''
expect_fail 2 "KEY=VALUE" hv start -l =web
expect_fail 2 "KEY=VALUE" hv start -l '!=web'
expect_fail 2 "not a valid name" hv start -l 'ro le=web'
expect_fail 2 "not a valid name" hv start -l "$(printf 'a\tb')"
expect_fail 2 "more than 63 bytes" hv start -l "$(printf '%064d' 0 | tr 0 x)=1"
expect_fail 2 "the value is missing" hv start -l role=
expect_fail 2 "leave out the names" hv stop --all web-1
expect_fail 2 "exclude each other" hv stop --all -l role
expect_fail 2 "usage" hv stop
expect_fail 2 "unknown option" hv show -l role web-1
[ "$(hv -o json start -l role=webb | grep -c '"exit_code": *3')" = 1 ] \
    || fail "the error is no JSON"

# An invalid definition: its labels count if they can be read; if not, it is
# passed over, which the exit code tells.
sed -i 's/^memory.*/memory = lots/' "$tmp/vm.d/web-2.conf"
expect_fail 7 "lots" hv start -l role=web
selected "plain web-1 " --running
grep -q "passed over" "$tmp/err" && fail "web-2 has the label"
hv stop -l role=web > "$tmp/out"
sed -i '/^labels/,$d' "$tmp/vm.d/web-2.conf"
expect_fail 7 "web-2 is passed over" hv start -l role=web
selected "plain web-1 " --running
selected "plain web-1 " --running
status=0
hv start -o json -l role=web > "$tmp/json" 2> "$tmp/err" || status=$?
[ ! -s "$tmp/err" ] || fail "JSON, and $(cat "$tmp/err")"
grep -q "web-2 is passed over" "$tmp/json" || fail "$(cat "$tmp/json")"
expect_fail 7 "web-2 is passed over" hv list -l role=web
grep -q "^web-1" "$tmp/out" || fail "list -l: $(cat "$tmp/out")"
expect_fail 7 "web-2.conf:1: memory" hv validate -l role=web
expect_fail 7 "web-2 is passed over" hv plan -l role=web
expect_fail 3 "it is not known of web-2" hv start -l role=webb
hv kill --all > "$tmp/out"
assert_nothing_left
hv rm --yes web-2 > "$tmp/out"
# A file that is no VM's, and one that vanishes, select nothing.
echo 'memory = 1G' > "$tmp/vm.d/no vm.conf"
expect_fail 7 "no vm is passed over" hv start -l role=web
selected "plain web-1 " --running
expect_fail 3 "no VM has the label 'x'" hv stop -l x
rm "$tmp/vm.d/no vm.conf"
hv kill --all > "$tmp/out"

# ------------------------------------------------------------------ snapshots
[ -f "$plugins/storage_qcow2.so" ] || exit 0
command -v qemu-img > "$tmp/out" || exit 0
for n in 1 2; do
    hv create disk$n --hypervisor null --memory 16M --disk root:1M \
        --set labels.kind=disk > "$tmp/out"
done
hv snapshot create -l kind=disk s1 > "$tmp/out" 2> "$tmp/err"
[ "$(grep -c "snapshot s1 is created" "$tmp/out")" = 2 ] || fail "s1"
hv snapshot create -l kind=disk disk2 s2 > "$tmp/out" 2> "$tmp/err"
[ "$(cat "$tmp/out")" = "disk2: snapshot s2 is created (offline)" ] || fail "s2"
hv snapshot create -o json -l kind=disk > "$tmp/out"
[ "$(sed -n 's/.*"snapshot": *//p' "$tmp/out" | sort -u | wc -l)" = 1 ] \
    || fail "$(cat "$tmp/out")"
hv rm --yes --disks -l kind=disk > "$tmp/out"
[ "$(grep -c "is removed" "$tmp/out")" = 2 ] || fail "rm -l"
hv rm --yes --all > "$tmp/out" 2> "$tmp/err"
[ -z "$(ls "$tmp/vm.d")" ] || fail "rm --all: $(ls "$tmp/vm.d")"
