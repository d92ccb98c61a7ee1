#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl diff and apply with cloud-hypervisor: what the running guest can have, it
# gets; the rest waits for the next start.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
requires_plugin net-bridge storage-raw
in_namespace
make_bridge
make_tempdir
conf=$tmp/vm.d/vm1.conf

applies ()
{
    echo "with $1"
    sed -i "s|program = .*|program = \"$1\" }|" "$tmp/hvctl.conf"
    rm -rf "${tmp:?}"/disks/* "${tmp:?}/log"
    define vm1 <<END
hypervisor = cloud-hypervisor
memory = 128M
cpus = 1
kernel = "$guest"
append = "wait"
disk root { pool = flat size = 1M }
plugin cloud-hypervisor { max_cpus = 4 max_memory = 384M }
END
    hv apply -y > "$tmp/out"
    hv start vm1
    assert_same vm1

    sed -i 's/^cpus = 1/cpus = 2/; s/memory = 128M/memory = 256M/; s/size = 1M/size = 2M/' "$conf"
    cat >> "$conf" <<END
disk data { pool = flat size = 1M }
nic lan { network = lan }
END
    expect_fail 10 '' hv apply --check vm1
    hv apply -y vm1 > "$tmp/out" 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    for line in 'disk data volume' 'disk data' 'disk root size' 'nic lan' cpus memory; do
        grep -q "^vm1: $line: done$" "$tmp/out" || fail "$line: $(cat "$tmp/out")"
    done
    assert_same vm1
    [ "$(ports)" = 1 ] || fail "no port"

    sed -i '/^nic lan/d; /^disk data/d' "$conf"
    hv apply -y vm1 > "$tmp/out" 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    assert_same vm1
    [ "$(ports)" = 0 ] || fail "a port is left"

    sed -i 's/^cpus = 2/cpus = 5/; s/max_cpus = 4/max_cpus = 5/' "$conf"
    expect "^vm1: cpus: from 2 to 5; at the next start: .*'max_cpus'" hv diff vm1
    sed -i 's/append = "wait"/append = "wait longer"/' "$conf"
    expect '^vm1: append: from wait to wait longer; at the next start' hv diff vm1
    expect '^nothing to do$' hv apply
    hv kill vm1
    hv start vm1
    assert_same vm1
    hv kill vm1
    rm -rf "${tmp:?}"/flat/*
    assert_nothing_left
}

make_host <<END
plugin cloud-hypervisor { program = "/nonexistent" }
network lan { type = bridge bridge = br0 }
pool flat { type = raw path = "$tmp/flat" }
END
each_ch applies
