#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file that two disks have, and one of them writes, is found by validate,
# whatever its names: links, volumes that are somebody's image, lower layers.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
requires_plugin storage-qcow2
make_tempdir
make_host <<END
pool q { type = qcow2 path = "$tmp/q" }
END
add_null
mkdir "$tmp/q"
qemu-img create -q -f qcow2 "$tmp/q/base.qcow2" 1M
qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 "$tmp/q/over.qcow2"
ln "$tmp/q/base.qcow2" "$tmp/hard.qcow2"
ln -s q/base.qcow2 "$tmp/soft.qcow2"
ln -s q "$tmp/other"

# vm NAME DISK: whose disk is that.
vm ()
{
    define "$1" <<END
memory = 16M
hypervisor = null
disk d { $2 }
END
}

# clash A B: two VMs with these disks.
clash ()
{
    vm vm1 "$1"
    vm vm2 "$2"
    hv validate vm1
    hv validate vm2
    expect_fail 7 "vm2.conf:3: disk d: .*disk d of vm1 (.*vm1.conf:3)" \
        hv validate
    [ "$(wc -l < "$tmp/err")" = 1 ] || fail "told more than once"
}

# peace A B: no problem
peace ()
{
    vm vm1 "$1"
    vm vm2 "$2"
    hv validate
}

image ()
{
    echo "image = \"$tmp/$1\" format = qcow2"
}

clash "$(image q/base.qcow2)" "$(image hard.qcow2)"
clash "$(image q/base.qcow2)" "$(image soft.qcow2)"
clash "$(image soft.qcow2)" "$(image hard.qcow2) readonly = yes"
clash "$(image q/base.qcow2)" "$(image other/base.qcow2)"
clash "pool = q volume = base" "$(image hard.qcow2)"
clash "pool = q volume = base" "pool = q volume = over"
peace "$(image q/base.qcow2) readonly = yes" "pool = q volume = over"
peace "$(image soft.qcow2) readonly = yes" "$(image hard.qcow2) readonly = yes"
vm vm1 "$(image q/base.qcow2)"
vm vm2 "$(image q/base.qcow2)"
expect_fail 7 "vm2.conf:3: image .* is used twice" hv validate
[ "$(wc -l < "$tmp/err")" = 1 ] || fail "told more than once"

# In one VM, too.
rm "$tmp/vm.d/vm2.conf"
define vm1 <<END
memory = 16M
hypervisor = null
disk a { $(image q/base.qcow2) }
disk b { $(image hard.qcow2) }
END
expect_fail 7 "vm1.conf:4: disk b: .* is the same file as .*disk a" \
    hv validate vm1
