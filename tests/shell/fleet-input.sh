#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Mistakes in the definition of a fleet are refused, with file and line, once for
# the fleet and not for each of its VMs.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
fleet=$tmp/vm.d/edge.conf

# fleet LINE...: a fleet with these lines.
fleet ()
{
    { printf '%s\n' "$@"
      printf 'memory = 16M\nhypervisor = null\n'; } > "$fleet"
}

# once PATTERN: validate says that, in one line.
once ()
{
    expect_fail 7 "$1" hv validate
    [ "$(grep -c "$1" "$tmp/err")" = 1 ] || fail "more than once: $(cat "$tmp/err")"
}

for count in 0 -1 1000000000 99999999999999999999 10001 x 1.5 '""' '"3 "'; do
    fleet "# a comment" "count = $count"
    once "edge.conf:2: count = .* is not a number from 1 to 10000$"
    expect "edge  *invalid" hv list
    expect_fail 7 "edge.conf:2: count" hv start edge
    expect_fail 7 "edge.conf:2: count" hv start edge-0
done
fleet 'count = "${vars.n}"'
once "edge.conf:1: count = .* contains a variable"
fleet 'count = 2' 'count = 3'
once "edge.conf:2: .*count"
fleet 'count = 2' 'first = -1'
once "edge.conf:2: first = .* is not a number from 0 to 999999999$"
fleet 'count = 2' 'first = 999999999'
once "edge.conf:1: the last index would be 1000000000, and at most 999999999"
fleet 'first = 2'
once "edge.conf:1: 'first' is for fleets, and there is no 'count'"
fleet 'count = 2' 'cuont = 3'
once "edge.conf:2: unknown key 'cuont'.*did you mean 'count'"
fleet 'count = 2' 'disk a {'
expect_fail 7 "edge.conf:" hv validate
expect_fail 7 "edge.conf:" hv validate edge-1
rm "$fleet"

# A name that is too long with its index.
long=$(printf '%061d' 0)
printf 'count = 10\nmemory = 16M\nhypervisor = null\n' > "$tmp/vm.d/$long.conf"
hv validate
printf '\ncount = 11\nmemory = 16M\nhypervisor = null\n' > "$tmp/vm.d/$long.conf"
once "$long.conf:2: the name of a member is not valid: .* has 64 characters; at most 63"
rm "$tmp/vm.d/$long.conf"

# Where 'count' has no meaning.
mkdir "$tmp/conf.d"
printf 'template t {\n    count = 3\n    cpus = 2\n}\n' > "$tmp/conf.d/t.conf"
fleet 'templates = { t }' 'count = 2'
once "t.conf:2: a template cannot have 'count'"
rm "$tmp/conf.d/t.conf"
fleet 'count = 2'
echo 'count = 2' > "$tmp/vm.d/edge-1.conf"
once "edge-1.conf:1: edge-1 is a VM of fleet edge (.*edge.conf:1), so its own file cannot have 'count'"
rm "$tmp/vm.d/edge-1.conf"
expect_fail 2 "count.*--count" hv create vm1 --set count=3

# Beside a fleet: a VM of its own, and perhaps left over.
printf 'memory = 32M\nhypervisor = null\n' > "$tmp/vm.d/edge-2.conf"
cp "$tmp/vm.d/edge-2.conf" "$tmp/vm.d/edge-02.conf"
hv validate 2> "$tmp/err"
grep -q "edge-2.conf: edge-2 is a VM of its own, since fleet edge has edge-0 … edge-1 (.*edge.conf:1)" \
    "$tmp/err" || fail "no warning: $(cat "$tmp/err")"
[ "$(wc -l < "$tmp/err")" = 1 ] || fail "too many: $(cat "$tmp/err")"
expect '"memory": *"32M"' hv -o json show edge-2
rm "$tmp/vm.d/edge-2.conf" "$tmp/vm.d/edge-02.conf"

# What its VMs must not share.  A command for one of them finds it, too.
# shared LINE PATTERN
shared ()
{
    fleet 'count = 3' "$1"
    once "edge.conf:2: VMs of fleet edge would have the same $2"
    expect_fail 7 "edge.conf:2: VMs of fleet edge would have the same $2" \
        hv create-disks edge-2
}
shared 'nic lan { network = null mac = 52:54:00:00:00:01 }' \
    "'mac' of nic lan (\"52:54:00:00:00:01\"): use \${index} or \${name} in it, or leave it out"
shared 'disk root { pool = null volume = one size = 1M }' \
    "'volume' of disk root (\"one\"): use"
shared "disk root { image = \"$tmp/disks/x\" format = raw }" \
    "'image' of disk root .*or set readonly = yes"
shared 'nic lan { network = null forward = tcp:127.0.0.1:2222:22 }' \
    "'forward' of nic lan (\"tcp:127.0.0.1:2222:22\"): use"
fleet 'count = 1' 'nic lan { network = null mac = 52:54:00:00:00:01 }'
hv validate
fleet 'count = 5' 'disk root { pool = null volume = "v${index / 2}" size = 1M }'
once "edge.conf:2: VMs of fleet edge would have the same 'volume' of disk root"
fleet 'count = 5' 'uuid = "00000000-0000-4000-8000-00000000000${index / 2}"'
once "edge.conf:2: VMs of fleet edge would have the same 'uuid'"
# A mistake of many is said once, with an example; that of one, with its name.
fleet 'count = 300' 'nic lan { network = null mac = "52:54:00:00:00:${index}x" }'
once "edge.conf:2: nic lan: mac = \"52:54:00:00:00:0x\" .* is not a MAC address such as .* (edge-0, and 299 more of fleet edge)"
[ "$(wc -l < "$tmp/err")" = 1 ] || fail "more: $(cat "$tmp/err")"
fleet 'count = 300' 'nic lan { network = null boot = "${index + 702}" }'
once "edge.conf:2: boot must be from 1 to 1000.* (\"\${index + 702}\" is \"1001\") (edge-299)"
[ "$(wc -l < "$tmp/err")" = 1 ] || fail "more: $(cat "$tmp/err")"
fleet 'count = 300' 'cpuz = 2'
once "edge.conf:2: unknown key 'cpuz': did you mean 'cpus'"

# Commands for several VMs tell what these share once, and whom it concerns; JSON
# has it for each.
echo 'template bad { memory = "${nope}" }' >> "$tmp/hvctl.conf"
fleet 'count = 7' 'templates = { bad }' \
    'nic lan { network = null forward = "${1 / 0}:22" }' \
    'disk root { pool = null volume = "${name}" size = "${none}" }'
sed -i '/^memory/d' "$fleet"
for command in start status plan diff "apply --yes" "apply --check" create-disks "snapshot create"; do
    set -- $command edge
    [ "$command" != "snapshot create" ] || set -- "$@" s1
    expect_fail 7 'memory = "${nope}", character 3: there is no variable' hv "$@"
    # On a slow machine it says whom it waits for, beside.
    [ "$(grep -vc 'waiting for' "$tmp/err")" = 4 ] \
        || fail "$command: $(cat "$tmp/err")"
    grep -q '^hvctl: .*edge.conf:3: nic lan: forward = "${1 / 0}:22", character 5: a division by zero$' \
        "$tmp/err" || fail "$command, no section: $(cat "$tmp/err")"
    grep -q '^hvctl: .*edge.conf:4: disk root: size = "${none}", character 3' \
        "$tmp/err" || fail "$command, no section: $(cat "$tmp/err")"
    grep -q '^hvctl: the same applies to .*edge-[0-9], and 1 more VM$' \
        "$tmp/err" || fail "$command: of whom?: $(cat "$tmp/err")"
    [ "$(hv -o json "$@" 2> /dev/null | grep -o 'division by zero' | wc -l)" = 7 ] \
        || fail "$command: JSON"
done
sed -i '/^template bad/d' "$tmp/hvctl.conf"

# One that names its VM, or a part of it, is the same one, too; not that of
# another line.
fleet 'count = 4' 'disk root { pool = null }'
for command in start plan restart; do
    expect_fail '[1-9]' "edge.conf:2: disk root: volume edge-[0-3]-root of pool null" \
        hv $command edge
    [ "$(grep -c "disk root: volume" "$tmp/err")" = 1 ] \
        || fail "$command: $(cat "$tmp/err")"
    grep -q '^hvctl: the same applies to edge-[0-3], edge-[0-3], edge-[0-3]$' "$tmp/err" \
        || fail "$command: of whom?: $(cat "$tmp/err")"
done
expect_fail 7 "^$tmp/vm.d/edge.conf:2: disk root: volume edge-0-root .*(edge-0, and 3 more of fleet edge)$" \
    hv validate edge
[ "$(wc -l < "$tmp/err")" = 1 ] || fail "validate: $(cat "$tmp/err")"
echo 'disk root { pool = null }' > "$tmp/vm.d/edge-3.conf"
hv start edge 2> "$tmp/err" && fail "it starts" || :
[ "$(grep -c "disk root: volume" "$tmp/err")" = 2 ] || fail "edge-3: $(cat "$tmp/err")"
rm "$tmp/vm.d/edge-3.conf"

# Not only the first two: every command for one of them refuses, whichever it is.
fleet 'count = 5' 'disk root { pool = null volume = "v${index % 2}" size = 1M }' \
    'nic lan { network = null mac = "52:54:00:00:00:0${index % 4}" }'
once "edge.conf:2: VMs of fleet edge would have the same 'volume' of disk root"
grep -q "edge.conf:3: VMs of fleet edge would have the same 'mac' of nic lan" \
    "$tmp/err" || fail "no MAC: $(cat "$tmp/err")"
for command in create-disks start diff "apply --check" plan "show --origin" \
    "resize --memory 32M" "clone x" "rename x"; do
    for vm in edge-0 edge-1 edge-4; do
        case $command in
        clone* | rename*) set -- "${command% *}" $vm "${command#* }" ;;
        *) set -- $command $vm ;;
        esac
        expect_fail 7 "edge.conf:2: VMs of fleet edge would have the same" hv "$@"
    done
done
truncate -s 1M "$tmp/disks/x"
fleet 'count = 5' "disk root { image = \"$tmp/disks/x\" format = raw readonly = yes }" \
    'nic lan { network = null mac = "52:54:00:00:00:0${index}" }'
hv validate

# Two fleets, or a fleet and a VM.
sed 's/count = 5/count = 1/
    s/mac =/forward = tcp:127.0.0.1:2222:22 &/' "$fleet" | tee "$tmp/vm.d/other.conf" > "$tmp/out"
cp "$tmp/out" "$fleet"
expect_fail 7 "MAC 52:54:00:00:00:00 is used twice: by other-0, and also by edge-0 at .*edge.conf:3" \
    hv validate
grep -q "port 2222 (tcp) of 127.0.0.1 is used twice: by other-0, and also by edge-0" \
    "$tmp/err" || fail "no port"
