#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every disk that a VM writes can be enlarged while it is off, an image outside
# of any pool as well; not what another one runs on, nor what is read-only.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-raw storage-qcow2
requires qemu-img
make_host
add_null
truncate -s 8M "$tmp/a.raw"
echo kept | dd of="$tmp/a.raw" conv=notrunc status=none
qemu-img create -q -f qcow2 "$tmp/b.qcow2" 8M
cp "$tmp/a.raw" "$tmp/cd.iso"
define vm1 <<END
memory = 16M
hypervisor = null
disk a { image = "$tmp/a.raw" format = raw }
disk b { image = "$tmp/b.qcow2" format = qcow2 }
disk c { size = 8M }
disk cd { cdrom = "$tmp/cd.iso" }
disk ro { image = "$tmp/cd.iso" format = raw readonly = yes }
END
hv create-disks vm1 > "$tmp/out"
defined=$(cat "$tmp/vm.d/vm1.conf")

# sizes A B C: in MiB, for the guest.
sizes ()
{
    is=$(for file in "$tmp/a.raw" "$tmp/b.qcow2" \
        "$(find "$tmp/state" -name 'vm1-c*')"; do
        qemu-img info "$file" \
            | sed -n 's/^virtual size: .*(\([0-9]*\) bytes).*/\1/p'
    done | awk '{ printf "%d ", $1 / 1048576 }')
    [ "$is" = "$* " ] || fail "sizes $is, not $*"
}

sizes 8 8 8
expect "is changed (offline\|is changed" hv resize vm1 --disk a=16M
sizes 16 8 8
expect "is changed" hv resize vm1 --disk b=12M --disk c=24M
sizes 16 12 24
[ "$(head -n 1 "$tmp/a.raw" | tr -d '\0')" = kept ] || fail "a has lost data"
qemu-img check -q "$tmp/b.qcow2"
[ "$(sed s/24M/8M/ "$tmp/vm.d/vm1.conf")" = "$defined" ] \
    || fail "the definition: $(cat "$tmp/vm.d/vm1.conf")"
for disk in a b; do
    expect_fail 1 "can only grow" hv resize vm1 --disk $disk=1M
done
for disk in cd ro; do
    expect_fail 1 "disk $disk is read-only" hv resize vm1 --disk $disk=32M
done
[ "$(stat -c %s "$tmp/cd.iso")" = 8388608 ] || fail "cd.iso has grown"

# Another one has it, and runs.
sed '/cd.iso/d; /disk c/d' "$tmp/vm.d/vm1.conf" > "$tmp/vm.d/vm2.conf"
hv start vm2
for disk in a b; do
    expect_fail 5 "in use\|vm2" hv resize vm1 --disk $disk=64M
done
sizes 16 12 24
hv stop vm2
expect "is changed" hv resize vm1 --disk a=64M
sizes 64 12 24
assert_nothing_left
