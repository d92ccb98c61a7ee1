#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where a guest is, and into it: leases of a real dnsmasq, the neighbour table, a
# real ssh server.  The guest's end of the wire is a network namespace with its
# MAC address; its hypervisor is the null one.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires dnsmasq busybox ssh ssh-keygen nsenter
sshd=$(PATH=$PATH:/usr/sbin command -v sshd) || skip "no sshd"
in_namespace
make_bridge 10.9.0.1/24
ip -6 addr add fd00:9::1/64 dev br0 nodad
make_host
add_null
sed -i "s|^network null .*|network null { type = \"null\" leases = leases }|" \
    "$tmp/hvctl.conf"
direct_hvctl
define_null web
define_null other
expect_fail 6 "web is not running (hvctl start web)" hv ip web
expect_fail 3 "there is no VM" hv ip nobody
hv start web other
mac=$(hv list --columns name,mac -o json web | grep -o '52:54:00:[0-9a-f:]*')
[ -n "$mac" ] || fail "no MAC"

# The file is not there yet: told, and the rest works.
expect_fail 3 "neither the leases of its network .* nor this host's" hv ip web
grep -q "hvctl.conf:[0-9]*: leases of network null: .*/leases: No such file" \
    "$tmp/err" || fail "$(cat "$tmp/err")"

# ------------------------------------------------------------- the guest's end
unshare -n sleep 600 & guest=$!
cleanup_fn "kill $guest 2> /dev/null"
wait_for 5 eval '[ "$(readlink /proc/$guest/ns/net)" != "$(readlink /proc/$$/ns/net)" ]'
in_guest ()
{
    nsenter -t $guest -n "$@"
}
ip link add port type veth peer name eth0 netns $guest
ip link set port master br0 up
in_guest ip link set eth0 address "$mac"
in_guest ip link set lo up
in_guest ip link set eth0 up

dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=br0 \
    --bind-interfaces --dhcp-range=10.9.0.100,10.9.0.150,1h --user=root \
    --dhcp-leasefile="$tmp/leases" --pid-file= > "$tmp/dnsmasq.log" 2>&1 &
dnsmasq=$!
cleanup_fn "kill $dnsmasq 2> /dev/null"
cat > "$tmp/udhcpc" <<'END'
#!/bin/sh
[ "$1" != bound ] || ip addr add "$ip/24" dev eth0
END
chmod 755 "$tmp/udhcpc"
hv wait --for ip --timeout 30s web > "$tmp/waited" 2>&1 & waiting=$!
in_guest busybox udhcpc -i eth0 -n -q -t 20 -T 1 -s "$tmp/udhcpc" \
    -x hostname:web > "$tmp/dhcp.log" 2>&1 \
    || fail "$(cat "$tmp/dhcp.log" "$tmp/dnsmasq.log")"
wait $waiting || fail "$(cat "$tmp/waited")"
address=$(in_guest ip -o -4 addr show dev eth0 \
    | sed -n 's,.*inet \([0-9.]*\)/.*,\1,p')
expect "^web: nic lan: $address (lease)$" hv ip web
[ "$(hv ip -1 web)" = "$address" ] || fail "not alone: $(hv ip -1 web)"
expect "\"source\": *\"lease\"" hv ip -o json web
expect "$address" hv list --wide web
expect "address $address" hv status web
expect "web.*address of nic lan.*$address" hv find "$address"
[ "$(hv list --names --ip "$address")" = web ] || fail "list --ip"
expect_fail 3 "no address of other is known" hv ip other
expect_fail 3 "no address of other is known" hv ip web other
grep -q "$address" "$tmp/out" || fail "the other one is not told"

# What the guest talks is in the neighbour table, once; IPv6, too.
in_guest ip -6 addr add fd00:9::5/64 dev eth0 nodad
in_guest busybox ping -c 1 -w 5 10.9.0.1 > "$tmp/ping"
in_guest busybox ping -c 1 -w 5 fd00:9::1 > "$tmp/ping"
expect "fd00:9::5 (neighbour)" hv ip web
[ "$(hv ip web | grep -c "$address")" = 1 ] || fail "twice: $(hv ip web)"
[ "$(hv list --names --ip fd00:9::5)" = web ] || fail "list --ip, IPv6"
kill $dnsmasq
rm "$tmp/leases"
expect "$address (neighbour)" hv ip web
mkfifo "$tmp/leases"
expect "$address (neighbour)" hv ip web
grep -q "neither a file nor a socket" "$tmp/err" || fail "$(cat "$tmp/err")"
rm "$tmp/leases"

# ----------------------------------------------------------------- into it
expect_fail 2 "for what" hv wait web
expect_fail 2 "--for up is not known: it is shutdown, ip, ssh, agent or cloud-init" \
    hv wait --for up web
expect_fail 2 "is not a duration" hv wait --for ssh --timeout x web
expect_fail 9 "waited 0.5 seconds for ssh: no ssh server answers" \
    hv wait --for ssh --timeout 500ms web
expect_fail 9 "hvctl wait --for ssh web" hv ssh web
ssh-keygen -q -t ed25519 -N '' -f "$tmp/host"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/key"
mkdir -p "$tmp/sshd" /run/sshd
cat > "$tmp/sshd.conf" <<END
HostKey $tmp/host
AuthorizedKeysFile $tmp/key.pub
StrictModes no
PidFile none
UsePAM no
END
hv wait --for ssh --timeout 30s web > "$tmp/waited" 2>&1 & waiting=$!
nsenter -t $guest -n "$sshd" -D -e -f "$tmp/sshd.conf" > "$tmp/sshd.log" 2>&1 & server=$!
cleanup_fn "kill $server 2> /dev/null"
wait $waiting || fail "$(cat "$tmp/waited" "$tmp/sshd.log")"

# OpenSSH asks for the home of the user, whatever $HOME is.
cat > "$tmp/ssh" <<END
#!/bin/sh
exec $(command -v ssh) -F none -i "$tmp/key" "\$@"
END
chmod 755 "$tmp/ssh"
PATH=$tmp:$PATH
export PATH
[ "$(hv ssh -u root web -- echo -n in it 2> "$tmp/err")" = "in it" ] \
    || fail "$(cat "$tmp/err" "$tmp/sshd.log")"
grep -q "^web .*$(cut -d ' ' -f 2 "$tmp/host.pub")" "$tmp/state/vm/web/known_hosts" \
    || fail "the host key is not kept: $(cat "$tmp/state/vm/web/known_hosts")"
status=0
hv ssh -u root web exit 7 2> "$tmp/err" || status=$?
[ $status = 7 ] || fail "exit status $status"
hv ssh-config -u root web > "$tmp/config"
[ "$(ssh -F "$tmp/config" web echo by config 2> "$tmp/err")" = "by config" ] \
    || fail "$(cat "$tmp/config" "$tmp/err")"

# Another host key is another guest: refused.
kill $server
wait $server || :
ssh-keygen -q -t ed25519 -N '' -f "$tmp/host2"
sed -i "s,^HostKey.*,HostKey $tmp/host2," "$tmp/sshd.conf"
nsenter -t $guest -n "$sshd" -D -e -f "$tmp/sshd.conf" > "$tmp/sshd.log" 2>&1 & server=$!
cleanup_fn "kill $server 2> /dev/null"
hv wait --for ssh web
! hv ssh -u root web true 2> "$tmp/err" || fail "another host key is taken"
grep -q "IDENTIFICATION HAS CHANGED" "$tmp/err" || fail "$(cat "$tmp/err")"

# A forward comes first.
kill $server
wait $server || :
sed -i "s,^nic lan .*,nic lan { network = null  forward = \"tcp:127.0.0.1:2222:22\" }," \
    "$tmp/vm.d/web.conf"
printf 'Port 2222\nListenAddress 127.0.0.1\n' >> "$tmp/sshd.conf"
"$sshd" -D -e -f "$tmp/sshd.conf" > "$tmp/sshd.log" 2>&1 & server=$!
cleanup_fn "kill $server 2> /dev/null"
hv wait --for ssh --timeout 10s web
expect "Port 2222" hv ssh-config web
without=$(PATH=/nonexistent "$hvctl" -c "$tmp/hvctl.conf" ssh web 2>&1) \
    && fail "there is an ssh"
echo "$without" \
    | grep -q "^hvctl: there is no program 'ssh' here: install openssh-client" \
    || fail "no ssh: $without"
kill $server

# What has shut down is waited for; with its VM, its host key goes.
expect_fail 9 "it is still running" hv wait --for shutdown --timeout 300ms web
hv kill web other
hv wait --for shutdown --timeout 5s web
hv rm -y web
[ ! -e "$tmp/state/vm/web" ] || fail "left: $(ls "$tmp/state/vm/web")"
# Its network goes with it, and the wire, but not at once.
kill $guest
wait_for 10 eval '! ip link show port > /dev/null 2>&1'
assert_nothing_left
