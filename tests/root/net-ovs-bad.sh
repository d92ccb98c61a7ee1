#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is wrong with Open vSwitch or with what was asked of it, by the whole
# command: one sentence, an exit code, in time, and nothing is left: no tap, no
# row, no process, and what is somebody else's is as it was.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_plugin net-ovs qemu
requires_tiny
requires python3
in_namespace
make_ovs

# What answers at a socket: words, half of an answer and the end, much, or
# nothing; for ever.
cat > "$ovs/peer.py" <<'END'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(8)
open(sys.argv[1] + ".up", "w").close()
kept = []
while True:
    c = s.accept()[0]
    kept.append(c)
    try:
        c.recv(65536)
        what = sys.argv[2]
        if what == "garbage":
            c.sendall(b"220 mail.example.com ESMTP \x1b[1m\r\n")
        elif what == "truncated":
            c.sendall(b'{"id":1,"result":[{"rows":[{"cur_cfg":')
            c.close()
        elif what == "much":
            c.sendall(b'{"id":1,"result":["')
            for i in range(100):
                c.sendall(b"x" * 1048576)
    except OSError:
        pass
END
for kind in garbage truncated much nothing; do
    python3 "$ovs/peer.py" "$ovs/$kind.sock" $kind &
    cleanup_fn kill -9 $!
    wait_for 10 test -e "$ovs/$kind.sock.up"
done

make_host <<END
network good { type = ovs bridge = br0 socket = "$ovs/db.sock" }
network none { type = ovs bridge = none socket = "$ovs/db.sock" }
network tag { type = ovs bridge = br0 tag = 5000 socket = "$ovs/db.sock" }
network gone { type = ovs bridge = br0 socket = "$ovs/gone.sock" }
network dpdk {
    type = ovs bridge = br0 vhost_user = yes vhost_user_dir = "$ovs"
    socket = "$ovs/db.sock"
}
network garbage { type = ovs bridge = br0 socket = "$ovs/garbage.sock" }
network truncated { type = ovs bridge = br0 socket = "$ovs/truncated.sock" }
network much { type = ovs bridge = br0 socket = "$ovs/much.sock" }
network nothing { type = ovs bridge = br0 socket = "$ovs/nothing.sock" }
END
links=$(list_links)

# refused NETWORK CODE WORDS: the start of a VM with a NIC there, in time.
refused ()
{
    define_tiny vm1
    echo "nic lan { network = $1 }" >> "$tmp/vm.d/vm1.conf"
    before=$(date +%s)
    expect_fail "$2" "$3" hv start vm1
    # Each command sweeps networks first, and may warn of it.
    [ "$(grep -c -v "^hvctl: network [a-z]*: " "$tmp/err")" -eq 1 ] \
        || fail "$(cat "$tmp/err")"
    ! grep -q "$(printf '\033')" "$tmp/err" || fail "it reached the terminal"
    [ $(($(date +%s) - before)) -lt "${4:-25}" ] || fail "it took too long"
    [ "$(ovs-vsctl --no-wait list-ports br0)" = "${5-}" ] \
        || fail "rows: $(ovs-vsctl --no-wait list-ports br0)"
    assert_nothing_left
    [ "$(list_links)" = "$links" ] || fail "links: $(list_links)"
}

refused none 3 "no bridge 'none' in Open vSwitch: create it"
refused tag 7 "tag = 5000: the highest VLAN is 4095"
refused gone 3 "not served at $ovs/gone.sock"
refused dpdk 4 "needs an Open vSwitch with DPDK"
refused garbage 1 "does not speak OVSDB"
refused truncated 9 "did not come back"
refused much 1 "sent more than"
refused nothing 9 "does not answer at"

# Somebody else's port has the name.
ovs-vsctl --no-wait add-port br0 vm1-lan
refused good 1 "already has a port 'vm1-lan', which hvctl did not create" 25 vm1-lan
ovs-vsctl --timeout=10 del-port vm1-lan

kill -STOP $vswitchd
refused good 9 "ovs-vswitchd did not configure the port" 40
kill -CONT $vswitchd

# And after all that it works.
define_tiny vm1
echo "nic lan { network = good }" >> "$tmp/vm.d/vm1.conf"
hv start vm1
[ "$(ovs-vsctl list-ports br0)" = vm1-lan ] || fail "there is no port"
hv kill vm1
assert_nothing_left
