#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An image from elsewhere whose header names a file of this host never gives it
# away: not to a guest, not through any command.  And qemu-img runs in a jail
# that shows it the images of the command and nothing else.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_tiny
requires qemu-img
make_host
secret=$tmp/elsewhere/secret
mkdir -p "$tmp/elsewhere" "$tmp/images"
yes "the secret of this host" | head -c 1048576 > "$secret"
chmod 600 "$secret"

cd "$tmp/images"
qemu-img create -q -f qcow2 -u -b "$secret" -F raw backing.qcow2 1M
qemu-img create -q -f qcow2 -u -b "json:{\"driver\":\"file\",\"filename\":\"$secret\"}" \
    -F raw json.qcow2 1M || :
qemu-img create -q -f qcow2 -o data_file="$tmp/images/data" data.qcow2 1M
cat > extents.vmdk <<END
# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="monolithicFlat"
RW 2048 FLAT "$secret" 0
END
# A raw image that became one of the above, for whoever guesses the format.
cp backing.qcow2 guess.raw

for image in backing.qcow2 json.qcow2 data.qcow2 extents.vmdk; do
    [ -f "$image" ] || continue
    define_tiny vm1
    cat >> "$tmp/vm.d/vm1.conf" <<END
disk root { image = "$tmp/images/$image" format = qcow2 }
END
    expect_fail '[1-9]*' . hv start vm1
    expect_fail '[1-9]*' . hv volume create default/copy --backing \
        "$tmp/images/$image" --backing-format qcow2
    expect_fail '[1-9]*' . hv snapshot create vm1 one
    expect_fail '[1-9]*' . hv resize vm1 root=2M
    assert_nothing_left
done
define_tiny vm2
cat >> "$tmp/vm.d/vm2.conf" <<END
disk root { image = "$tmp/images/guess.raw" format = raw }
END
hv start vm2
for fd in "/proc/$(pid_of vm2)/fd"/*; do
    [ "$(readlink "$fd")" != "$secret" ] || fail "it has the secret open"
done
hv kill vm2

if grep -rl "secret of this host" "$tmp/state" "$tmp/run" "$tmp/log"; then
    fail "the secret leaked"
fi

# What is honest works in that jail; what is not, see test-spawn-program.
expect "default/vol" hv volume create default/vol 16M
expect "resized" hv volume resize default/vol 32M
hv volume create default/top --backing "$tmp/state/disks/vol.qcow2" \
    --backing-format qcow2
hv volume resize default/top 64M
qemu-img info "$tmp/state/disks/top.qcow2" | grep "64 MiB"
assert_nothing_left
