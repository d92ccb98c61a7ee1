#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# exec, cp and wait with a real qemu-ga, which runs on this host, behind the
# socket of a VM of the null hypervisor.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
PATH=$PATH:/usr/sbin:/sbin
export PATH
requires qemu-ga
make_host
add_null
define_null vm1
expect_fail 255 "vm1 is not running (hvctl start vm1)" hv exec vm1 true
hv start vm1
expect_fail 255 "vm1 was started without a channel to its guest agent: set agent" \
    hv exec vm1 true
hv kill vm1
sed -i "1i agent = yes" "$tmp/vm.d/vm1.conf"
hv start vm1
socket=$tmp/run/vm/vm1/agent.sock
mkdir "$tmp/qga" "$tmp/guest"
# It runs on this host, so it must not stop that, or set its clock.
qemu-ga -b guest-fsfreeze-freeze,guest-set-time,guest-shutdown,guest-suspend-ram \
    -m unix-listen -p "$socket" -t "$tmp/qga" -f "$tmp/qga/pid" \
    > "$tmp/qga/log" 2>&1 < /dev/null & qga=$!
cleanup_fn "kill $qga 2> /dev/null"
wait_for 20 [ -S "$socket" ]
hv wait --for agent --timeout 20s vm1 || fail "$(cat "$tmp/qga/log")"

# ------------------------------------------------------------------- exec
[ "$(hv exec vm1 -- echo -n in it)" = "in it" ] || fail "no output"
[ "$(printf 'a\0b' | hv exec vm1 -- od -An -c | tr -s ' ')" = ' a \0 b' ] \
    || fail "standard input is another one"
hv exec --no-stdin vm1 sh -- -c 'echo to stderr >&2; exit 7' > "$tmp/out" 2> "$tmp/err" \
    && fail "exit status 0" || status=$?
[ $status = 7 ] || fail "exit status $status: $(cat "$tmp/err")"
[ "$(cat "$tmp/err")" = "to stderr" ] || fail "$(cat "$tmp/err")"
[ ! -s "$tmp/out" ] || fail "$(cat "$tmp/out")"
expect_fail 137 "" hv exec -n vm1 -- sh -c 'kill -9 $$'
expect_fail 255 "rejected 'guest-exec': .*Failed to execute child process" \
    hv exec -n vm1 /no/such/program
expect_fail 255 "vm1: the time is over: the command still runs in the guest" \
    hv exec -n -t 300ms vm1 sleep 2
expect_fail 2 "usage: hvctl exec" hv exec vm1
expect_fail 2 "is not a duration" hv exec -t soon vm1 true
expect_fail 255 "standard input does not end (--no-stdin" eval \
    'sleep 2 | hv exec -t 300ms vm1 cat'
head -c 9000000 /dev/zero > "$tmp/large"
expect_fail 255 "more than 8 MiB" eval 'hv exec vm1 cat < "$tmp/large"'
hv exec -n vm1 -- sh -c 'head -c 1000000 /dev/urandom | tee '"$tmp/guest/random" \
    > "$tmp/random"
cmp "$tmp/random" "$tmp/guest/random"
hv exec -n -o json vm1 -- sh -c 'echo out; echo err >&2; exit 3' > "$tmp/out" \
    && fail "exit status 0" || status=$?
[ $status = 3 ] || fail "JSON: exit status $status"
for member in '"exit_status": *3' '"signal": *null' '"stdout": *"out\\n"' \
    '"stderr": *"err\\n"' '"truncated": *false'; do
    grep -q "$member" "$tmp/out" || fail "no $member: $(cat "$tmp/out")"
done
# The agent keeps 16 MiB.
hv exec -n vm1 -- head -c 17000000 /dev/zero > "$tmp/out" 2> "$tmp/err"
[ "$(wc -c < "$tmp/out")" = 16777216 ] || fail "$(wc -c < "$tmp/out") bytes"
grep -q "dropped the end of the output" "$tmp/err" || fail "$(cat "$tmp/err")"

# --------------------------------------------------------------------- cp
hv cp "$tmp/random" "vm1:$tmp/guest/"
cmp "$tmp/random" "$tmp/guest/random"
hv cp "$tmp/large" "vm1:$tmp/guest/big"
cmp "$tmp/large" "$tmp/guest/big"
mkdir "$tmp/here"
hv cp "vm1:$tmp/guest/big" "$tmp/here"
cmp "$tmp/large" "$tmp/here/big"
: > "$tmp/guest/empty"
hv cp "vm1:$tmp/guest/empty" "$tmp/here/big"
[ ! -s "$tmp/here/big" ] || fail "not replaced"
[ "$(hv cp "vm1:$tmp/guest/random" /dev/stdout | cksum)" \
    = "$(cksum < "$tmp/random")" ] || fail "to a pipe"
expect '"name": *"vm1"' hv cp -o json "$tmp/random" "vm1:$tmp/guest/json"
expect_fail '[1-9]*' "rejected 'guest-file-open'" hv cp "vm1:$tmp/none" "$tmp/here/x"
expect_fail '[1-9]*' "rejected 'guest-file-open'" \
    hv cp "$tmp/random" "vm1:$tmp/none/there"
expect_fail '[1-9]*' "cannot open $tmp/none" hv cp "$tmp/none" vm1:/tmp/x
expect_fail '[1-9]*' "is a directory: copy files, or use scp" hv cp "$tmp/here" vm1:/tmp/
truncate -s 1025M "$tmp/huge"
expect_fail '[1-9]*' "larger than 1 GiB: use scp" hv cp "$tmp/huge" vm1:/tmp/huge
truncate -s 1025M "$tmp/huge"
expect_fail 2 "neither is a file of a VM" hv cp "$tmp/a" "$tmp/b"
expect_fail 2 "between two VMs take two steps" hv cp vm1:/a vm2:/b
expect_fail 2 "an empty path" hv cp vm1: "$tmp/b"
expect_fail 6 "vm2 is not running" hv cp vm2:/etc/passwd "$tmp/b"
[ "$(ls "$tmp/here")" = big ] || fail "left: $(ls "$tmp/here")"

# ---------------------------------------------- One client at a time, and none
for i in 1 2 3 4; do
    hv exec -n vm1 -- sh -c "sleep 0.$i; echo $i" > "$tmp/out$i" & eval "job$i=\$!"
done
for i in 1 2 3 4; do
    eval "wait \$job$i" || fail "exec $i failed"
    [ "$(cat "$tmp/out$i")" = $i ] || fail "reply of another: $(cat "$tmp/out$i")"
done
kill $qga
wait $qga || :
expect_fail 9 "waited 0.5 seconds for agent: its guest agent does not answer" \
    hv wait --for agent --timeout 500ms vm1
hv kill vm1
assert_nothing_left
