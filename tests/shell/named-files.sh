#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each file that a definition names is looked at before a start: by create,
# validate, plan and start, with its key and line, and in one run.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
requires_plugin storage-qcow2
make_tempdir
make_host <<END
pool q { type = qcow2 path = "$tmp/q" }
END
add_null
mkdir "$tmp/folder" "$tmp/q"
mkfifo "$tmp/fifo"
: > "$tmp/empty"
ln -s /nonexistent "$tmp/dangling"
echo kernel > "$tmp/kernel"

# refused PATTERN: vm1, whose definition is on standard input.
refused ()
{
    { echo "memory = 16M"; echo "hypervisor = null"; cat; } | define vm1
    for command in validate plan start; do
        expect_fail '[378]' "$1" timeout 10 "$HVCTL" -c "$tmp/hvctl.conf" \
            $command vm1
    done
    ! grep -q sandbox "$tmp/err" || fail "it went as far as the sandbox"
    assert_nothing_left
}

# what NAME is wrong with it.
what ()
{
    case $1 in
        gone) echo "does not exist" ;;
        folder) echo "is a directory, and must be a file" ;;
        fifo) echo "is a FIFO, and must be a file" ;;
        dangling) echo "is a symbolic link to something that does not exist" ;;
        empty) echo "is empty" ;;
    esac
}

for file in gone folder fifo dangling empty; do
    refused "vm1.conf:3: kernel = $tmp/$file $(what $file)" <<END
kernel = "$tmp/$file"
END
    refused "vm1.conf:4: initrd = $tmp/$file $(what $file)" <<END
kernel = "$tmp/kernel"
initrd = "$tmp/$file"
END
    expect_fail '[378]' "definition of vm2:[0-9]*: kernel = .*$(what $file)" \
        hv create vm2 --hypervisor null --kernel "$tmp/$file"
    [ ! -e "$tmp/vm.d/vm2.conf" ] || fail "vm2 was defined"
    [ $file != empty ] || continue
    refused "vm1.conf:4: disk a: image = $tmp/$file $(what $file)" <<END
disk a {
image = "$tmp/$file" format = raw
}
END
    refused "vm1.conf:3: disk a: cdrom = $tmp/$file $(what $file)" <<END
disk a { cdrom = "$tmp/$file" }
END
    expect_fail '[378]' "disk a: backing = .*$(what $file)" \
        hv create vm2 --hypervisor null \
        --disk "a:1M,pool=q,backing=$tmp/$file,backing_format=raw"
    [ -z "$(ls "$tmp/q")" ] || fail "a volume was made"
done

# All at once.
refused "vm1.conf:3: kernel" <<END
kernel = "$tmp/gone"
initrd = "$tmp/folder"
END
grep -q "vm1.conf:4: initrd" "$tmp/err" || fail "the second is not told"

# What may not be read, by one who is not root.
if [ "$(id -u)" != 0 ]; then
    chmod 0 "$tmp/kernel"
    refused "vm1.conf:3: kernel = $tmp/kernel cannot be read" <<END
kernel = "$tmp/kernel"
END
fi

# Lower layers.
truncate -s 1M "$tmp/base.raw"
qemu-img create -q -f qcow2 -b "$tmp/base.raw" -F raw "$tmp/q/middle.qcow2"
qemu-img create -q -f qcow2 -b middle.qcow2 -F qcow2 "$tmp/q/top.qcow2"
rm "$tmp/base.raw"
mkfifo "$tmp/base.raw"
refused "vm1.conf:3: disk a: .*base.raw" <<END
disk a { pool = q volume = top }
END
