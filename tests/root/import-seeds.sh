#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The files of other tools (tests/seeds/import/TOOL/), with their disks, bridges
# and network cards on this host, are imported; the result validates, and can be
# planned.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
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
    /seed/storage-n2.raw /seed/odd.raw /seed/odd.iso /var/lib/libvirt/images/data.raw \
    /var/lib/libvirt/images/debian.iso /var/lib/libvirt/boot/vmlinuz \
    /var/lib/libvirt/boot/initrd.img
for i in 0 1 2 3 4; do
    qcow2 /seed/standard$i.qcow2
done
qcow2 /seed/raid.qcow2.snap
for i in web db edge desk arm mv; do
    qcow2 /var/lib/libvirt/images/$i.qcow2
done

# check TOOL FILE...
check ()
{
    tool=$1
    shift
    for file in "$seeds/$tool"/*; do
        sed -E "s,/(zfs-tank|srv/iso|var/lib)/,$root&,g" "$file" \
            > "$root/seed/$(basename "$file")"
    done
    rm -rf "$tmp/conf.d" "$tmp/vm.d"
    mkdir "$tmp/vm.d"
    if ! (cd "$root/seed" && hv import --from "$tool" "$@") > "$tmp/out" \
        2> "$tmp/err"; then
        grep -q "accelerator kvm is not available" "$tmp/err" \
            || fail "$tool $*: $(cat "$tmp/err")"
        echo "without KVM: $tool $*"
        return
    fi
    hv validate > "$tmp/valid" 2>&1 || fail "$tool $*: $(cat "$tmp/valid")"
    for file in "$tmp"/vm.d/*.conf; do
        [ ! -e "$file" ] || hv plan "$(basename "$file" .conf)" > "$tmp/out"
    done
    n=$((n + 1))
}
has ()
{
    grep -q "^#define HAVE_$1 1" "$abs_top_builddir/config.h"
}

check machina machina.conf.json test-vm.conf.json vm1.conf.json
# The address that machina gives it.
[ ! -e "$tmp/vm.d/test-vm.conf" ] \
    || expect "52:54:00:26:77:fa" hv gen-mac test-vm 0
for file in readme.sh forms.args fixed.args; do
    check 5gdeploy $file
done
if has YAML; then
    check balena guests.x86_64.yml
    check balena guests.raid.yml
fi
if has TOML; then
    check virshle config.toml
fi
if has XML; then
    for file in "$seeds"/libvirt/*.xml; do
        case $file in
            */arm.xml) command -v qemu-system-aarch64 > /dev/null || continue ;;
        esac
        check libvirt "$(basename "$file")"
    done
fi
[ $n -ge 3 ] || fail "there are $n examples only"
