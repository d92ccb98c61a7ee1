#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What two VMs must not share is found by validate, with file and line.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin net-user
make_host <<'END'
network user { type = user }
END
add_null
define_null vm1
define_null vm2

hv validate
echo 'nic two { network = null mac = "52:54:00:11:22:33" }' \
    | tee -a "$tmp/vm.d/vm1.conf" >> "$tmp/vm.d/vm2.conf"
expect_fail 7 "52:54:00:11:22:33" hv validate
grep -q "vm2.conf:[0-9]*:" "$tmp/err" || fail "no file and line"

define_null vm2
echo 'disk more { pool = null volume = vm1-root }' >> "$tmp/vm.d/vm2.conf"
expect_fail 7 "vm1-root" hv validate

# The other kind: the same name twice in one definition.
define_null vm2
echo 'disk root { pool = null }' >> "$tmp/vm.d/vm2.conf"
expect_fail 7 "root" hv validate vm2

# Ports: every address of the host is one that the other VM wants, in whichever
# order the files are read.
# forwarding VM RULES
forwarding ()
{
    define_null "$1"
    echo "nic two { network = user forward = \"$2\" }" >> "$tmp/vm.d/$1.conf"
}
for pair in "127.0.0.1 0.0.0.0" "0.0.0.0 127.0.0.1" "0.0.0.0 0.0.0.0"; do
    forwarding vm1 "tcp:${pair% *}:24444:22"
    forwarding vm2 "udp:127.0.0.9:24444:22,tcp:${pair#* }:24444:22"
    expect_fail 7 "vm2.conf:[0-9]*: port 24444 (tcp) of ${pair#* } is used twice: also by vm1" \
        hv validate
    expect "" hv create vm3 --hypervisor null --memory 16M \
        --set nic.a.network=user --set "nic.a.forward=tcp:0.0.0.0:24444:80"
    grep -q "vm3.conf:[0-9]*: port 24444 (tcp) of 0.0.0.0 is used twice: also by vm[12]" \
        "$tmp/err" || fail "create: $(cat "$tmp/err")"
    rm "$tmp/vm.d/vm3.conf"
done
forwarding vm1 "tcp:127.0.0.1:24444:22,tcp:0.0.0.0:2444:22"
forwarding vm2 "udp:0.0.0.0:24444:22,tcp:127.0.0.2:24444:22"
hv validate
rm "$tmp/vm.d/vm1.conf" "$tmp/vm.d/vm2.conf"

# Within one VM, before any start.
for both in "127.0.0.1 0.0.0.0" "0.0.0.0 127.0.0.9" "127.0.0.9 127.0.0.9"; do
    forwarding vm1 "tcp:${both% *}:24444:22"
    echo "nic three { network = user forward = \"tcp:${both#* }:24444:23\" }" \
        >> "$tmp/vm.d/vm1.conf"
    expect_fail 7 "vm1.conf:[0-9]*: port 24444 (tcp) of .* is used twice: also by nic t" \
        hv validate vm1
    forwarding vm1 "tcp:${both% *}:24444:22,tcp:${both#* }:24444:23"
    expect_fail 7 "vm1.conf:[0-9]*: port 24444 (tcp) of .* is used twice: also by nic two" \
        hv plan vm1
done
rm "$tmp/vm.d/vm1.conf"

# In one fleet, however far apart.
define f <<'END'
count = 30
memory = 16M
hypervisor = null
nic lan { network = user forward = "tcp:0.0.0.0:${5000 + index}:22"  }
nic dmz { network = user forward = "tcp:127.0.0.1:${5025 + index}:22" }
END
expect_fail 7 "port 5025 (tcp) of 0.0.0.0 is used twice" hv validate
expect_fail 7 "port 5025 (tcp) of 0.0.0.0 is used twice" hv start f-3
rm "$tmp/vm.d/f.conf"

# An address that is not known is not the same as another one.
define a <<'END'
memory = 16M
hypervisor = null
identity = address
nic c { network = null }
nic d { network = null }
nic e { network = null address = 1.2.3.4.5 }
disk x { pool = null volume = "${nope}" }
disk y { pool = null volume = a-x }
END
expect_fail 7 "a.conf:4: nic c: .*set 'address', or 'mac'" hv validate
[ "$(wc -l < "$tmp/err")" = 4 ] || fail "$(cat "$tmp/err")"
grep -q "a.conf:6: nic e: address 1.2.3.4.5 is not" "$tmp/err" || fail "address"
rm "$tmp/vm.d/a.conf"

# NICs refer to each other by their names.
define a <<'END'
memory = 16M
hypervisor = null
nic a { network = null mac = "${mac.b}" }
nic b { network = null mac = "${mac.a}" }
END
expect_fail 7 "'mac.a' refers to itself: mac.a -> mac.b -> mac.a" hv validate
