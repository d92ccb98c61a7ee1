#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is changed of a VM that runs on cloud-hypervisor, in its jail: disks and
# NICs come and go, processors, memory and disks grow.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
requires_plugin net-bridge storage-raw storage-qcow2
requires qemu-img
in_namespace
make_bridge

# lent LETTER FILE: how often it is in the list.
lent ()
{
    grep -c "^$1 [0-9]*:[0-9]* $tmp/disks/$2\$" "$tmp/run/vm/vm1/lent" || :
}

changes ()
{
    echo "with $1"
    sed -i "s|program = .*|program = \"$1\" }|" "$tmp/hvctl.conf"
    rm -rf "${tmp:?}"/disks/* "${tmp:?}/log"
    define vm1 <<END
hypervisor = cloud-hypervisor
memory = 128M
kernel = "$guest"
append = "wait"
disk root { image = "$tmp/disks/root.raw" format = raw }
plugin cloud-hypervisor { max_cpus = 4 max_memory = 256M }
END
    truncate -s 1M "$tmp/disks/root.raw" "$tmp/disks/base.raw"
    qemu-img create -q -f qcow2 -b "$tmp/disks/base.raw" -F raw \
        "$tmp/disks/more.qcow2"
    truncate -s 1M "$tmp/disks/plain.raw"
    chmod 600 "$tmp/disks/"*

    hv start vm1
    assert_same vm1
    expect "running guest has it" hv attach-disk vm1 \
        "more:image=$tmp/disks/more.qcow2,format=qcow2"
    assert_same vm1
    expect "running guest has it" hv attach-disk vm1 \
        "plain:image=$tmp/disks/plain.raw,format=raw"
    assert_same vm1
    [ "$(lent w more.qcow2)" = 1 ] || fail "not lent"
    [ "$(lent r base.raw)" = 1 ] || fail "the layer is not lent"
    for file in root.raw more.qcow2 plain.raw; do
        holds vm1 "$tmp/disks/$file" || fail "$file is not open"
    done
    # What the hypervisor refuses is not lent any longer.
    printf 'QFI\373' | dd of="$tmp/disks/wrong.raw" 2> "$tmp/err"
    truncate -s 1M "$tmp/disks/wrong.raw"
    expect_fail '[1-9]*' "" hv attach-disk vm1 \
        "wrong:image=$tmp/disks/wrong.raw,format=raw"
    [ "$(lent w wrong.raw)" = 0 ] || fail "it is still lent"

    # What it has no way to honour is refused, and not plugged without it.
    expect_fail 4 "refuses disk no: boot = 1: it has no boot order" \
        hv attach-disk vm1 "no:image=$tmp/disks/wrong.raw,format=raw,boot=1"
    expect_fail 4 "refuses nic no: mtu = 1400: it cannot announce it to the guest" \
        hv attach-nic vm1 no:lan,mtu=1400
    [ "$(ports)" = 0 ] || fail "a port is left"

    expect "running guest has it" hv attach-nic vm1 lan:lan
    assert_same vm1
    [ "$(ports)" = 1 ] || fail "no port"
    holds vm1 /dev/net/tun || fail "no tap"

    expect "disk.plain.read_bytes *[0-9]" hv counters vm1
    expect "nic.lan.rx_packets *[0-9]" hv counters vm1
    expect "running guest has it" hv resize vm1 --cpus 3
    assert_same vm1
    expect "cpus *3" hv status vm1
    expect "running guest has been told" hv resize vm1 --memory 256M
    assert_same vm1
    expect "memory *256M" hv status vm1
    expect_fail '[1-9]*' "max_cpus = .* is less than the 5 vCPUs" \
        hv resize vm1 --cpus 5
    expect "running guest has it" hv resize vm1 --cpus 3
    assert_same vm1
    expect "running guest has it" hv resize vm1 --disk plain=2M
    assert_same vm1
    [ "$(stat -c %s "$tmp/disks/plain.raw")" = 2097152 ] || fail "not grown"

    # It reads what is in an image, and so all of its layers.
    [ -z "${real-}" ] || holds vm1 "$tmp/disks/base.raw" \
        || fail "base.raw is not open"

    # The guest is asked, and lets go.
    expect "no longer has it" hv detach-disk vm1 more
    assert_same vm1
    [ "$(lent w more.qcow2)" = 0 ] || fail "still lent"
    [ "$(lent r base.raw)" = 0 ] || fail "still lent"
    ! holds vm1 "$tmp/disks/more.qcow2" || fail "more.qcow2 is still open"
    expect "no longer has it" hv detach-nic vm1 lan
    assert_same vm1
    [ "$(ports)" = 0 ] || fail "a port is left"
    ! holds vm1 /dev/net/tun || fail "the tap is still open"
    expect "vm1 is running" hv status vm1
    expect "running guest has it" hv attach-disk vm1 \
        "more:image=$tmp/disks/more.qcow2,format=qcow2"
    assert_same vm1
    expect "no longer has it" hv detach-disk vm1 more
    assert_same vm1
    hv kill vm1
    assert_nothing_left

    # The definition has all of it: the next start, too.
    hv start vm1
    assert_same vm1
    holds vm1 "$tmp/disks/plain.raw" || fail "plain.raw is not open"
    expect "cpus *3" hv status vm1
    hv kill vm1
    assert_nothing_left
}

make_host <<END
plugin cloud-hypervisor { program = "/nonexistent" }
network lan { type = bridge bridge = br0 }
END
each_ch changes
