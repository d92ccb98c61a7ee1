#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# cloud-hypervisor as an ordinary user: his images are lent to a process in a
# user namespace of its own, at each reboot of the guest, too.
. "${abs_top_builddir:-.}/tests/functions.sh"
requires_root
requires_plugin cloud-hypervisor storage-raw
requires setpriv unshare
[ -c /dev/kvm ] || skip "no /dev/kvm"
guest=$abs_top_builddir/tests/ch-guest.elf
[ -s "$guest" ] || skip "the guest is for x86_64"
if [ -z "${HVCTL_TEST_MOUNTS-}" ]; then
    # Not everybody may use the host's; here there is one for all.
    HVCTL_TEST_MOUNTS=1
    export HVCTL_TEST_MOUNTS
    status=0
    unshare -m sh "$0" || status=$?
    trap - EXIT
    exit $status
fi
make_tempdir
mknod -m 666 "$tmp/kvm" c 10 232 && mount --bind "$tmp/kvm" /dev/kvm \
    || skip "devices cannot be made here"

# A copy of what was built, since the tree may not be open to everybody.
mkdir -p "$tmp/build/plugins/.libs" "$tmp/build/supervisor" "$tmp/build/cli" \
    "$tmp/bin" "$tmp/home/run" "$tmp/home/.config/hvctl/vm.d"
cp "$plugins"/*.so "$tmp/build/plugins/.libs/"
cp "$abs_top_builddir/supervisor/hvctl-supervisor" "$tmp/build/supervisor/"
cp "$abs_top_builddir/cli/hvctl" "$tmp/build/cli/"
cp "$guest" "$tmp/guest.elf"
chmod 644 "$tmp/guest.elf"
user=$((201000 + $$ % 1000))

as_user ()
{
    env -i HOME="$tmp/home" PATH="$PATH" HVCTL_BUILDDIR="$tmp/build" \
        XDG_RUNTIME_DIR="$tmp/home/run" LC_ALL=C.UTF-8 \
        setpriv --reuid $user --regid $user --clear-groups \
        "$tmp/build/cli/hvctl" "$@"
}

rebooted ()
{
    find "$tmp/home" -name events.log -exec cat {} + | grep -q '"rebooted"'
}

gone ()
{
    [ -z "$(find "$tmp/home/run" -path '*/vm/vm1')" ]
}

as_ordinary_user ()
{
    echo "with $1"
    rm -rf "$tmp/bin"/* "$tmp/home/.local" "$tmp/home/run"/*
    cp "$1" "$tmp/bin/vmm"
    chmod 755 "$tmp/bin/vmm"
    conf=$tmp/home/.config/hvctl
    echo "plugin cloud-hypervisor { program = \"$tmp/bin/vmm\" }" \
        > "$conf/hvctl.conf"
    cat > "$conf/vm.d/vm1.conf" <<END
hypervisor = cloud-hypervisor
memory = 128M
kernel = "$tmp/guest.elf"
append = "triple"
disk root { image = "$tmp/home/root.raw" format = raw }
END
    truncate -s 1M "$tmp/home/root.raw"
    chown -R $user:$user "$tmp/home"
    as_user start vm1 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    grep -q "lent.*own user id" "$tmp/err" || fail "$(cat "$tmp/err")"
    wait_for 5 rebooted
    expect "vm1 is running" as_user status vm1
    pid=$(as_user status -o json vm1 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
    [ "$(wc -l < "/proc/$pid/uid_map")" = 1 ] || fail "several user ids"
    [ -z "$(ls -A "/proc/$pid/root/")" ] || fail "it sees files"
    as_user kill vm1
    sed -i s/triple/poweroff/ "$conf/vm.d/vm1.conf"
    as_user start vm1 2> "$tmp/err"
    wait_for 5 gone
    as_user status vm1 > "$tmp/out" || :
    grep -q "its guest has shut down" "$tmp/out" || fail "$(cat "$tmp/out")"
    wait_for 5 no_processes
}

as_ordinary_user "$abs_top_builddir/tests/ch-server/ch-server"
real=${CLOUD_HYPERVISOR:-$(command -v cloud-hypervisor || :)}
[ -z "$real" ] || as_ordinary_user "$real"
umount /dev/kvm
