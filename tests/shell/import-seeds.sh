#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files of other tools (tests/seeds/import/TOOL/) are imported to definitions that
# are known, with a known list of what is not carried over; these validate, and
# can be planned.  REGENERATE=1 writes the known results anew.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
in_namespace
requires_plugin net-bridge net-macvtap net-ovs net-user qemu storage-raw \
    storage-qcow2 firmware-qemu
requires qemu-system-x86_64 qemu-img
make_host << 'END'
template unused { memory = 1G }
END
for link in br0 br-lan qemu0; do
    ip link add $link type bridge
    ip link set $link up
done
for link in eth0 enp26s0f1; do
    ip link add $link type veth peer name ${link}p
    ip link set $link up
done
seeds=$abs_top_srcdir/tests/seeds/import
n=0

# The images are where the files say, below a directory of ours.
root=$tmp/root
raw ()
{
    for file; do
        mkdir -p "$(dirname "$root$file")"
        truncate -s 1M "$root$file"
    done
}
qcow2 ()
{
    for file; do
        mkdir -p "$(dirname "$root$file")"
        qemu-img create -q -f qcow2 "$root$file" 1M
    done
}
raw /zfs-tank/test-vm/os/test-vm-os.raw /zfs-tank/cad/data.raw-block \
    /zfs-tank/vm1/os/vm1-os.raw /srv/iso/win10.iso \
    /var/lib/virshle/cache/nixos.xs.efi.img \
    /var/lib/virshle/cache/nixos.s.efi.img /seed/storage-n1.raw \
    /seed/storage-n2.raw /var/lib/libvirt/images/data.raw \
    /var/lib/libvirt/images/debian.iso /var/lib/libvirt/boot/vmlinuz \
    /var/lib/libvirt/boot/initrd.img
for i in 0 1 2 3 4; do
    qcow2 /seed/standard$i.qcow2
done
qcow2 /seed/raid.qcow2.snap
for i in web db edge desk arm mv; do
    qcow2 /var/lib/libvirt/images/$i.qcow2
done

# import NAME TOOL FILE...: compares what is told and what is written.
check ()
{
    name=$1 tool=$2
    shift 2
    for file in "$seeds/$tool"/*; do
        sed -E "s,/(zfs-tank|srv/iso|var/lib)/,$root&,g" "$file" \
            > "$root/seed/$(basename "$file")"
    done
    rm -rf "$tmp/conf.d" "$tmp/vm.d"
    mkdir "$tmp/vm.d"
    (cd "$root/seed" && hv import --from "$tool" "$@") > "$tmp/out" 2> "$tmp/err" \
        || fail "$tool $name: $(cat "$tmp/err")"
    {
        cat "$tmp/err" "$tmp/out"
        for file in "$tmp"/conf.d/*.conf "$tmp"/vm.d/*.conf; do
            [ ! -e "$file" ] || { echo "== $file"; cat "$file"; }
        done
    } | sed "s,$root/,/,g; s,$tmp/,TMP/,g" > "$tmp/got"
    known=$seeds/$tool/$name.known
    [ -z "${REGENERATE-}" ] || cp "$tmp/got" "$known"
    diff -u "$known" "$tmp/got" || fail "$tool $name: another result"
    hv validate > "$tmp/valid" 2>&1 || fail "$tool $name: $(cat "$tmp/valid")"
    for file in "$tmp"/vm.d/*.conf; do
        [ ! -e "$file" ] || hv plan "$(basename "$file" .conf)" > /dev/null
    done
    n=$((n + 1))
}

check machina machina machina.conf.json test-vm.conf.json vm1.conf.json
check readme 5gdeploy readme.sh
check forms 5gdeploy forms.args
check fixed 5gdeploy fixed.args
if ! grep -q '^#define HAVE_YAML 1' "$abs_top_builddir/config.h"; then
    expect_fail 4 "built without libyaml" hv import --from balena \
        "$seeds/balena/guests.x86_64.yml"
else
    check standard balena guests.x86_64.yml
    check raid balena guests.raid.yml
fi
if ! grep -q '^#define HAVE_TOML 1' "$abs_top_builddir/config.h"; then
    expect_fail 4 "built without toml++" hv import --from virshle \
        "$seeds/virshle/config.toml"
else
    check config virshle config.toml
fi
if ! grep -q '^#define HAVE_XML 1' "$abs_top_builddir/config.h"; then
    expect_fail 4 "built without libxml2" hv import --from libvirt \
        "$seeds/libvirt/web.xml"
else
    for file in "$seeds"/libvirt/*.xml; do
        check "$(basename "$file" .xml)" libvirt "$(basename "$file")"
    done
fi
[ $n -ge 4 ] || fail "there are $n examples only"
