#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A real guest with a real agent: exec, cp, ip; the channel survives hotplug, a
# pause, and a saved state; a guest without the key is wired as before.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
PATH=$PATH:/usr/sbin:/sbin
export PATH
requires_linux
requires qemu-ga ldd
make_host <<'END'
network user { type = user }
END

# The agent and its libraries, after what the guest has already.
mkdir -p "$tmp/more/bin"
cp "$(command -v qemu-ga)" "$tmp/more/bin/"
for file in $(ldd "$(command -v qemu-ga)" | grep -o '/[^ ]*'); do
    mkdir -p "$tmp/more${file%/*}"
    cp -L "$file" "$tmp/more$file"
done
(cd "$tmp/more" && find . | cpio --quiet -o -H newc -R 0:0) > "$tmp/more.cpio"
cat "$linux/initrd" "$tmp/more.cpio" > "$tmp/initrd"

define_linux vm1 <<'END'
agent = yes
nic lan { network = user }
END
sed -i "s|^initrd = .*|initrd = \"$tmp/initrd\"|" "$tmp/vm.d/vm1.conf"
hv start vm1
wait_console vm1 "hvctl-guest: ready"
expect_fail 9 "waited 0.3 seconds for agent: its guest agent does not answer" \
    hv wait --for agent -t 300ms vm1
guest vm1 agent
hv wait --for agent -t 30s vm1

# answers_well TEXT: it does what it is told.
answers_well ()
{
    [ "$(echo "$1" | hv exec vm1 -- tr a-z A-Z)" = "$2" ] || fail "exec: $1"
}

answers_well one ONE
expect_fail 3 "" hv exec -n vm1 -- sh -c 'exit 3'
head -c 500000 /dev/urandom > "$tmp/file"
hv cp "$tmp/file" vm1:/tmp/
hv cp vm1:/tmp/file "$tmp/back"
cmp "$tmp/file" "$tmp/back"
mac=$(hv list --columns name,mac -o json vm1 | grep -o '52:54:00:[0-9a-f:]*')
expect_fail 3 "no address of vm1 is known" hv ip vm1
nic=$(hv exec -n vm1 -- sh -c "grep -l $mac /sys/class/net/*/address" | cut -d / -f 5)
guest vm1 ip "$nic" 10.0.2.15/24
expect "vm1: nic lan: 10.0.2.15 (agent)" hv ip vm1
hv wait --for ip -t 10s vm1
expect_fail '[1-9]*' "Failed to execute child process" \
    hv wait --for cloud-init -t 20s vm1

# As in all other VMs, its channel is no obstacle.
hv attach-nic vm1 more:user
hv detach-nic vm1 more
answers_well two TWO
hv pause vm1
expect_fail 255 "vm1 is paused, so its guest agent cannot answer (hvctl resume" \
    hv exec -n vm1 true
hv resume vm1
answers_well three THREE
hv save vm1
hv start vm1
answers_well four FOUR
hv kill vm1
assert_nothing_left

# Only who asks for it has it.
hv plan --command vm1 > "$tmp/with"
grep -q "virtio-serial" "$tmp/with" || fail "no port"
sed -i '/^agent/d' "$tmp/vm.d/vm1.conf"
hv plan --command vm1 > "$tmp/without"
! grep -q "virtio-serial" "$tmp/without" || fail "a port without the key"
