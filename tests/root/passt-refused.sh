#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A forwarded port that cannot be had, and a passt that does not serve: one
# sentence that says which, before anything is started or with nothing left.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_plugin net-user
requires_tiny
kernel_log reads
requires passt busybox
in_namespace
make_host <<END
network inside { type = user backend = slirp }
END
[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] \
    || skip "port 80 is for everybody"
mkdir "$tmp/www"
(cd "$tmp/www" && exec busybox httpd -f -p 127.0.0.1:8080) &
cleanup_fn kill $!
taken ()
{
    busybox wget -q -O /dev/null http://127.0.0.1:8080/ 2>&1 | grep 404
}
wait_for 10 taken

# A port that somebody has, one that takes a privilege, an address of another
# host; by whichever program it is to be forwarded.
refuses ()
{
    define_tiny vm1
    echo "nic lan { network = $1 forward = \"$2\" }" >> "$tmp/vm.d/vm1.conf"
    expect_fail '[1-9]*' "vm1: nic lan: $3" hv start vm1
    [ "$(wc -l < "$tmp/err")" = 1 ] || fail "more than a sentence"
    ! grep -i "syslog\|degraded\|passt" "$tmp/err" || fail "noise"
    assert_nothing_left
}
for network in user inside; do
    refuses $network tcp:127.0.0.1:8080:80 \
        "port 8080 (tcp) of 127.0.0.1 is in use.*another port in 'forward'"
    refuses $network tcp:127.0.0.1:9090:80,udp:10.99.0.2:9091:80 \
        "10.99.0.2 is not an address of this host.* port 9091 (udp)"
    refuses $network tcp:127.0.0.1:80:80 \
        "port 80 (tcp) of 127.0.0.1 is privileged.*from 1024 on in 'forward'"
done
define_tiny vm1
hv start vm1
expect_fail '[1-9]*' "nic taken: port 8080 (tcp) of 127.0.0.1 is in use" \
    hv attach-nic vm1 taken:user,forward=tcp:127.0.0.1:8080:80
expect "running" hv status vm1
hv kill vm1
assert_nothing_left

# One that is none: which, its words, and what can be done.
echo "plugin net-user { program = \"$(command -v busybox)\" }" \
    >> "$tmp/hvctl.conf"
define_tiny vm1
echo 'nic lan { network = user }' >> "$tmp/vm.d/vm1.conf"
expect_fail '[1-9]*' \
    "nic lan.*passt exited before it was ready.*backend = slirp.*applet not" \
    hv start vm1
assert_nothing_left

# One that wants more than its sandbox gives: what it was, where the kernel's
# log tells.
cat > "$tmp/greedy.c" <<END
#include <unistd.h>
int
main (void)
{
    return chroot ("/");
}
END
$CC -o "$tmp/greedy" "$tmp/greedy.c"
sed -i "/^plugin net-user/s|\"/.*\"|\"$tmp/greedy\"|" "$tmp/hvctl.conf"
called=
! log_is_open || called=": killed by the sandbox: chroot "
expect_fail '[1-9]*' "nic lan.*passt exited before it was ready.*$called" \
    hv start vm1
assert_nothing_left
