#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# No option is ignored beside another one: of each pair of options of each
# command both have their effect, or the pair is refused.  A pair that the
# table below does not have fails the test.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2
requires qemu-img
make_host < /dev/null
add_null

# options_of COMMAND: its own, one a line.
options_of ()
{
    # shellcheck disable=SC2086
    "$HVCTL" help $1 | sed -n 's/^  \(-., \)*--\([a-z-]*\)[ :].*/\2/p'
}

"$HVCTL" help | sed -n 's/^  \([a-z][a-z -]\{15\}\).*/\1/p' | sed 's/ *$//' \
    > "$tmp/commands"
while read -r command; do
    options_of "$command" | awk -v c="$command" \
        '{ for (i = 1; i < NR; i++) print c ": " o[i] " " $0; o[NR] = $0 }'
done < "$tmp/commands" > "$tmp/all"
n=$(options_of create | wc -l)
[ "$(grep -c "^create:" "$tmp/all")" -eq $((n * (n - 1) / 2)) ] \
    || fail "create: $n options, and $(grep -c "^create:" "$tmp/all") pairs"
: > "$tmp/tried"

# tried COMMAND A B: in both orders.
tried ()
{
    echo "$1: $2 $3" >> "$tmp/tried"
    echo "$1: $3 $2" >> "$tmp/tried"
}

# --------------------------------------------------------------------- create
# Its option, a value, and the line that the definition then has.
touch "$tmp/kernel" "$tmp/initrd"
cat > "$tmp/create" <<END
memory|17M|memory = 17M
cpus|2|cpus = 2
disk|d:1M|disk d {
nic|n:null|nic n {
kernel|$tmp/kernel|kernel = "$tmp/kernel"
initrd|$tmp/initrd|initrd = "$tmp/initrd"
append|words|append = words
firmware|uefi|firmware = uefi
secure-boot||secure_boot = yes
hypervisor|null|hypervisor = null
machine|null|machine = null
arch|x86_64|arch = x86_64
accelerator|tcg|accelerator = tcg
cpu|null|cpu = null
count|2|count = 2
first|3|first = 3
template|t|templates = { t }
set|rng=no|rng = no
END
echo 'template t { memory = 16M }' >> "$tmp/hvctl.conf"
options_of create | sort > "$tmp/options"
cut -d '|' -f 1 "$tmp/create" | sort | diff - "$tmp/options" \
    || fail "create has other options than this test"

# with OPTION: its arguments, one a line.
with ()
{
    awk -F '|' -v o="$1" '$1 == o { print "--" $1; if ($2) print $2 }' \
        "$tmp/create"
}

line_of ()
{
    awk -F '|' -v o="$1" '$1 == o { print $3 }' "$tmp/create"
}

refused=0
while read -r a; do
    while read -r b; do
        [ "$a" != "$b" ] || continue
        tried create "$a" "$b"
        { with "$a"; with "$b"; echo vm1; } > "$tmp/arguments"
        if tr '\n' '\0' < "$tmp/arguments" \
            | xargs -0 "$HVCTL" -c "$tmp/hvctl.conf" create \
            > "$tmp/out" 2> "$tmp/err"; then
            for o in "$a" "$b"; do
                grep -qF -e "$(line_of "$o")" "$tmp/vm.d/vm1.conf" || {
                    cat "$tmp/vm.d/vm1.conf"
                    fail "create --$a --$b: nothing of --$o"
                }
            done
            hv rm --disks --yes vm1 > "$tmp/out"
        else
            refused=$((refused + 1))
            grep -q -i -e "$(echo "$a" | tr - .)" -e "$(echo "$b" | tr - .)" \
                "$tmp/err" || {
                cat "$tmp/err"
                fail "create --$a --$b: refused, and neither is named"
            }
            [ ! -e "$tmp/vm.d/vm1.conf" ] || fail "create --$a --$b: half made"
        fi
    done < "$tmp/options"
done < "$tmp/options"
# --first needs --count: 36 pairs.
[ $refused -lt 156 ] || fail "create refuses $refused pairs: a broken test"

# ---------------------------------------------------------------------- others
define_null on
define_null off
hv start on 2> "$tmp/err"

tried show effective origin
expect_fail 2 "exclude each other" hv show --effective --origin on
tried show effective host
tried show origin host
expect_fail 2 "not combined" hv show --effective --host
expect_fail 2 "not combined" hv show --origin --host
expect_fail 2 "without a DOCUMENT" hv schema --vim list
tried gen-id vm device
hv gen-id --vm off --device a/b > "$tmp/id"
[ "$(hv gen-id --device a/b --vm off)" = "$(cat "$tmp/id")" ] || fail "gen-id"
tried list names running
[ "$(hv list --names --running)" = on ] || fail "list --names --running"
[ "$(hv list --running --names)" = on ] || fail "list --running --names"
hv list -o json --names --running | grep -q '"off"' && fail "the same as JSON"
[ "$(hv list --running --names off on)" = on ] || fail "list --running, names"

tried list names wide
expect_fail 2 "exclude" hv list --names --wide
expect_fail 2 "exclude" hv list --wide --names
tried list running wide
[ "$(hv list --running --wide | wc -l)" = 2 ] || fail "list --running --wide"
expect "^NAME .* MAC .*DISKS" hv list --running --wide
expect "default/on-root\|null/on-root" hv list --running --wide

# --jobs: those that are named, whatever else is asked.
for n in 1 2; do
    define_null job$n
done
hv start --jobs 1 --sandbox log job1 job2 2> "$tmp/err"
[ "$(hv list -o json 'job*' | grep -c '"sandbox": *"log"')" = 2 ] \
    || fail "start --jobs --sandbox"
hv stop -j 2 --timeout 9 'job*' > "$tmp/out"
[ "$(grep -c "has shut down" "$tmp/out")" = 2 ] || fail "stop -j -t"
hv start --fresh -j 2 'job*' 2> "$tmp/err"
hv restart --timeout 9 --jobs 2 'job*' > "$tmp/out" 2> "$tmp/err"
[ "$(grep -c "is running" "$tmp/out")" = 2 ] || fail "restart -t -j"
hv snapshot create --memory -j 2 'job*' s1 > "$tmp/out" 2> "$tmp/err" || :
hv kill -j 2 'job*' > "$tmp/out"
hv rm --yes --disks --jobs 2 'job*' > "$tmp/out"
[ "$(grep -c "is removed, and so are its disks" "$tmp/out")" = 2 ] \
    || fail "rm --yes --disks -j"
hv start --console --jobs 3 off < /dev/null > "$tmp/out" 2> "$tmp/err" || :
grep -q "off is running" "$tmp/out" || fail "start --console --jobs"
hv kill off > "$tmp/out"
for wrong in 0 257 x -1 ''; do
    expect_fail 2 "from 1 to 256" hv stop --jobs "$wrong" on off
done
tried start jobs sandbox
tried start jobs fresh
tried start jobs console
tried stop jobs timeout
tried restart jobs timeout
tried rm jobs disks
tried rm jobs yes
tried "snapshot create" jobs memory

# --label and --all with all others: what they select, whatever else is asked.
echo 'labels { role = x }' >> "$tmp/vm.d/off.conf"
hv kill on > "$tmp/out"
for option in -l --label=; do
    for command in "kill -j 1" "start --sandbox log" "kill -j 2" "start --fresh" \
        "kill -j 2" "start -j 2" "pause -j 2" "resume -j 2" "status" \
        "stop -t 9" "stop -j 2" \
        "restart --timeout 9" "restart -j 2" "save -j 2" "plan --command" \
        "list --names" "list --running" "list --wide" "list -C name,state" \
        "list --sort name" "create-disks" "validate" "diff" \
        "apply --check" "apply --yes" "apply --jobs 2 --yes"; do
        # shellcheck disable=SC2086
        hv $command ${option}role=x > "$tmp/out" 2> "$tmp/err" || [ $? = 6 ] \
            || fail "$command $option: $(cat "$tmp/err")"
        ! grep -w "on" "$tmp/out" || fail "$command $option: another VM"
    done
done
hv kill --all > "$tmp/out"
# Neither is more than a choice: of what is printed, and for how long.
for select in --all "--label role=x"; do
    for command in "ip --first" "wait --for ip" "wait --for ip --timeout 9s" \
        "wait --timeout 9s --for ip" "ssh-config --user me"; do
        # shellcheck disable=SC2086
        expect_fail 6 "is not running" hv $command $select
    done
done
sed -i 's/^labels.*/autostart = yes/' "$tmp/vm.d/off.conf"
for other in "--sandbox log" --fresh "-j 2" "--console"; do
    # shellcheck disable=SC2086
    hv start --autostart $other < /dev/null > "$tmp/out" 2> "$tmp/err" || :
    [ "$(hv list -r --names)" = off ] || fail "start --autostart $other"
    hv kill off > "$tmp/out"
done
for other in label all jobs console sandbox fresh; do
    tried start autostart $other
done
expect_fail 2 "one VM" hv start --all --console
expect_fail 2 "exclude" hv start --all --autostart
# In tests/shell/select.sh, list-columns.sh and start-order.sh.
for command in start stop kill restart pause resume save status rm plan \
    create-disks validate diff apply list "sandbox learn" "snapshot create" ip wait \
    ssh-config; do
    options_of "$command" | while read -r other; do
        for option in all label; do
            [ $option = "$other" ] || echo "$command: $option $other"
            [ $option = "$other" ] || echo "$command: $other $option"
        done
    done >> "$tmp/tried"
done
for a in mac ip uuid columns sort; do
    for b in mac ip uuid columns sort names running wide; do
        [ $a = $b ] || tried list $a $b
    done
done
expect_fail 2 "exclude" hv list --columns name --names
expect_fail 2 "exclude" hv list --columns name --wide
mac=$(hv list -C mac on | tail -n 1)
uuid=$(hv list -C uuid on | tail -n 1)
for other in --names --wide "-C name" "-s name" "--uuid $uuid"; do
    # shellcheck disable=SC2086
    [ "$(hv list --mac "$mac" $other | grep -c '^on')" = 1 ] \
        || fail "list --mac $other"
done
[ -z "$(hv list --mac "$mac" --running)" ] || fail "list --mac --running"
[ "$(hv list --running --sort -name --columns name | wc -l)" = 0 ] || fail "none"
expect_fail 3 "all of these" hv list --ip 192.0.2.1 --uuid "$uuid"
hv start on 2> "$tmp/err"

tried rm disks yes
tried wait for timeout
hv create gone --hypervisor null --disk root:1M > "$tmp/out"
expect "default/gone-root" hv rm --disks --yes gone
[ ! -e "$tmp/state/disks/gone-root.qcow2" ] || fail "the volume is there"

# There is no console of the null plugin: what comes before it has its effect.
for other in "--sandbox log" --fresh; do
    # shellcheck disable=SC2086
    hv start --console $other off < /dev/null > "$tmp/out" 2> "$tmp/err" || :
    grep -q "off is running" "$tmp/out" || fail "start --console $other"
    [ "$other" = --fresh ] \
        || expect '"sandbox" *: *"log"' hv status -o json off
    hv kill off > "$tmp/out"
done
tried start console sandbox
tried start console fresh
tried start sandbox fresh
hv start --sandbox log --fresh off 2> "$tmp/err"
expect '"sandbox" *: *"log"' hv status -o json off
hv kill off > "$tmp/out"
expect_fail 2 "one VM" hv start --console on off
expect_fail 6 "" hv status off
expect_fail 2 "" hv start --console -o json off
expect_fail 6 "" hv status off

mkdir -p "$tmp/log/off"
for log in console hypervisor; do
    for which in log log.1; do
        printf '%s 1\n%s 2\n%s 3\n' "$log $which" "$log $which" "$log $which" \
            > "$tmp/log/off/$log.$which"
    done
done
hv logs --hypervisor --previous off > "$tmp/out"
[ "$(head -n 1 "$tmp/out")" = "hypervisor log.1 1" ] || fail "logs"
hv logs --hypervisor --lines 1 off > "$tmp/out"
[ "$(cat "$tmp/out")" = "hypervisor log 3" ] || fail "logs --hypervisor --lines"
hv logs --previous --lines 2 off > "$tmp/out"
[ "$(head -n 1 "$tmp/out")" = "console log.1 2" ] || fail "logs -p -n"
# It does not run: there is nothing to wait for.
timeout 20 "$HVCTL" -c "$tmp/hvctl.conf" logs --follow --lines 1 off \
    > "$tmp/out" || fail "logs -f of what has stopped does not end"
[ "$(cat "$tmp/out")" = "console log 3" ] || fail "logs -f -n"
timeout 20 "$HVCTL" -c "$tmp/hvctl.conf" logs --follow --hypervisor off \
    > "$tmp/out" || fail "logs -f --hypervisor"
[ "$(head -n 1 "$tmp/out")" = "hypervisor log 1" ] || fail "logs -f --hypervisor"
expect_fail 2 "previous" hv logs --follow --previous off
tried logs follow hypervisor
tried logs follow previous
tried logs follow lines
tried logs hypervisor previous
tried logs hypervisor lines
tried logs previous lines

hv create big --hypervisor null --memory 16M --disk root:1M > "$tmp/out"
hv resize big --cpus 2 --memory 17M --disk root=2M > "$tmp/out"
for line in "cpus = 2" "memory = 17M" "size = 2M"; do
    grep -q "$line" "$tmp/vm.d/big.conf" || fail "resize: no '$line'"
done
hv snapshot create --disk root --jobs 2 'big*' s1 > "$tmp/out"
grep -q "big: snapshot s1 is created" "$tmp/out" || fail "snapshot create -d -j"
tried "snapshot create" disk jobs
tried resize cpus memory
tried resize cpus disk
tried resize memory disk

hv clone big copy --snapshot s1 --full > "$tmp/out"
! qemu-img info "$tmp/state/disks/copy-root.qcow2" | grep "backing file" \
    || fail "clone --full --snapshot"
tried clone snapshot full

# --check asks nothing and makes nothing; the others are in apply.sh.
expect_fail 2 'leave out --yes' hv apply --check --yes
expect_fail 2 'leave out --jobs' hv apply --check --jobs 2
expect_fail 2 'not a number from 1' hv apply --jobs x --yes
hv apply --jobs 2 --yes --start big on > "$tmp/out"
hv apply --remove --jobs 2 --yes --start big on > "$tmp/out"
hv apply --remove --check on > "$tmp/out" || [ $? = 10 ] || fail "--remove --check"
tried apply remove jobs # More of them is in leftovers.sh.
tried apply remove start
tried apply remove yes
tried apply check remove
tried apply check yes
tried apply check jobs
tried apply check start
tried apply jobs start
tried apply jobs yes
tried apply start yes

# The memory belongs to all disks.
expect_fail 2 "do not combine it with --disk" \
    hv snapshot create big s --memory --disk root
tried "snapshot create" disk memory

qemu-img create -q -f qcow2 "$tmp/base.qcow2" 1M
(cd "$tmp" && "$HVCTL" -c "$tmp/hvctl.conf" volume create --backing base.qcow2 \
    --backing-format qcow2 over) > "$tmp/out" || fail "a relative backing file"
(cd "$tmp" && "$HVCTL" -c "$tmp/hvctl.conf" volume create --backing base.qcow2 \
    over2) > "$tmp/out" || fail "a backing file whose format is to be looked at"
expect "$tmp/base.qcow2" qemu-img info "$tmp/state/disks/over2.qcow2"
expect_fail 2 "backing" hv volume create --backing-format qcow2 over3 1M
expect_fail '[1-9]*' "qcow2" hv volume create --backing "$tmp/base.qcow2" \
    --backing-format raw over3
tried "volume create" backing backing-format

truncate -s 1M "$tmp/a.raw"
sha=$(sha256sum < "$tmp/a.raw" | cut -c 1-64)
expect "image b1 is" hv image import "$tmp/a.raw" --name b1 --sha256 "$sha"
tried "image import" name sha256
expect "image b2 is" hv image import "$tmp/a.raw" --unverified --name b2
tried "image import" name unverified
for order in "--unverified --sha256 $sha" "--sha256 $sha --unverified"; do
    # shellcheck disable=SC2086
    expect_fail 2 "exclude each other" hv image import "$tmp/a.raw" $order
done
tried "image import" sha256 unverified
expect "image b3 is" hv image import "$tmp/a.raw" --max-size 1M --name b3 \
    --unverified
tried "image import" max-size name
tried "image import" max-size unverified
expect "image b4 is" hv image import --sha256 "$sha" --max-size 1M \
    --name b4 "$tmp/a.raw"
tried "image import" max-size sha256
expect_fail 2 "timeout is for downloads" hv image import "$tmp/a.raw" \
    --timeout 5s --sha256 "$sha" --name b5 --max-size 1M
expect_fail 2 "timeout is for downloads" hv image import "$tmp/a.raw" \
    --unverified --timeout 5s
for option in name sha256 unverified max-size; do
    tried "image import" timeout $option
done
for option in "--sha256 $sha" --unverified; do
    # shellcheck disable=SC2086
    expect_fail 2 "exclude each other" hv image import "$tmp/a.raw" $option \
        --signature "$tmp/a.raw"
done
tried "image import" signature sha256
tried "image import" signature unverified
expect_fail 8 "it is not a signature\|without gpgv" hv image import "$tmp/a.raw" \
    --signature "$tmp/a.raw" --name b5 --max-size 1M
tried "image import" signature name
tried "image import" signature max-size
expect_fail 2 "timeout is for downloads" hv image import "$tmp/a.raw" \
    --signature "$tmp/a.raw" --timeout 5s
tried "image import" signature timeout

# What is printed alone may be for another host; with --dry-run, it is for this
# one.
echo '{ "storage": { "s": { "path": "/nowhere", "type": "raw" } } }' \
    > "$tmp/im-host.json"
echo '{ "name": "im", "attrs": { "memory": { "ram": 64 } },
    "volumes": [ { "name": "os", "storage": "s" } ] }' > "$tmp/im.json"
import ()
{
    hv import --from machina "$@" "$tmp/im-host.json" "$tmp/im.json" \
        2> "$tmp/err" > "$tmp/out"
}
import --name im2 --print
grep -q "^# im2, imported" "$tmp/out" || fail "--name is ignored by --print"
! import --name im2 --dry-run || fail "there is no such disk"
grep -q "im2: .*nowhere/os.raw does not exist" "$tmp/err"
! import --name im2 --dry-run --print || fail "there is no such disk"
grep -q "im2: .*nowhere/os.raw does not exist" "$tmp/err"
[ ! -e "$tmp/vm.d/im2.conf" ] || fail "--dry-run or --print writes"
tried import dry-run print
tried import from dry-run
tried import from name
tried import from print
tried import name dry-run
tried import name print

# In tests/shell/agent.sh.
tried exec timeout no-stdin

# In tests/e2e/console.sh and tests/unit/test-core-learn.c, with what they need.
tried console escape log
tried console escape force
tried console log force
tried "sandbox learn" arch unused

sort -u "$tmp/tried" > "$tmp/sorted"
sort -u "$tmp/all" | comm -23 - "$tmp/sorted" > "$tmp/untried"
[ ! -s "$tmp/untried" ] || {
    cat "$tmp/untried"
    fail "these pairs are not tried here"
}

# ------------------------------------------------------- with -o json, errors
# Wherever it stands, and whatever is wrong.
for arguments in "frob" "list --frob" "volume" "volume frob" "create" \
    "show" "start" "resize on" "list -t" "logs on" "console on" \
    "completion bash" "completion frob" "help frob" "status a/b" \
    "volume create x y" "snapshot create" "stop --timeout x on" \
    "start --sandbox frob off" "volume rm nope" "--frob" "-x list" "" \
    "logs -n x on" "sandbox show nope" "plugin show nope" "edit nope"; do
    for json in "-o json $arguments" "$arguments --output=json"; do
        # shellcheck disable=SC2086
        status=0
        # shellcheck disable=SC2086
        hv $json > "$tmp/out" 2> "$tmp/err" || status=$?
        [ $status -ne 0 ] || fail "hvctl $json: exit status 0"
        grep -q '"message":' "$tmp/out" || {
            cat "$tmp/out" "$tmp/err"
            fail "hvctl $json: its error is no JSON"
        }
        [ ! -s "$tmp/err" ] || {
            cat "$tmp/err"
            fail "hvctl $json: it is said elsewhere, too"
        }
    done
done

# -------------------------------------------------------------------- SPECs
rules="tcp:127.0.0.1:2222:22,udp:127.0.0.1:5353:53"
for spec in "lan:null,forward=tcp:127.0.0.1:2222:22,udp:127.0.0.1:5353:53" \
    "lan:null,forward=tcp:127.0.0.1:2222:22,forward=udp:127.0.0.1:5353:53" \
    "lan:null,forward=\"$rules\"" ; do
    expect_fail '[1-9]*' "forward" hv create v --hypervisor null --nic "$spec"
    hv create v --hypervisor null > "$tmp/out"
    # The null network takes none: the definition is what counts.
    sed -i '/forward/d' "$tmp/vm.d/v.conf"
    hv rm --yes v > "$tmp/out"
done
if [ -f "$plugins/net_user.so" ]; then
    for spec in "lan:user,forward=tcp:127.0.0.1:2222:22,udp:127.0.0.1:5353:53" \
        "lan:user,forward=tcp:127.0.0.1:2222:22,forward=udp:127.0.0.1:5353:53" \
        "lan:user,queues=1,forward=\"$rules\",boot=3"; do
        hv create v --hypervisor null --nic "$spec" > "$tmp/out" 2> "$tmp/err" \
            || { cat "$tmp/err"; fail "--nic $spec"; }
        grep -q "forward = \"$rules\"" "$tmp/vm.d/v.conf" || {
            cat "$tmp/vm.d/v.conf"
            fail "--nic $spec: another value"
        }
        hv rm --yes v > "$tmp/out"
    done
fi
mkdir "$tmp/a,b"
qemu-img create -q -f qcow2 "$tmp/a,b/c\"d.qcow2" 1M
hv create v --hypervisor null \
    --disk "root:image=\"$tmp/a,b/c\\\"d.qcow2\",boot=1" > "$tmp/out" \
    || fail "a path with a comma and a quote"
hv rm --yes v > "$tmp/out"
expect_fail 2 "given twice" hv create v --disk root:1M,size=2M
expect_fail 2 "double quotes" hv create v --disk root:1M,2M
expect_fail 2 "at the end" hv create v --disk 'root:1M,serial="x'
expect_fail 2 "did you mean 'pool'" hv create v --disk root:1M,pol=x

hv kill on > "$tmp/out"
assert_nothing_left
