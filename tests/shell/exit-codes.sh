#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Exit codes that the manual promises, for what a person does wrong or the host
# lacks; and who is said to have asked for what.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img python3
make_host
add_null
define_null vm1
define_null vm2

# 3: there is no such plugin, whoever names it.
sed -i 's/^hypervisor = .*/hypervisor = xen/' "$tmp/vm.d/vm2.conf"
expect_fail 3 "no hypervisor plugin 'xen'" hv start vm2
define_null vm2
cp "$tmp/hvctl.conf" "$tmp/host"
echo 'network odd { type = "null" provider = none }' >> "$tmp/hvctl.conf"
echo 'pool odd { type = "null" path = "/tmp" provider = none }' \
    >> "$tmp/hvctl.conf"
echo 'nic odd { network = odd }' >> "$tmp/vm.d/vm2.conf"
expect_fail 3 "there is no plugin 'none': correct 'provider'" hv start vm2
expect_fail 3 "there is no plugin 'none': correct 'provider'" hv volume list odd
define_null vm2

# 5: in use, or needed by others.
hv volume create default/v 1M
echo 'disk two { image = "'"$tmp/disks/vm1-root.null"'" format = raw }' \
    >> "$tmp/vm.d/vm2.conf"
python3 - "$tmp/disks/vm1-root.null" "$tmp/state/images/v.qcow2" \
    "$tmp" <<'END' &
import fcntl, os, struct, sys, time
open(sys.argv[3] + "/locked", "w")
fds = []
for root, dirs, files in os.walk(sys.argv[3] + "/state"):
    fds += [os.open(os.path.join(root, f), os.O_RDWR) for f in files
            if f == "v.qcow2"]
fds.append(os.open(sys.argv[1], os.O_RDWR))
assert len(fds) == 2, fds
for fd in fds:
    fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
open(sys.argv[3] + "/ready", "w")
time.sleep(60)
END
locker=$!
cleanup_fn "kill $locker 2> /dev/null || :"
wait_for 5 test -e "$tmp/ready"
for command in "clone default/v w" "snapshot default/v@s" "resize default/v 2M"; do
    expect_fail 5 "in use" hv volume $command
done
kill $locker
wait $locker || :

# 4: a program that is not installed; 7: one that hvctl.conf names wrongly.
printf 'memory = 64M\nhypervisor = cloud-hypervisor\nkernel = "/bin/true"\n' \
    > "$tmp/vm.d/vm3.conf"
if hv plugin list | grep -q '^cloud-hypervisor'; then
    command -v cloud-hypervisor > "$tmp/out" \
        || expect_fail 4 "cloud-hypervisor is not installed" hv start vm3
    echo 'plugin cloud-hypervisor { program = "/no/such" }' >> "$tmp/hvctl.conf"
    expect_fail 7 "/no/such does not exist: remove or correct 'program'" \
        hv start vm3
fi
cp "$tmp/host" "$tmp/hvctl.conf"

# Who asks for what is asked for.
define_null vm1
sed -i '/^hypervisor/d' "$tmp/vm.d/vm1.conf"
echo 'defaults { hypervisor = "null" machine = good accelerator = tcg }' \
    >> "$tmp/hvctl.conf"
hv explain vm1 > "$tmp/out" || :
grep -q "accelerator:tcg  *from 'defaults' in hvctl.conf" "$tmp/out" \
    || fail "$(cat "$tmp/out")"
! grep -q "the definition sets hypervisor" "$tmp/out" \
    || fail "it does not: $(cat "$tmp/out")"
if hv plugin list | grep -q '^qemu'; then
    grep -q "qemu.*'defaults' in hvctl.conf sets hypervisor = null" "$tmp/out" \
        || fail "$(cat "$tmp/out")"
fi

if hv plugin list | grep -q '^qemu' && command -v qemu-system-x86_64; then
    cat > "$tmp/vm.d/vm3.conf" <<END
memory = 64M
hypervisor = qemu
arch = x86_64
machine = q35
kernel = "/bin/true"
END
    expect "accelerator tcg: 'defaults' in hvctl.conf sets it" hv explain vm3
    hv plan vm3 > "$tmp/out"
    grep -q '"accelerator_why": *".defaults. in hvctl.conf sets it"' "$tmp/out" \
        || fail "$(cat "$tmp/out")"
    echo 'accelerator = tcg' >> "$tmp/vm.d/vm3.conf"
    expect "accelerator tcg: the definition sets it" hv explain vm3
    # Of what is known by now, nothing is lost while it looks for more.
    hv create vm4 --memory 64M --hypervisor qemu --machine q35 > "$tmp/out"
    MALLOC_PERTURB_=165 expect "^machine pc-q35-[0-9]" hv explain vm4
    hv rm -y vm4
fi

# Who cannot be asked is told what to do.
expect_fail 2 "vm1 is kept: standard input is not a terminal: use --yes" \
    hv rm vm1 < /dev/null

# What is there twice is called what it is, with where the other one is.
printf 'nic lan { network = null }\n' >> "$tmp/vm.d/vm1.conf"
expect_fail 7 "there is already a nic 'lan', in line [0-9]*:" hv validate vm1
define_null vm1
expect_fail 7 "there is already a nic 'lan'" hv attach-nic vm1 lan:null
expect_fail 7 "there is already a disk 'root'" hv attach-disk vm1 root:8M
for section in 'network null { type = "null" }' 'pool null { type = "null" }' \
    'plugin null { }'; do
    cp "$tmp/host" "$tmp/hvctl.conf"
    echo "$section" >> "$tmp/hvctl.conf"
    expect_fail 7 "there is already a ${section%% *} 'null', in line" hv list
done
# Of two of these, libconfuse drops the first.
cp "$tmp/host" "$tmp/hvctl.conf"
printf 'sandbox { require = full }\nsandbox { deny_calls = {bpf} }\n' \
    >> "$tmp/hvctl.conf"
expect_fail 7 "there is already a section sandbox, in line" hv list
cp "$tmp/host" "$tmp/hvctl.conf"
assert_nothing_left
