#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An image with signed checksums is downloaded in root's jail, under its name in
# the host configuration, from a server that cuts connections; a VM boots it.
# What that VM writes does not get into the image.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/kit/web.sh"
requires_root
requires_tiny                   # Code for a PC's BIOS.
requires_web
requires_plugin storage-qcow2
requires gpg qemu-img
make_host < /dev/null
start_web

# A boot sector; GNU as, .code16, at 0x7c00:
#
#   _start: xorw %ax, %ax
#       movw %ax, %ds
#       movw %ax, %es
#       movw $0x0301, %ax       # Writes itself to the second sector.
#       movw $0x7c00, %bx
#       movw $2, %cx
#       movb $0, %dh
#       int $0x13
#       movw $0x3f8, %dx
#       movw $text, %si
#   1:  lodsb
#       outb %al, %dx
#       testb %al, %al
#       jnz 1b
#       movw $0x604, %dx        # Powers off.
#       movw $0x2000, %ax
#       outw %ax, %dx
#   2:  hlt
#       jmp 2b
#   text: .asciz "hello from the image\n"
code='\061\300\216\330\216\300\270\001\003\273\000\174\271\002\000\266'
code=$code'\000\315\023\272\370\003\276\051\174\254\356\204\300\165\372\272'
code=$code'\004\006\270\000\040\357\364\353\375'
head -c 4194304 /dev/urandom > "$tmp/disk.raw"
truncate -s 16M "$tmp/disk.raw"
put () { dd of="$tmp/disk.raw" bs=1 conv=notrunc status=none "$@"; }
printf "${code}hello from the image\n\0" | put
printf '\125\252' | put seek=510
qemu-img convert -f raw -O qcow2 "$tmp/disk.raw" "$tmp/www/disk.qcow2"
(cd "$tmp/www" && sha512sum disk.qcow2 > SHA512SUMS)

GNUPGHOME=$tmp/gnupg
export GNUPGHOME
mkdir -m 700 "$GNUPGHOME"
cleanup_fn "gpgconf --kill all"
mkdir "$tmp/keys"
gpg --quiet --batch --passphrase '' --quick-gen-key \
    "publisher <a@example.org>" ed25519 sign never 2> "$tmp/err.gpg"
gpg --output "$tmp/keys/publisher.gpg" --export a@example.org
gpg --quiet --batch --output "$tmp/www/SHA512SUMS.gpg" \
    --detach-sign "$tmp/www/SHA512SUMS"
cat >> "$tmp/hvctl.conf" <<END
image small {
    url = "$web/cut/disk.qcow2"
    sums = "$web/SHA512SUMS"
    key = publisher
}
END

expect "image small is imported: 16M, verified by $web/SHA512SUMS, signed" \
    hv image import small
asked "^GET /cut/disk.qcow2 range=bytes=300000-"
data=$(hv image info -o json small | sed -n 's/.*"path": *"\(.*\)".*/\1/p')
cmp "$data" "$tmp/disk.raw"
expect "image small is up to date" hv image import small
stop_web
gpgconf --kill all

hv create vm1 --hypervisor qemu --memory 32M --disk root:32M,image=small \
    --accelerator "${HVCTL_TEST_ACCELERATOR:-tcg}"
hv start vm1
wait_console vm1 "hello from the image"
assert_nothing_left

qemu-img convert -O raw "$tmp/state/disks/vm1-root.qcow2" "$tmp/root.raw"
[ "$(stat -c %s "$tmp/root.raw")" = 33554432 ]
cmp -n 512 -i 512:0 "$tmp/root.raw" "$tmp/disk.raw" \
    || fail "the guest wrote nothing"
cmp "$data" "$tmp/disk.raw"
expect "small  *yes" hv image verify small
