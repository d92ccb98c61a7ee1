#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A system call trace of a start: of no image, neither disk nor layer nor
# CD-ROM, a byte is read before QEMU is sealed; afterwards it is, by a guest.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires strace qemu-img
make_host
define_tiny vm1
qemu-img create -q -f raw "$tmp/disks/base.raw" 8M
qemu-img create -q -f qcow2 -F raw -b base.raw "$tmp/disks/top.qcow2"
printf 'an ISO, perhaps' > "$tmp/disks/cd.iso"
truncate -s 1M "$tmp/disks/cd.iso"
qemu-img create -q -f raw "$tmp/disks/plain.raw" 8M
# A partition table is what a device would look at to find its geometry.
printf '\125\252' | dd of="$tmp/disks/plain.raw" bs=1 seek=510 conv=notrunc \
    status=none
cat >> "$tmp/vm.d/vm1.conf" <<END
disk top { image = "$tmp/disks/top.qcow2"  format = qcow2 }
disk plain { image = "$tmp/disks/plain.raw"  format = raw }
disk cd { cdrom = "$tmp/disks/cd.iso" }
END

is_running ()
{
    hv status vm1 2> /dev/null | grep -q "is running"
}

strace -I 2 -f -y -o "$tmp/trace" \
    -e trace=sendto,read,pread64,readv,preadv,preadv2,mmap,io_uring_enter \
    "$HVCTL" -c "$tmp/hvctl.conf" start vm1 &
tracer=$!
wait_for 60 is_running
pid=$(pid_of vm1)
kill "$tracer" # It lets go of them.
wait "$tracer" 2> /dev/null || :

# The word that seals is hvctl's, who has looked at the images himself; the
# others of the trace are the supervisor, who answers when it is done, and QEMU,
# whose threads read.
hvctl=$(grep 'sendto([0-9]*<socket.*"e", 1,' "$tmp/trace" | head -n 1 \
    | cut -d ' ' -f 1)
sealed=$(grep -n 'sendto([0-9]*<socket.*"s", 1,' "$tmp/trace" | head -n 1 \
    | cut -d : -f 1)
[ -n "$hvctl" ] && [ -n "$sealed" ] || fail "no seal in the trace"
head -n "$sealed" "$tmp/trace" | grep -v "^$hvctl " > "$tmp/before"
grep -q "^$pid .*\.so" "$tmp/before" || fail "QEMU is not in the trace"
if grep -F "$tmp/disks/" "$tmp/before"; then
    fail "an image was read before the seal"
fi
tail -n "+$sealed" "$tmp/trace" | grep -v "^$hvctl " > "$tmp/after"
grep -qE "read[v0-9]*\([0-9]+<$tmp/disks/top.qcow2>" "$tmp/after" \
    || fail "the header of the image was never read"
hv kill vm1
assert_nothing_left
