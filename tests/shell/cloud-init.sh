#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The section 'cloud_init': each mistake is refused, with the place and a remedy,
# and without a secret; the image is there while the VM runs, and only then.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires xorriso
make_host < /dev/null
add_null
key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq2sbBqhAyK0L8bUuWW2bD5x4Yc0G4vYtYV8nGm0t3Q me@here"
hash='$6$uW3kA9xQ$0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCDEFGHIJ'
image=$tmp/run/vm/vm1/cloud-init.iso

# vm TEXT: vm1 with that section.
vm ()
{
    define_null vm1
    [ -z "$1" ] || printf 'cloud_init {\n%s\n}\n' "$1" >> "$tmp/vm.d/vm1.conf"
}

# refused CODE PATTERN SECTION: by validate or, if it is about a file, by start.
refused ()
{
    vm "$3"
    expect_fail "$1" "$2" hv start vm1
    ! grep -F "hunter2" "$tmp/err" || fail "a secret is printed"
    [ ! -e "$image" ] || fail "an image is left"
}

# files: those of the image.
files ()
{
    rm -rf "$tmp/files"
    xorriso -osirrox on -indev "stdio:$image" -extract / "$tmp/files" > "$tmp/out" 2>&1 \
        || fail "xorriso: $(cat "$tmp/out")"
    chmod -R u+rwX "$tmp/files"
}

# ------------------------------------------------------------------ Refused

refused 7 "way to log in.*ssh_keys" 'hostname = www'
refused 7 "openssl passwd -6" 'password_hash = hunter2'
refused 7 "openssl passwd -6" 'password_hash = "$1$hunter2$0123456789abcdefghijkl"'
refused 7 "openssl passwd -6" 'password_hash = "$y$hunter2$0123456789abcdefghijkl"'
refused 7 "did you mean .password_hash" 'password = hunter2'
refused 7 "neither a public key" 'ssh_keys = { "ssh-ed25519 hello" }'
refused 7 "neither a public key" 'ssh_keys = { key.pub }'
refused 7 "ssh_keys" 'ssh_keys = ""'
for host in -a a- a..b a_b "a b" .a "$(printf %064d 0)"; do
    refused 7 "host name" "ssh_keys = \"$key\" hostname = \"$host\""
done
refused 7 "name of a user" "ssh_keys = \"$key\" user = 'Me Too'"
refused 7 "instance_id" "ssh_keys = \"$key\" instance_id = 'a b'"
refused 7 "ready image.*ssh_keys" "seed = /x ssh_keys = \"$key\""
refused 7 "public-keys" "meta_data = /x ssh_keys = \"$key\""
refused 7 "unknown key.*hostname" "ssh_keys = \"$key\" hostnam = a"

# Files.
echo hunter2 > "$tmp/file"
refused 7 "openssl passwd -6" "password_hash = \"$tmp/file\""
refused 3 "password_hash: .*missing: .*No such file" "password_hash = \"$tmp/missing\""
refused 3 "user_data: .*missing: .*No such file" "user_data = \"$tmp/missing\""
refused 1 "not a file" "user_data = \"$tmp\""
printf 'packages: [ vim ]\n' > "$tmp/file"
refused 7 "vm1.conf:[0-9]*: cloud_init: user_data.*#cloud-config" "user_data = \"$tmp/file\""
printf '#cloud-config\na:\n\t- b\n' > "$tmp/file"
refused 7 "tab in line 3" "user_data = \"$tmp/file\""
printf '#cloud-config\na: \377\n' > "$tmp/file"
refused 7 "UTF-8 in line 2" "user_data = \"$tmp/file\""
printf '#cloud-config\na: \000\n' > "$tmp/file"
refused 7 "NUL" "user_data = \"$tmp/file\""
: > "$tmp/file"
refused 7 "is empty" "user_data = \"$tmp/file\""
refused 7 "has no public key" "ssh_keys = \"$tmp/file\""
printf 'local-hostname: a\n' > "$tmp/file"
refused 7 "no 'instance-id'" "meta_data = \"$tmp/file\""
refused 7 "version" "ssh_keys = \"$key\" network_config = \"$tmp/file\""
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n' > "$tmp/file"
refused 7 "a private one" "ssh_keys = \"$tmp/file\""
truncate -s 64K "$tmp/file"
refused 7 "label CIDATA" "seed = \"$tmp/file\""
rm -f "$tmp/file"
mkfifo "$tmp/file"
refused 1 "not a file" "user_data = \"$tmp/file\""
refused 1 "not a file" "ssh_keys = \"$tmp/file\""
refused 1 "neither a file" "seed = \"$tmp/file\""
rm -f "$tmp/file"
truncate -s 2M "$tmp/file"
refused 1 "at most 1 MiB" "user_data = \"$tmp/file\""

# cloud-init itself knows more, where it is installed.
printf '#cloud-config\nusers: 3\n' > "$tmp/user-data"
vm "user_data = \"$tmp/user-data\""
if command -v cloud-init > /dev/null; then
    expect_fail 7 "vm1.conf:[0-9]*: cloud_init: user_data: .*users" hv validate vm1
else
    hv validate vm1
fi

# ------------------------------------------------------------------ Accepted

vm ""
hv start vm1
[ ! -e "$image" ] || fail "an image without the section"
hv stop vm1

# Each way that virtainers has: a ready image (below), user-data and meta-data,
# user-data alone, a key, and nothing, which is refused above.
printf '# mine\n%s\n\n' "$key" > "$tmp/key.pub"
printf '#cloud-config\nruncmd: [ true ]\n' > "$tmp/user-data"
printf 'instance-id: localimage-01\nlocal-hostname: cloudimage\n' > "$tmp/meta-data"
vm "user_data = \"$tmp/user-data\" meta_data = \"$tmp/meta-data\""
hv start vm1
[ "$(stat -c %a "$image")" = 600 ] || fail "the image can be read by others"
files
cmp "$tmp/user-data" "$tmp/files/user-data"
cmp "$tmp/meta-data" "$tmp/files/meta-data"
cp "$image" "$tmp/ready.iso"
xorriso -read_fs norock -indev "stdio:$image" -find / > "$tmp/out" 2> "$tmp/err"
grep -x "'/meta-data'" "$tmp/out" || fail "no Joliet: $(cat "$tmp/out")"
hv stop vm1
[ ! -e "$image" ] || fail "the image is left"

vm "user_data = \"$tmp/user-data\""
hv start vm1
files
cmp "$tmp/user-data" "$tmp/files/user-data"
grep -x 'local-hostname: "vm1"' "$tmp/files/meta-data"
hv kill vm1
[ ! -e "$image" ] || fail "the image is left after kill"

echo "$hash" > "$tmp/hash"
vm "password_hash = \"$tmp/hash\""
hv start vm1
files
grep -qxF "password: \"$hash\"" "$tmp/files/user-data" || fail "not that of the file"
hv stop vm1

vm "ssh_keys = { \"$tmp/key.pub\", \"$key\" } user = root password_hash = '$hash'
hostname = www.example.org instance_id = again"
hv start vm1
files
cat > "$tmp/expected" <<END
instance-id: "again"
local-hostname: "www.example.org"
public-keys:
  - "$key"
  - "$key"
END
diff "$tmp/expected" "$tmp/files/meta-data"
cat > "$tmp/expected" <<END
#cloud-config
user: "root"
disable_root: false
password: "$hash"
chpasswd:
  expire: false
END
diff "$tmp/expected" "$tmp/files/user-data"
cksum < "$image" > "$tmp/first"
! grep -rF "${hash#*0123}" "$tmp/log" "$tmp/run/vm/vm1/plan" "$tmp/state" \
    || fail "the hash is in a log or a plan"
hv stop vm1
hv start vm1
cksum < "$image" | cmp - "$tmp/first" || fail "another image for the same section"
# Differences are found without showing what is secret.
sed -i 's/0123456789/1123456789/; s/again/third/' "$tmp/vm.d/vm1.conf"
status=0
hv diff vm1 > "$tmp/out" || status=$?
grep "^vm1: cloud_init instance_id: .*again.*third" "$tmp/out" || fail "$(cat "$tmp/out")"
grep "^vm1: cloud_init password_hash: .*sha256:" "$tmp/out" || fail "$(cat "$tmp/out")"
! grep -F "$hash" "$tmp/out" || fail "diff shows the hash"
hv stop vm1

# One NIC is cloud-init's own business; of several it would configure one.
[ ! -e "$tmp/files/network-config" ] || fail "a network configuration"
vm "ssh_keys = \"$key\""
echo 'nic dmz { network = null mac = 52:54:00:00:00:07 }' >> "$tmp/vm.d/vm1.conf"
sed -i 's/^nic lan .*/nic lan { network = null mac = 52:54:00:00:00:06 }/' "$tmp/vm.d/vm1.conf"
hv start vm1
files
cat > "$tmp/expected" <<END
version: 2
ethernets:
  "lan":
    match:
      macaddress: "52:54:00:00:00:06"
    dhcp4: true
  "dmz":
    match:
      macaddress: "52:54:00:00:00:07"
    dhcp4: true
    optional: true
END
diff "$tmp/expected" "$tmp/files/network-config"
hv stop vm1

vm "seed = \"$tmp/ready.iso\""
hv start vm1
[ ! -e "$image" ] || fail "an image beside a ready one"
hv stop vm1
[ -e "$tmp/ready.iso" ] || fail "the ready image was removed"

# A template has the keys, a VM its own name; a fleet's members differ.
cat >> "$tmp/hvctl.conf" <<END
template cloud { cloud_init { ssh_keys = { "$tmp/key.pub" } hostname = "\${name}-x" } }
END
vm ""
echo "templates = { cloud }" >> "$tmp/vm.d/vm1.conf"
hv start vm1
files
grep -x 'local-hostname: "vm1-x"' "$tmp/files/meta-data"
hv show --effective vm1 > "$tmp/vm.d/vm2.conf"
grep -q "^cloud_init {" "$tmp/vm.d/vm2.conf" || fail "$(cat "$tmp/vm.d/vm2.conf")"
hv kill vm1
rm "$tmp/vm.d/vm2.conf"

# Any name of a VM gives a host name.
while read -r name host; do
    vm "ssh_keys = \"$key\""
    mv "$tmp/vm.d/vm1.conf" "$tmp/vm.d/$name.conf"
    sed -i '/^disk root/d' "$tmp/vm.d/$name.conf"
    hv start "$name" > "$tmp/out"
    image=$tmp/run/vm/$name/cloud-init.iso
    files
    grep -qx "local-hostname: \"$host\"" "$tmp/files/meta-data" \
        || fail "$name: $(cat "$tmp/files/meta-data")"
    hv stop "$name" > "$tmp/out"
    rm "$tmp/vm.d/$name.conf"
done <<END
web_1 web-1
web_ web
a_b.c a-b.c
a..b a--b
a-.b_ a--b
END
image=$tmp/run/vm/vm1/cloud-init.iso

# A clone is another instance, of another name.
vm "ssh_keys = \"$key\"
hostname = www.example.org
instance_id = again"
sed -i '/^disk root/d' "$tmp/vm.d/vm1.conf"
hv clone vm1 vm2 > "$tmp/out" 2>&1 || cat "$tmp/out"
grep "cloud_init: without hostname = www.example.org" "$tmp/out" || fail "$(cat "$tmp/out")"
grep "cloud_init: without instance_id = again" "$tmp/out" || fail "$(cat "$tmp/out")"
! grep -e hostname -e instance_id "$tmp/vm.d/vm2.conf" || fail "$(cat "$tmp/vm.d/vm2.conf")"
rm "$tmp/vm.d/vm2.conf"

# There can be no other disk of that name.
vm ""
echo 'disk cloud_init { pool = null }' >> "$tmp/vm.d/vm1.conf"
expect_fail 7 "choose another" hv start vm1
assert_nothing_left
