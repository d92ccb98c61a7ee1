#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every command that takes the name of a VM, as an argument or with an option,
# takes its UUID or a MAC address as well, by the table of commands.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
uuid=8b18191a-3f5e-4c55-9d0a-0123456789ab
mac=52:54:00:00:00:0b

fresh ()
{
    hv kill vm1 new1 > "$tmp/out" 2>&1 || :
    rm -f "$tmp"/vm.d/*.conf "$tmp"/disks/*
    rm -rf "$tmp"/state/vm "$tmp"/log/*
    define vm1 <<END
uuid = $uuid
memory = 16M
hypervisor = null
disk root { pool = null size = 1M }
nic lan { network = null mac = "$mac" }
END
    hv create-disks vm1 > "$tmp/out"
}

# words USAGE ID: the arguments that a usage asks for.
words ()
{
    for word in $1; do
        case $word in
        *NAME*) printf '%s ' "$2" ;;
        NEW) printf 'new1 ' ;;
        DISK) printf 'root ' ;;
        NIC*) printf 'lan ' ;;
        SPEC) printf 'x:null ' ;;
        *SNAPSHOT*) printf 's1 ' ;;
        *) fail "usage: what is $word?" ;;
        esac
    done
}

n=0
hv help | sed -n 's/^  \([a-z-]*\( [a-z]*\)\{0,1\}\)  .*/\1/p' \
    | sed 's/ *$//' > "$tmp/commands"
while read -r command; do
    # shellcheck disable=SC2086
    hv help $command > "$tmp/help"
    usage=$(sed -n "s/^usage: hvctl $command //p" "$tmp/help")
    option=$(sed -n 's/^ *\(--vm\) NAME .*/\1/p' "$tmp/help")
    usage=$(echo "$usage" | sed 's/\[OPTION…\]//')
    case $command:$usage in
    create:* | import:*) continue ;; # A new one.
    *:NAME* | *:*" NAME"* | *:"[NAME"*) ;;
    *) [ "$option" ] || continue ;;
    esac
    n=$((n + 1))
    # Nobody waits for what has no end by itself.
    seconds=60
    [ "$command" != run ] || seconds=3
    limit=$(sed -n 's/^.* \(--timeout\) TIME: .*/\1 0.1s/p' "$tmp/help")
    for id in $uuid $mac; do
        fresh
        # shellcheck disable=SC2046,SC2086
        EDITOR=true timeout $seconds "$HVCTL" -c "$tmp/hvctl.conf" $command \
            ${option:+$option $id} $limit \
            $([ "$option" ] || words "$usage" "$id") \
            > "$tmp/out" 2> "$tmp/err" < /dev/null || :
        ! grep -q -e "no VM" -e "may contain only" -e "^usage" \
            -e "not a valid name" "$tmp/err" \
            || fail "$command: $(cat "$tmp/err")"
    done
done < "$tmp/commands"
[ $n -gt 25 ] || fail "only $n commands take a VM"

fresh
for id in vm1 $uuid $mac; do
    [ "$(hv gen-id --vm $id)" = $uuid ] || fail "gen-id --vm $id"
    hv gen-id --vm $id --device a/b >> "$tmp/device"
    hv gen-mac $id other >> "$tmp/mac"
done
[ "$(sort -u "$tmp/device" | wc -l)" = 1 ] || fail "gen-id --device"
[ "$(sort -u "$tmp/mac" | wc -l)" = 1 ] || fail "gen-mac"
expect_fail 3 "no VM has the MAC address 52:54:00:00:00:0c" \
    hv gen-id --vm 52:54:00:00:00:0c

# A guest runs with the address that it was started with, whatever its definition
# says by now: both are its.
hv start vm1 > "$tmp/out"
sed -i 's/:0b/:0c/' "$tmp/vm.d/vm1.conf"
for id in $mac 52:54:00:00:00:0c; do
    expect "vm1 is running" hv status $id
    [ "$(hv list --names --mac $id)" = vm1 ] || fail "list --mac $id"
    expect "vm1 *mac of nic lan *$id" hv find $id
    [ "$(hv find $id | wc -l)" = 2 ] || fail "find: $(hv find $id)"
done
define vm2 <<END
memory = 16M
hypervisor = null
nic lan { network = null mac = "$mac" }
END
expect_fail 7 "2 VMs have the MAC address $mac: .*vm1, vm2" hv stop $mac
rm "$tmp/vm.d/vm2.conf" "$tmp/vm.d/vm1.conf"
expect "vm1 *mac of nic lan *$mac" hv find $mac
expect "vm1 has shut down" hv stop $mac
assert_nothing_left
