#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# UEFI: the guest is booted by it, and its variables are the VM's own.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_plugin firmware-qemu
requires_linux
[ -d /usr/share/qemu/firmware ] || skip "no firmware descriptors"
requires mformat mcopy
make_host

# The shell runs startup.nsh; the kernel is an EFI program.  Up to Debian 13 OVMF
# has the shell; later it is a program on the disk, from a package of its own.
shell=/usr/share/efi-shell-x64/shellx64.efi
truncate -s 64M "$tmp/esp.img"
mformat -i "$tmp/esp.img" -F ::
printf 'vmlinuz.efi initrd=\\initrd console=ttyS0 quiet no_timer_check panic=-1\r\n' \
    > "$tmp/startup.nsh"
mcopy -i "$tmp/esp.img" "$linux/vmlinuz" ::vmlinuz.efi
mcopy -i "$tmp/esp.img" "$linux/initrd" ::initrd
mcopy -i "$tmp/esp.img" "$tmp/startup.nsh" ::startup.nsh
if [ -f "$shell" ]; then
    mmd -i "$tmp/esp.img" ::EFI ::EFI/BOOT
    mcopy -i "$tmp/esp.img" "$shell" ::EFI/BOOT/BOOTX64.EFI
fi
define vm1 <<EOF
memory = 512M
hypervisor = qemu
accelerator = ${HVCTL_TEST_ACCELERATOR:-tcg}
firmware = uefi
disk esp { image = "$tmp/esp.img" format = raw boot = 1 }
EOF

hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready" 180
grep "firmware uefi" "$(console_log vm1)"
expect "has shut down" hv stop vm1
assert_nothing_left

# Its variables are its own, and stay.
[ -n "$(find "$tmp/state/vm/vm1" -type f -size +100k)" ] \
    || fail "no variables kept"
