#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What was found out about KVM is found out anew when anything changes that it
# depends on: the device, its mode, our groups.  Where KVM was seen to work and
# fails at a start, 'auto' falls back and 'kvm' is refused with the reason, and
# what was known is forgotten.  The device is a fake one, so that this is the
# same on every host.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
requires unshare setpriv mknod
if [ -z "${HVCTL_TEST_OWN_DEV-}" ]; then
    HVCTL_TEST_OWN_DEV=1 exec unshare -m --propagation private sh "$0"
fi
make_host
cp "$tiny" "$tmp/tiny.elf"
tiny=$tmp/tiny.elf

# A /dev of our own, without KVM at first.
mkdir "$tmp/dev"
mount -t tmpfs -o mode=755 tmpfs "$tmp/dev"
mkdir -m 1777 "$tmp/dev/shm"
mknod -m 666 "$tmp/dev/null" c 1 3
mknod -m 666 "$tmp/dev/zero" c 1 5
mknod -m 666 "$tmp/dev/random" c 1 8
mknod -m 666 "$tmp/dev/urandom" c 1 9
ln -s /proc/self/fd "$tmp/dev/fd"
mount --move "$tmp/dev" /dev
facts=$tmp/run/facts/qemu-x86_64.json
define_tiny vm1
sed -i 's/accelerator = tcg/accelerator = auto/' "$tmp/vm.d/vm1.conf"

# runs_under WHY: it starts, under TCG, for this reason.
runs_under ()
{
    hv start vm1 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    grep -q "vm1 runs under tcg: .*$1" "$tmp/err" || fail "$(cat "$tmp/err")"
    expect "accelerator *tcg: .*$1" hv status vm1
    hv kill vm1 > /dev/null
    assert_nothing_left
}

runs_under "/dev/kvm does not exist"
mknod -m 600 /dev/kvm c 1 3
runs_under "is not the KVM device"
# Kept while nothing changes: it would not be 'maybe' by asking.
sed -i "s/is not the KVM device/may be the KVM device/" "$facts"
runs_under "may be the KVM device"
chmod 666 /dev/kvm
runs_under "is not the KVM device"

# It was seen to work, and does not: QEMU ends, and is not asked for words.
sed -i 's/"kvm": *"[^"]*"/"kvm":"yes"/; s/"kvm.cpu_host": *"[^"]*"/"kvm.cpu_host":"yes"/' "$facts"
[ "$(grep -o ':"yes"' "$facts" | wc -l)" = 2 ] || fail "$(cat "$facts")"
cp "$facts" "$tmp/yes"
runs_under "is not the KVM device"
grep -q "is not the KVM device" "$facts" || fail "the fact is kept"
cp "$tmp/yes" "$facts"
sed -i 's/accelerator = auto/accelerator = kvm/' "$tmp/vm.d/vm1.conf"
expect_fail 4 "accelerator kvm is not available: .*is not the KVM device" \
    hv start vm1
grep -q "is not the KVM device" "$facts" || fail "the fact is kept"
assert_nothing_left
expect_fail 4 "accelerator kvm is not available: .*is not the KVM device" \
    hv start vm1

# An ordinary user, who joins the group and leaves it.
make_user
chown -R $user:$user "$tmp/home" "$tmp/vm.d" "$tiny"
chmod 755 "$tmp"
group=$((user + 1))
chown 0:$group /dev/kvm
chmod 660 /dev/kvm

# as_member GROUPS COMMAND...
as_member ()
{
    groups=$1
    shift
    env -i HOME="$tmp/home" PATH="$tmp/build/cli:$PATH" \
        HVCTL_BUILDDIR="$tmp/build" XDG_RUNTIME_DIR="$tmp/home/run" \
        LC_ALL=C.UTF-8 setpriv --reuid $user --regid $user $groups "$@"
}

# user_runs_under GROUPS WHY
user_runs_under ()
{
    as_member "$1" hvctl start vm2 2> "$tmp/err" || fail "$(cat "$tmp/err")"
    grep -q "vm2 runs under tcg: .*$2" "$tmp/err" || fail "$(cat "$tmp/err")"
    as_member "$1" hvctl kill vm2 > /dev/null
}

as_member --clear-groups hvctl create vm2 --memory 64M --kernel "$tiny" \
    --append wait --accelerator auto
user_runs_under --clear-groups "cannot open /dev/kvm: Permission denied; add yourself to group kvm"
user_runs_under "--groups $group" "is not the KVM device"
user_runs_under --clear-groups "cannot open /dev/kvm: Permission denied; add yourself to group kvm"
chmod 666 /dev/kvm
user_runs_under --clear-groups "is not the KVM device"
