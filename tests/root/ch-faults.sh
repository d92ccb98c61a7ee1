#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What goes wrong with cloud-hypervisor: it ends in the midst of a start, hangs,
# refuses.  One sentence, the right exit code, nothing left behind.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_ch
requires_plugin net-bridge storage-raw
in_namespace
make_bridge
make_host <<END
plugin cloud-hypervisor { program = "/nonexistent" }
network lan { type = bridge bridge = br0 }
END
mkdir "$tmp/bin"
truncate -s 1M "$tmp/disks/root.raw"
chmod 600 "$tmp/disks/root.raw"
define vm1 <<END
hypervisor = cloud-hypervisor
memory = 128M
kernel = "$guest"
disk root { image = "$tmp/disks/root.raw" format = raw }
nic lan { network = lan }
END

# bad WORDS: what the contract server is to do.
bad ()
{
    cp "$abs_top_builddir/tests/ch-server/ch-server" "$tmp/bin/ch-server,$1"
    sed -i "s|program = .*|program = \"$tmp/bin/ch-server,$1\" }|" \
        "$tmp/hvctl.conf"
}

one_sentence ()
{
    [ "$(grep -vc "sandbox is degraded" "$tmp/err")" = 1 ] || {
        cat "$tmp/err"
        fail "more than one line"
    }
}

# It ends, with status 0 as always, at each step.
for action in vmm.ping vm.create vm.add-net vm.info vm.boot; do
    bad "CH_SERVER_DIE=$action"
    expect_fail 1 "exited before the guest could run (it exited" hv start vm1
    one_sentence
    assert_nothing_left
done

# It is too old, or does not know a key: found before anything runs.
bad "CH_SERVER_VERSION=49.0.0"
expect_fail '[1-9]*' "too old" hv start vm1
bad "CH_SERVER_DROP=image_type"
expect_fail '[1-9]*' "configuration, but ignored 'disks\[0\].image_type'" \
    hv start vm1
one_sentence
assert_nothing_left

# It hangs: who waits may go, and leaves nothing.
for action in vmm.ping vm.boot; do
    bad "CH_SERVER_HANG=$action"
    # The shell lets what runs in its background ignore that signal.
    env --default-signal=INT "$HVCTL" -c "$tmp/hvctl.conf" start vm1 \
        2> "$tmp/err" &
    pid=$!
    wait_for 5 grep -q '"vmm"' "$tmp/log/vm1/events.log"
    sleep 0.2
    kill -INT $pid
    status=0
    wait $pid || status=$?
    [ $status = 130 ] || fail "$action: exit status $status"
    assert_nothing_left
done

# A guest that runs while its hypervisor hangs: status says so, kill helps.
bad "CH_SERVER_HANG=vm.pause"
hv start vm1
hv pause vm1 2> "$tmp/err" &
pid=$!
sleep 0.5
before=$(date +%s)
hv status vm1 > "$tmp/out" 2>&1 || :
grep -q "does not answer" "$tmp/out" || fail "$(cat "$tmp/out")"
[ $(($(date +%s) - before)) -le 10 ] || fail "status takes too long"
hv kill vm1
wait $pid && fail "it was paused"
grep -q "vm1: " "$tmp/err" || fail "pause said nothing"
assert_nothing_left
