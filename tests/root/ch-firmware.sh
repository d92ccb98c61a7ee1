#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# firmware = uefi with cloud-hypervisor: found where it is installed, looked at,
# and booted in the jail, which has nothing else of it.  The firmware is the tiny
# guest: it is what the loader takes, too.  With the contract server, and with
# the real program if there is one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
requires_plugin storage-raw
requires unshare
# With a /usr/share that is empty, and nobody else's.
if [ -z "${HVCTL_TEST_MOUNTS-}" ]; then
    HVCTL_TEST_MOUNTS=1
    export HVCTL_TEST_MOUNTS
    status=0
    unshare -m sh "$0" || status=$?
    trap - EXIT
    exit $status
fi
places=/usr/share/cloud-hypervisor

# boots FILE: that is what the VM boots.
boots ()
{
    expect "\"code\": *\"$1\"" hv plan vm1
    hv start vm1
    assert_same vm1
    check_process "$(pid_of vm1)"
    expect "^brokered *$1 (read)" hv sandbox show vm1
    wait_console vm1 "tiny guest: hello" 5
    # It can read it, and neither write to it nor see what is beside it.
    inject "$(pid_of vm1)" "result [0-9]*" 257 -100 "=$1" 0 0
    inject "$(pid_of vm1)" "result -13" 257 -100 "=$1" 2 0
    inject "$(pid_of vm1)" "result -2" 257 -100 "=$places" 0 0
    expect "has shut down" hv stop vm1
    assert_nothing_left
}

firmware ()
{
    echo "with $1"
    find "$places" -mindepth 1 -delete
    cat > "$tmp/hvctl.conf.new" <<END
$(grep -v "^plugin " "$tmp/hvctl.conf")
plugin cloud-hypervisor { program = "$1" }
END
    mv "$tmp/hvctl.conf.new" "$tmp/hvctl.conf"
    expect_fail '[1-9]*' "no firmware for cloud-hypervisor.*CLOUDHV.fd" \
        hv start vm1
        assert_same vm1

    # The first that can be booted; nobody but root may read it.
    cp "$guest" "$places/hypervisor-fw"
    chmod 600 "$places/hypervisor-fw"
    boots "$places/hypervisor-fw"
    head -c 65536 /dev/zero > "$places/CLOUDHV.fd"
    boots "$places/hypervisor-fw"
    cp "$guest" "$places/CLOUDHV_EFI.fd"
    boots "$places/CLOUDHV_EFI.fd"
    cp "$guest" "$places/CLOUDHV.fd"
    boots "$places/CLOUDHV.fd"

    # None of them: each with its reason.
    rm "$places/CLOUDHV_EFI.fd"
    head -c 65536 /dev/zero > "$places/CLOUDHV.fd"
    head -c 100 "$guest" > "$places/hypervisor-fw"
    expect_fail '[1-9]*' "not $places/CLOUDHV.fd: it is not an ELF file" \
        hv start vm1
        assert_same vm1
    expect_fail '[1-9]*' "not $places/hypervisor-fw: it is" hv start vm1
    assert_nothing_left

    # One's own.
    cp "$guest" "$tmp/disks/own.fd"
    sed -i "s|^plugin .*|plugin cloud-hypervisor { program = \"$1\" firmware = \"$tmp/disks/own.fd\" }|" \
        "$tmp/hvctl.conf"
    boots "$tmp/disks/own.fd"
}

make_host < /dev/null
mount -t tmpfs none /usr/share
cleanup_fn umount /usr/share
mkdir "$places"
define vm1 <<END
hypervisor = cloud-hypervisor
memory = 64M
firmware = uefi
disk root { image = "$tmp/disks/root.raw" format = raw }
END
truncate -s 1M "$tmp/disks/root.raw"
each_ch firmware
