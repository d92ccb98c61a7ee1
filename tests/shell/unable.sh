#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A hypervisor that cannot do what is asked of a running VM: that is said, once,
# and nothing was done, interrupted, or is left for the next command.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
make_host
add_null
define_null vm1
sed -i /^disk/d "$tmp/vm.d/vm1.conf" # Its pool has no snapshots.
cat >> "$tmp/vm.d/vm1.conf" <<END
disk two { size = 8M }
disk root { size = 8M }
END
hv create-disks vm1 > "$tmp/out"
defined=$(cat "$tmp/vm.d/vm1.conf")
truncate -s 1M "$tmp/disks/vm1-more.null"

# unable OPERATIONS COMMAND...: of a hypervisor without these.
unable ()
{
    HVCTL_NULL_WITHOUT=$1
    shift
    status=0
    hv "$@" > "$tmp/out" 2> "$tmp/err" || status=$?
    said=$(cat "$tmp/err")
    case $status/$said in
        0/*"hvctl: "*"hvctl: "* | [1-9]*/*"hvctl: "*"hvctl: "*)
            fail "$HVCTL_NULL_WITHOUT: $*: said twice: $said" ;;
        0/*) case $1 in
                detach-*) later="of vm1; .* until it stops: its hypervisor" ;;
                *) later="of vm1; the guest gets it at its next start: its hyp" ;;
            esac
            grep -q "$later" "$tmp/out" || fail "$HVCTL_NULL_WITHOUT: $*: $(cat "$tmp/out")" ;;
        [1-9]*/*cannot*) ;;
        *) fail "$HVCTL_NULL_WITHOUT: $*: exit status $status: $said" ;;
    esac
    left=$(ls -A "$tmp/state/changes" 2> /dev/null; ls -A "$tmp/vm.d" \
        | grep -vx vm1.conf || :; find "$tmp/state" -name '*.new')
    [ -z "$left" ] || fail "$HVCTL_NULL_WITHOUT: $*: left: $left"
    hv status vm1 > "$tmp/out" 2> "$tmp/err"
    grep -q "^vm1 is running" "$tmp/out" || fail "$*: $(cat "$tmp/out")"
    [ ! -s "$tmp/err" ] || fail "$*: the next one says: $(cat "$tmp/err")"
    printf '%s\n' "$defined" > "$tmp/vm.d/vm1.conf"
    hv snapshot list vm1 | sed 1d > "$tmp/out"
    [ ! -s "$tmp/out" ] || fail "$*: a snapshot: $(cat "$tmp/out")"
}

export HVCTL_NULL_WITHOUT=
hv start vm1
for missing in "pause resume" "pause resume state_files save restore" \
    "state_files save restore"; do
    unable "$missing" save vm1
    unable "$missing" snapshot create vm1 s --memory
done
unable "pause resume" snapshot create vm1 s
unable "" snapshot create vm1 s # It has no overlay_disk, ever.
unable "pause resume" pause vm1
unable "pause resume" resume vm1
unable "attach_disk detach_disk" attach-disk vm1 \
    "more:image=$tmp/disks/vm1-more.null,format=raw"
unable "attach_disk detach_disk" detach-disk vm1 two
unable "attach_nic detach_nic" attach-nic vm1 more:null
unable "attach_nic detach_nic" detach-nic vm1 lan
unable resize resize vm1 --cpus 2
unable resize resize vm1 --memory 32M
unable resize_disk resize vm1 --disk two=16M
HVCTL_NULL_WITHOUT=
hv stop vm1
assert_nothing_left
