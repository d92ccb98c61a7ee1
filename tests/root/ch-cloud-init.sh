#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# cloud-hypervisor gets the disk for cloud-init as a brokered file, for reading
# only, and gets the same one when it is restored.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
make_host <<END
plugin cloud-hypervisor { program = "$abs_top_builddir/tests/ch-server/ch-server" }
END
echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq2sbBqhAyK0L8bUuWW2bD5x4Yc0G4vYtYV8nGm0t3Q me" \
    > "$tmp/key.pub"
define vm1 <<END
hypervisor = cloud-hypervisor
memory = 128M
kernel = "$guest"
append = "wait"
cloud_init { ssh_keys = "$tmp/key.pub" }
END
image=$tmp/run/vm/vm1/cloud-init.iso
hv start vm1
[ "$(stat -c %a "$image")" = 600 ] || fail "the image can be read by others"
grep -q "^r [0-9:]* $image\$" "$tmp/run/vm/vm1/lent" || fail "$(cat "$tmp/run/vm/vm1/lent")"
inject "$(pid_of vm1)" "result [0-9]*" 257 -100 "=$image" 0 0
inject "$(pid_of vm1)" "result -13" 257 -100 "=$image" 2 0
sum=$(cksum < "$image")
hv save vm1
[ ! -e "$image" ] || fail "the image is left"
echo "# another" >> "$tmp/key.pub"
hv start vm1
[ "$(cksum < "$image")" = "$sum" ] || fail "the restored disk is another one"
hv kill vm1
assert_nothing_left
