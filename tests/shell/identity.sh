#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Identifiers of a VM are derived as its definition's 'identity' says: the
# values of other systems, which create, show, plan, gen-id and gen-mac agree
# about; what a VM has stays; what two have is found, with the key to set.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
id=8b18191a-234f-45ce-b43c-b46e28cd2f70

# planned VM KEY VALUE: the plan of the VM has it.
planned ()
{
    hv plan "$1" > "$tmp/plan"
    grep -q "\"$2\":\"$3\"" "$tmp/plan" \
        || fail "$1: no $2 $3: $(grep "\"$2\"" "$tmp/plan")"
}

# machina_vm NAME NIC DISK
machina_vm ()
{
    truncate -s 1M "$tmp/disks/$1-$3.null"
    define "$1" <<END2
uuid = $id
identity = machina
memory = 16M
hypervisor = null
kernel = "$abs_top_srcdir/README.md"
append = "\${uuid} \${mac.$2}"
nic $2 { network = null }
disk $3 { pool = null }
disk cd { cdrom = "$tmp/cd.iso" serial = CD }
END2
}
truncate -s 1M "$tmp/cd.iso"

# machina: VM NIC MAC DISK SERIAL.
while read -r vm nic mac disk serial; do
    machina_vm "$vm" "$nic" "$disk"
    planned "$vm" mac "$mac"
    planned "$vm" serial "$(printf %.20s "$serial")"
    hv show --effective "$vm" | grep -q "^append = .*$id $mac" \
        || fail "$vm: the variables differ"
    [ "$(hv gen-mac "$vm" "$nic")" = "$mac" ] || fail "$vm: gen-mac differs"
    [ "$(hv gen-id --vm "$vm")" = $id ] || fail "$vm: gen-id differs"
    rm "$tmp/vm.d/$vm.conf"
done <<'END2'
test-vm 0 52:54:00:26:77:fa os 9IQ4PUV68QOCNS2C75OKUS04I4
test-vm 0 52:54:00:26:77:fa virtio-win-latest JAVJJVPOOPTIV73ONECE40VFD4
test-vm 0 52:54:00:26:77:fa win10 0V17D9DH4EVT9SFOCV9CFTR0BK
vm1 0 52:54:00:22:5e:2c os 2QF9515UN6M8D358QG5G34IGQO
vm1 lan 52:54:00:7f:4e:52 data FHR1V7NET9SC4S4CSVTUIQQBP4
END2

# Its WWNs, of CD-ROM drives: VM DISK WWN.
while read -r vm disk wwn; do
    define "$vm" <<END2
uuid = $id
identity = machina
memory = 16M
hypervisor = null
disk $disk { cdrom = "$tmp/cd.iso" }
END2
    planned "$vm" wwn "$wwn"
    rm "$tmp/vm.d/$vm.conf"
done <<'END2'
test-vm os 0x5525400908FE6258
test-vm virtio-win-latest 0x5525400982DB87CE
test-vm win10 0x5525400F7C2ED5D0
vm1 os 0x552540079CF32314
vm1 data 0x5525400A0B8B1D45
END2

# Its devices, which hvctl does not have yet.
machina_vm test-vm 0 os
machina_vm vm1 lan os
device=cad-standard/vgpu
hv gen-id --vm test-vm --device $device | grep -qx 3e2cee4d-1002-4989-af98-3e03b8ad3197
hv gen-id --vm vm1 --device $device | grep -qx 72cef397-3dc1-4ff7-978d-1fc58f1662b4
expect_fail 2 "write --device CLASS/NAME" hv gen-id --vm vm1 --device vgpu
expect_fail 2 "needs --vm" hv gen-id --device $device
rm "$tmp/vm.d/vm1.conf" "$tmp/vm.d/test-vm.conf"

# The others: VM, what its definition has, the MAC address.
while IFS='|' read -r vm lines mac; do
    {
        printf 'memory = 16M\nhypervisor = null\n'
        echo "$lines" | tr '@' '\n'
    } | define "$vm"
    planned "$vm" mac "$mac"
    [ "$(hv gen-mac "$vm" n)" = "$mac" ] || fail "$vm: gen-mac differs"
    ! grep -q '"serial":"' "$tmp/plan" || fail "$vm has a serial number"
    rm "$tmp/vm.d/$vm.conf"
done <<'END2'
std-0|identity = balena@identity_base = "02:42:ac:11:00:02"@nic n { }|52:54:00:b9:57:b8
std-1|identity = balena@identity_base = "02:42:ac:11:00:02"@nic n { }|52:54:00:e4:35:1f
std-2|identity = balena@identity_base = "02:42:ac:11:00:02"@nic n { }|52:54:00:69:7c:10
std-3|identity = balena@identity_base = "02:42:ac:11:00:02"@nic n { }|52:54:00:ac:aa:a5
std-4|identity = balena@identity_base = "02:42:ac:11:00:02"@nic n { }|52:54:00:2f:77:bd
sasuke|identity = virshle@uuid = c37b3266-9c59-42bb-8ecf-bdd643236a78@nic n { }|ce:7b:32:66:9c:59
vm1|identity = address@nic n { address = 172.25.160.3 }|52:de:ac:19:a0:03
vm1|identity = address@nic n { address = 172.25.162.3 }|52:de:ac:19:a2:03
END2

# Before there was the key: as main printed it.
define old <<END2
memory = 16M
hypervisor = null
uuid = $id
nic lan { network = null }
END2
planned old mac 52:54:00:27:d1:67
rm "$tmp/vm.d/old.conf"
define_null vm1
planned vm1 uuid d9b335c5-110f-8acc-833b-122d44734f48
planned vm1 mac 52:54:00:4f:2a:cf
! grep -q '"serial":"' "$tmp/plan" || fail "an old VM has a serial number"
[ "$(hv gen-id --vm vm1)" = d9b335c5-110f-8acc-833b-122d44734f48 ]
[ "$(hv gen-id --vm web.example-7)" = e45790bd-828c-8556-b4f1-5f61e1e0773c ]

# create: new VMs have machina's, or their template's, for good.
cat >> "$tmp/hvctl.conf" <<'END2'
template balena {
    memory = 16M
    hypervisor = null
    identity = balena
    identity_base = "02:42:ac:11:00:02"
}
template plain { memory = 16M hypervisor = null }
END2
hv create new --hypervisor null --nic lan:null
grep -qx 'identity = machina' "$tmp/vm.d/new.conf"
! grep -q 'mac = ' "$tmp/vm.d/new.conf" || fail "a MAC address is written"
hv attach-nic new wan:null
planned new mac "$(hv gen-mac new wan)"
[ "$(hv gen-mac new wan)" != "$(hv gen-mac new lan)" ]
hv create chosen --hypervisor null --nic lan:null --set identity=virshle
grep -qx 'identity = "\?virshle"\?' "$tmp/vm.d/chosen.conf"
! grep -q machina "$tmp/vm.d/chosen.conf" || fail "two identities"
hv create plain --template plain --nic lan:null
grep -qx 'identity = machina' "$tmp/vm.d/plain.conf"
hv create std-3 --template balena --nic lan:null
sed -i 's/identity = balena/identity = virshle/; /identity_base/s/.*/#/' \
    "$tmp/hvctl.conf"
grep -qx 'identity = balena' "$tmp/vm.d/std-3.conf" || fail "it is not kept"
sed -i 's/identity = virshle/identity = balena/; s/#/identity_base = "02:42:ac:11:00:02"/' \
    "$tmp/hvctl.conf"
planned std-3 mac 52:54:00:ac:aa:a5
# A VM may choose otherwise than its template.
hv create own-3 --template balena --nic lan:null --set identity=machina
planned own-3 mac "$(hv gen-mac own-3 lan)"

# What is set stays.
sed -i 's/network = null/&\nmac = "52:54:00:00:00:09"/' "$tmp/vm.d/std-3.conf"
planned std-3 mac 52:54:00:00:00:09
[ "$(hv gen-mac std-3 lan)" = 52:54:00:ac:aa:a5 ]

# Two of a kind: guests of one number, NICs of one UUID.
hv create other-3 --template balena --nic lan:null
hv validate > "$tmp/out" || fail "$(cat "$tmp/out")"
sed -i '/^mac = /d' "$tmp/vm.d/std-3.conf"
expect_fail 7 "MAC 52:54:00:ac:aa:a5 is used twice: also by other-3 at .*other-3.conf:[0-9]* (it is derived: set 'mac' here)" \
    hv validate
# The remedy is one.
sed -i "s/network = null/&\nmac = \"$(hv gen-mac)\"/" \
    "$tmp/vm.d/std-3.conf"
hv validate > "$tmp/out"
hv create third-3 --template balena --nic lan:null 2> "$tmp/err"
grep -q "third-3.conf:[0-9]*: MAC 52:54:00:ac:aa:a5 is used twice: also by other-3" \
    "$tmp/err" || fail "create does not warn"
expect_fail 7 "MAC .* is used twice" hv attach-nic chosen wan:null
hv attach-nic chosen "wan:null,mac=$(hv gen-mac)"

# Without libgcrypt, what needs it is refused, and nothing else.
mkdir "$tmp/lib"
: > "$tmp/lib/libgcrypt.so.20"
expect_fail 7 "new.conf:[0-9]*: nic lan: libgcrypt computes no SHAKE128: .*file too short: install libgcrypt" \
    env LD_LIBRARY_PATH="$tmp/lib" "$HVCTL" -c "$tmp/hvctl.conf" plan new
expect_fail 7 "other-3.conf:[0-9]*: nic lan: libgcrypt computes no SHA-256: .*: install libgcrypt" \
    env LD_LIBRARY_PATH="$tmp/lib" "$HVCTL" -c "$tmp/hvctl.conf" plan other-3
for vm in vm1 chosen; do
    LD_LIBRARY_PATH=$tmp/lib hv plan $vm > "$tmp/out"
done

# gen-mac: each another one, with the usual prefix; no VM has it.
hv gen-mac > "$tmp/1"
hv gen-mac > "$tmp/2"
grep -qx '52:54:00\(:[0-9a-f][0-9a-f]\)\{3\}' "$tmp/1"
! cmp -s "$tmp/1" "$tmp/2" || fail "twice the same"
hv gen-id > "$tmp/1"
hv gen-id > "$tmp/2"
grep -qx '[0-9a-f]\{8\}-[0-9a-f]\{4\}-4[0-9a-f]\{3\}-[89ab][0-9a-f]\{3\}-[0-9a-f]\{12\}' "$tmp/1"
! cmp -s "$tmp/1" "$tmp/2" || fail "twice the same"
expect_fail 2 "usage" hv gen-mac vm1
expect_fail 2 "usage" hv gen-mac vm1 lan wan
expect_fail 3 "no VM 'nope'" hv gen-mac nope lan
expect_fail 2 "may contain only" hv gen-mac vm1 'a,b'
expect_fail 2 "may contain only" hv gen-id --vm 'a,b'
hv create addr --hypervisor null --set identity=address
expect_fail 7 "set 'address', or 'mac'" hv gen-mac addr lan

# What a device has no room for is refused; the remedy is one.
if [ -f "$plugins/qemu.so" ] && command -v qemu-system-x86_64 > "$tmp/out"; then
    truncate -s 1M "$tmp/disks/new.raw"
    set -- create long --hypervisor qemu --arch x86_64 --machine q35
    expect_fail 7 "is longer than 20" hv "$@" \
        --disk "a:cdrom=$tmp/cd.iso,serial=012345678901234567890"
    expect_fail 4 "has no WWN: remove 'wwn', and identify it by 'serial'" \
        hv "$@" --disk "a:image=$tmp/disks/new.raw,wwn=0x5525400908FE6258"
    hv "$@" --disk "a:image=$tmp/disks/new.raw,serial=5525400908FE6258" \
        --disk "b:cdrom=$tmp/cd.iso,wwn=0xC525400908FE6258"
    planned long wwn 0xC525400908FE6258
    planned long serial 5525400908FE6258
fi
assert_nothing_left
