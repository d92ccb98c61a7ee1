#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A guest with the kernel of a cloud image sees the disk for cloud-init, its
# label and its files; a saved one finds it as it was, and nothing is left of it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_root
requires_linux
requires xorriso blkid
make_host
key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq2sbBqhAyK0L8bUuWW2bD5x4Yc0G4vYtYV8nGm0t3Q me@here"
hash='$6$uW3kA9xQ$0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGHIJ'
printf '#!/bin/sh\necho first\n' > "$tmp/script"
printf 'version: 2\nethernets: {}\n' > "$tmp/net"
image=$tmp/run/vm/vm1/cloud-init.iso

# files: those of the image, as another program reads them.
files ()
{
    rm -rf "$tmp/files"
    xorriso -osirrox on -indev "stdio:$image" -extract / "$tmp/files" > "$tmp/out" 2>&1 \
        || fail "xorriso: $(cat "$tmp/out")"
    chmod -R u+rwX "$tmp/files"
}

define_linux vm1 <<END
disk root { image = "$tmp/script" format = raw readonly = yes }
cloud_init {
    ssh_keys = { "$key" }
    password_hash = '$hash'
    user_data = "$tmp/script"
    network_config = "$tmp/net"
}
END
truncate -s 1M "$tmp/script.img"
sed -i "s,image = \"$tmp/script\",image = \"$tmp/script.img\"," "$tmp/vm.d/vm1.conf"
hv start vm1
wait_console vm1 "hvctl-guest: ready"
grep "disk vdb [0-9]* ro" "$(console_log vm1)"

# On the host.
[ "$(stat -c %a "$image")" = 600 ] || fail "the image can be read by others"
blkid -p -o value -s LABEL "$image" | grep -qx CIDATA || fail "no label"
files
cmp "$tmp/script" "$tmp/files/user-data"
cmp "$tmp/net" "$tmp/files/network-config"
uuid=$(hv show -o json vm1 | sed -n 's/.*"uuid": *"\([^"]*\)".*/\1/p' | head -n 1)
cat > "$tmp/expected" <<END
instance-id: "$uuid"
local-hostname: "vm1"
public-keys:
  - "$key"
END
diff "$tmp/expected" "$tmp/files/meta-data"
grep -qF "password: \"$hash\"" "$tmp/files/vendor-data" || fail "no password"

# In the guest.
guest vm1 mount vdb meta-data
grep -F "local-hostname: \"vm1\"" "$(console_log vm1)"
guest vm1 mount vdb user-data
grep "^echo first" "$(console_log vm1)"

# Nowhere else.
secret=${hash#*0123}
tr '\0' ' ' < "/proc/$(pid_of vm1)/cmdline" > "$tmp/cmdline"
! grep -rlF "$secret" "$tmp/run/vm/vm1/plan" "$tmp/log" "$tmp/state" "$tmp/cmdline" \
    || fail "the hash is in the plan, a log or a command line"
hv plan -o json vm1 > "$tmp/plan"
hv explain vm1 >> "$tmp/plan"
! grep -F "$secret" "$tmp/plan" || fail "the hash is in a plan"

# A change is reported, and takes effect at the next start.
hv diff vm1 > "$tmp/out" || :
! grep cloud_init "$tmp/out" || fail "differs from itself"
echo "echo more" >> "$tmp/script"
status=0
hv diff vm1 > "$tmp/out" || status=$?
grep "user_data" "$tmp/out" || fail "no difference is reported: $(cat "$tmp/out")"

# It is no disk of the definition, which commands would miss, or snapshot.
hv status vm1 > "$tmp/out"
! grep "cloud_init" "$tmp/out" || fail "$(cat "$tmp/out")"
expect_fail 3 "no disk" hv detach-disk vm1 cloud_init

# A restored guest has the disk that it had.
sum=$(cksum < "$image")
guest vm1 keep this
hv save vm1
[ ! -e "$image" ] || fail "the image is left after save"
hv start vm1
[ "$(cksum < "$image")" = "$sum" ] || fail "the restored disk is another one"
guest vm1 recall
guest vm1 mount vdb meta-data
hv kill vm1
[ ! -e "$image" ] || fail "the image is left"
hv start vm1
files
cmp "$tmp/script" "$tmp/files/user-data"
sed -n '1p' "$tmp/files/meta-data" | grep -qF "$uuid" || fail "another instance"
hv kill vm1
assert_nothing_left

# A ready image is passed as it is.
rm -rf "$tmp/ready"
mkdir "$tmp/ready"
echo "instance-id: mine" > "$tmp/ready/meta-data"
echo "#cloud-config" > "$tmp/ready/user-data"
xorriso -as mkisofs -quiet -V cidata -J -r -o "$tmp/ready.iso" "$tmp/ready" 2> "$tmp/out"
define_linux vm1 <<END
cloud_init { seed = "$tmp/ready.iso" }
END
hv start vm1
wait_console vm1 "hvctl-guest: ready"
guest vm1 mount vda meta-data
grep "^instance-id: mine" "$(console_log vm1)"
hv kill vm1
[ -e "$tmp/ready.iso" ] || fail "the ready image was removed"
assert_nothing_left
