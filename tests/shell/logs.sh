#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What 'hvctl logs' says of a log that is not there is so, whatever the VM has
# done until then: not run, once, twice; it is starting, runs, has ended; its
# logs were removed, or are not for everybody.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

# no_log PATTERN [OPTION...]
no_log ()
{
    pattern=$1
    shift
    expect_fail 3 "^hvctl: $pattern\$" hv logs "$@" vm1
    [ ! -s "$tmp/out" ] || fail "logs $*: prints something"
}

has_log ()
{
    hv logs "$@" vm1 > "$tmp/out" 2> "$tmp/err" || fail "logs $*: $(cat "$tmp/err")"
}

keeps_none="vm1 has no console log: its hypervisor, null, keeps none.*"
removed="vm1 has run, but its logs were removed from $tmp/log/vm1"

for options in "" -p --hypervisor "--hypervisor -p"; do
    # shellcheck disable=SC2086
    no_log "vm1 has not run yet: it has no log" $options
done
expect_fail 3 "vm9" hv logs vm9
expect_fail 2 "a previous log does not grow" hv logs -f -p vm1

# A start that takes its time.
HVCTL_NULL_FAIL=hypervisor.ready:slow "$HVCTL" -c "$tmp/hvctl.conf" start vm1 &
starter=$!
wait_for 10 sh -c "'$HVCTL' -c '$tmp/hvctl.conf' status vm1 | grep -q starting"
no_log "vm1 is starting: it has no console log yet"
no_log "vm1 has been started only once: there is no previous log" -p
wait $starter

# One run.
no_log "$keeps_none"
no_log "vm1 has been started only once: there is no previous log" -p
no_log "vm1 has been started only once: there is no previous log" --hypervisor -p
has_log --hypervisor
hv stop vm1
no_log "the last run of vm1 left no console log.*"
no_log "vm1 has been started only once: there is no previous log" -p
no_log "vm1 has been started only once: there is no previous log" --hypervisor -p
has_log --hypervisor

# Two; one more that left a log of its console.
hv start vm1
no_log "$keeps_none"
no_log "the previous run of vm1 left no console log.*" -p
has_log --hypervisor -p
hv kill vm1
no_log "the previous run of vm1 left no console log.*" -p
has_log --hypervisor -p
echo "the guest" > "$tmp/log/vm1/console.log.1"
has_log -p
grep -q "the guest" "$tmp/out"
no_log "the last run of vm1 left no console log.*"

# They are not for everybody.  (Root may read what it may not.)
unprivileged=
if [ "$(id -u)" = 0 ]; then
    requires setpriv
    unprivileged="setpriv --bounding-set -dac_override,-dac_read_search"
fi
chmod 0 "$tmp/log/vm1/hypervisor.log"
# shellcheck disable=SC2086
expect_fail 8 "cannot read $tmp/log/vm1/hypervisor.log: Permission denied" \
    $unprivileged "$HVCTL" -c "$tmp/hvctl.conf" logs --hypervisor vm1
chmod 600 "$tmp/log/vm1/hypervisor.log"
chmod 0 "$tmp/log/vm1"
# shellcheck disable=SC2086
expect_fail 8 "cannot read $tmp/log/vm1/console.log: Permission denied" \
    $unprivileged "$HVCTL" -c "$tmp/hvctl.conf" logs vm1
chmod 700 "$tmp/log/vm1"

# They were removed: one of them, all, while it runs.
rm "$tmp/log/vm1/hypervisor.log"
no_log "$tmp/log/vm1/hypervisor.log was removed" --hypervisor
rm -r "$tmp/log/vm1"
for options in "" -p --hypervisor "--hypervisor -p"; do
    # shellcheck disable=SC2086
    no_log "$removed" $options
done
hv start vm1
rm -r "$tmp/log/vm1"
no_log "$removed"
no_log "$removed" --hypervisor
hv kill vm1
assert_nothing_left
