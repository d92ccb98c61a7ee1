#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# cloud-hypervisor as an ordinary user: his images are lent to a process in a
# user namespace of its own, at each reboot of the guest, too.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
requires_plugin storage-raw
# Not everybody may use the host's /dev/kvm; here there is one for all.
in_mounts
make_tempdir
# The file system of temporary files may have no devices (nodev).
mkdir "$tmp/dev"
mount -t tmpfs -o mode=755 none "$tmp/dev" \
    && mknod -m 666 "$tmp/dev/kvm" c 10 232 \
    && mount --bind "$tmp/dev/kvm" /dev/kvm \
    || skip "devices cannot be made here"

make_user
mkdir -p "$tmp/bin" "$tmp/home/.config/hvctl/vm.d"
cp "$guest" "$tmp/guest.elf"
chmod 644 "$tmp/guest.elf"

rebooted ()
{
    find "$tmp/home" -name events.log -exec cat {} + | grep -q '"rebooted"'
}

is_released_for_user ()
{
    [ -z "$(find "$tmp/home/run" -path '*/vm/vm1')" ]
}

# Saved, and gone on with: "count 00000001" is said by one that has booted.
goes_on ()
{
    sed -i s/triple/count/ "$conf/vm.d/vm1.conf"
    as_user hvctl start vm1 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    sleep 0.5
    # KVM of some nested machines cannot tell all that v53 asks: ch-save.sh.
    as_user hvctl save vm1 2> "$tmp/err" || {
        grep -q GetNestedState "$tmp/err" || fail "$(cat "$tmp/err")"
        as_user hvctl kill vm1
        return 0
    }
    expect "vm1 *saved" as_user hvctl list
    [ -z "$(find "$tmp/home/.local" -path '*saved/*' ! -user $user)" ] \
        || fail "not the user's: $(find "$tmp/home/.local" -ls)"
    as_user hvctl start vm1 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    sleep 0.4
    as_user hvctl logs vm1 > "$tmp/console.out"
    { sleep 0.4; printf '\035'; } | as_user hvctl console vm1 \
        >> "$tmp/console.out"
    grep -q "^count [0-9a-f]*" "$tmp/console.out" || fail "it says nothing"
    ! grep -q "hello\|count 00000001" "$tmp/console.out" || fail "it has booted"
    as_user hvctl kill vm1
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
    as_user hvctl start vm1 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    grep -q "brokered.*own user ID" "$tmp/err" || fail "$(cat "$tmp/err")"
    wait_for 5 rebooted
    expect "vm1 is running" as_user hvctl status vm1
    pid=$(as_user hvctl status -o json vm1 | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
    [ "$(wc -l < "/proc/$pid/uid_map")" = 1 ] || fail "several user ids"
    [ -z "$(ls -A "/proc/$pid/root/")" ] || fail "it sees files"
    as_user hvctl kill vm1
    goes_on
    sed -i s/count/poweroff/ "$conf/vm.d/vm1.conf"
    as_user hvctl start vm1 2> "$tmp/err"
    wait_for 5 is_released_for_user
    as_user hvctl status vm1 > "$tmp/out" || :
    grep -q "its guest has shut down" "$tmp/out" || fail "$(cat "$tmp/out")"
    wait_for 5 no_processes
}

each_ch as_ordinary_user
umount /dev/kvm
