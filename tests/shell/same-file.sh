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
    cp "$tmp/err" "$tmp/validated"
    EDITOR=$tmp/editor hv edit vm2 > "$tmp/out" 2> "$tmp/err"
    warned
}

# Who changes one VM is told the same, and only that.
cat > "$tmp/editor" <<'END'
#!/bin/sh
echo "# changed" >> "$1"
END
chmod 755 "$tmp/editor"
warned ()
{
    grep -v "under your own user ID" "$tmp/err" | sed 's/^hvctl: //' \
        > "$tmp/warned" || :
    cmp "$tmp/warned" "$tmp/validated" || fail "$(cat "$tmp/err")"
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

# Those that add something to a definition, too.  Other VMs' own conflicts, and
# definitions that cannot be read, are not their business.
rm "$tmp"/vm.d/*.conf
vm other1 "$(image q/base.qcow2)"
vm other2 "$(image hard.qcow2)"
echo nonsense > "$tmp/vm.d/broken.conf"
truncate -s 1M "$tmp/a.raw"
ln -s a.raw "$tmp/b.raw"
vm vm1 "image = \"$tmp/a.raw\" format = raw"
hv create vm2 --memory 16M --hypervisor null \
    --disk "d:image=$tmp/b.raw,format=raw" > "$tmp/out" 2> "$tmp/err"
grep -q "vm2.conf:[0-9]*: disk d: .*/b.raw is the same file as .*disk d of vm1" "$tmp/err" \
    || fail "$(cat "$tmp/err")"
! grep "other\|broken" "$tmp/err" || fail "of others"
rm "$tmp/vm.d/vm2.conf"
hv create vm2 --memory 16M --hypervisor null > "$tmp/out" 2> "$tmp/err"
! grep "vm1\|other\|broken" "$tmp/err" || fail "there is no conflict"
hv attach-disk vm2 "d:image=$tmp/b.raw,format=raw" > "$tmp/out" 2> "$tmp/err"
grep -q "vm2.conf:[0-9]*: disk d: .*disk d of vm1" "$tmp/err" \
    || fail "$(cat "$tmp/err")"
hv attach-nic vm2 a:null,mac=52:54:00:00:00:01 > "$tmp/out" 2> "$tmp/err"
! grep "MAC" "$tmp/err" || fail "$(cat "$tmp/err")"
hv attach-nic vm1 b:null,mac=52:54:00:00:00:01 > "$tmp/out" 2> "$tmp/err"
grep -q "vm1.conf:[0-9]*: MAC 52:54:00:00:00:01 is used twice: also by vm2" \
    "$tmp/err" || fail "$(cat "$tmp/err")"
