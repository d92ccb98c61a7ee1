#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The volume commands on a real ZFS: snapshots, clones, sending and receiving
# through files and pipes, what a terminal shows of it, and ^C, which leaves
# nothing behind.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/storage-zfs-lab.sh"
requires script
requires_plugin storage-zfs storage-raw
zfs_lab 512M
zfs create "$zpool/vms"
make_tempdir
make_host <<END
pool fast { type = zfs dataset = "$zpool/vms" }
pool plain { type = raw path = "$tmp/raw" }
END
mkdir -p "$tmp/raw"

datasets ()
{
    zfs get -Hp -r -o name type "$zpool/vms" | sed "s,^$zpool/vms/*,," \
        | sort | tr '\n' ' '
}
# left NAMES: these are there, and nothing else.
left ()
{
    [ "$(datasets)" = " $1" ] || fail "there is '$(datasets)', not ' $1'"
}
# end PID: it may have ended by itself, as its reader has.
end ()
{
    kill "$1" 2> /dev/null || :
}
path ()
{
    echo "$zdir/mnt/vms/$1/disk.raw"
}

hv volume create fast/base 64M
dd if=/dev/urandom of="$(path base)" bs=1M count=24 conv=notrunc status=none
cp "$(path base)" "$tmp/old"

# What is not there is not deleted.
expect_fail 3 "none" hv volume rm -y fast/none
expect_fail 3 "s1" hv volume rm -y fast/base@s1
expect_fail 2 "name a snapshot" hv volume snapshot fast/base

expect "snapshot fast/base@s1 is created" hv volume snapshot fast/base@s1
expect_fail 1 "already" hv volume snapshot fast/base@s1
printf changed | dd of="$(path base)" bs=1 conv=notrunc status=none
expect "^s1 " hv volume snapshots fast/base
expect '"snapshot"' hv -o json volume snapshots fast/base

# Clones: of a snapshot, and of what there is now.
expect "volume fast/one is created" hv volume clone fast/base@s1 one
expect "volume fast/two is created" hv volume clone fast/base fast/two
cmp "$(path one)" "$tmp/old"
cmp "$(path two)" "$(path base)"
expect_fail 2 "in the pool of its volume" hv volume clone fast/base plain/x
expect_fail 3 "nothing" hv volume clone fast/base@nothing three
expect_fail '[1-9]*' "already" hv volume clone fast/base two
expect_fail '[1-9]*' "vms/one" hv volume rm -y fast/base@s1
expect_fail '[1-9]*' "vms/two" hv volume rm -y fast/base
hv volume rm -y fast/two
expect_fail '[1-9]*' "with it: s1; .*hvctl volume rm fast/base@SNAPSHOT" \
    hv volume rm -y fast/base
hv volume promote fast/one
expect_fail 3 "no snapshot 's2'" hv volume revert fast/base@s2
hv volume snapshot fast/base@s2
hv volume snapshot fast/base@s3
expect_fail '[1-9]*' "would be lost: s3" hv volume revert fast/base@s2
hv volume rm -y fast/base@s3
hv volume revert fast/base@s2
hv volume rm -y fast/base@s2
hv volume rm -y fast/base
hv volume snapshots fast/one | grep "^s1 "
left "one one@s1 "

# A clone of a clone depends on two.
hv volume clone fast/one@s1 second
hv volume clone fast/second third
hv volume promote fast/third > "$tmp/out" 2> "$tmp/err"
grep "now a clone of .*vms/one@s1'.*promote it again" "$tmp/err"
hv volume promote fast/third 2> "$tmp/err"
[ ! -s "$tmp/err" ] || fail "$(cat "$tmp/err")"
hv volume promote fast/one
hv volume rm -y fast/second
hv volume rm -y fast/third
left "one one@s1 "

# By a pipe; standard output is the stream, and nothing else.
hv volume send fast/one@s1 2> "$tmp/err" | hv volume receive fast/copy \
    > "$tmp/out"
[ ! -s "$tmp/err" ] || fail "$(cat "$tmp/err")"
grep "volume fast/copy is received: 2[0-9]\.[0-9] MiB" "$tmp/out"
cmp "$(path copy)" "$tmp/old"
hv volume rm -y fast/copy

# By a file, which is new, and whole or not there.
expect "volume fast/one@s1 is sent: 2" hv volume send fast/one@s1 "$tmp/stream"
expect_fail 1 "exists" hv volume send fast/one@s1 "$tmp/stream"
expect_fail 3 "s9" hv volume send fast/one@s9 "$tmp/none"
[ ! -e "$tmp/none" ] || fail "a file is left"
expect '"bytes"' hv -o json volume receive "$tmp/stream" fast/copy
cmp "$(path copy)" "$tmp/old"
expect_fail 1 "already" hv volume receive "$tmp/stream" fast/copy
hv volume rm -y fast/copy
# zfs itself understands it.
zfs receive -u "$zpool/vms/theirs" < "$tmp/stream"
zfs destroy "$zpool/vms/theirs@s1"
zfs destroy "$zpool/vms/theirs"
left "one one@s1 "

# Only what has changed: the copy follows.
hv volume send fast/one@s1 | hv volume receive fast/copy@s1
printf second | dd of="$(path one)" bs=1 conv=notrunc status=none
hv volume snapshot fast/one@s2
cp "$(path one)" "$tmp/second"
expect "is sent: [0-9.]* KiB" hv volume send --from s1 fast/one@s2 "$tmp/more"
expect_fail 1 "is not older" hv volume send --from s2 fast/one@s1 "$tmp/none"
expect_fail 3 "s9' does not exist" hv volume send --from s9 fast/one@s2 "$tmp/none"
expect_fail 2 "may contain only" hv volume send --from 's*' fast/one@s2 "$tmp/none"
expect_fail 1 "name the volume" hv volume receive "$tmp/more" fast/new
expect_fail 3 "send a full stream first" hv volume receive "$tmp/more" fast/new@s2
expect "fast/copy@s2 is received" hv volume receive "$tmp/more" fast/copy@s2
cmp "$(path copy)" "$tmp/second"
expect_fail 5 "are newer: s2" hv volume receive "$tmp/more" fast/copy@s3
hv volume revert fast/copy@s2
hv volume rm -y fast/copy@s2
expect_fail 5 "has been modified.*hvctl volume revert" \
    hv volume receive "$tmp/more" fast/copy@s2
cmp "$(path copy)" "$tmp/second"
hv volume revert fast/copy@s1
hv volume receive - fast/copy@s2 < "$tmp/more"
cmp "$(path copy)" "$tmp/second"
# ^C in the middle of it: the copy is what it was, and is there.
dd if=/dev/urandom of="$(path one)" bs=1M seek=30 count=10 conv=notrunc \
    status=none
hv volume snapshot fast/one@s3
hv volume send --from s2 fast/one@s3 "$tmp/third"
mkfifo "$tmp/fifo3"
{
    head -c 5000000 "$tmp/third"
    sleep 60 8>&-
} > "$tmp/fifo3" &
feeder=$!
"$HVCTL" -c "$tmp/hvctl.conf" volume receive fast/copy@s3 \
    < "$tmp/fifo3" 2> "$tmp/err" 8>&- &
receiver=$!
not_mounted ()
{
    [ ! -e "$(path copy)" ]
}
wait_for 20 not_mounted
sleep 0.5
kill -INT $receiver
status=0
wait $receiver || status=$?
[ $status -eq 130 ] || fail "exit status $status: $(cat "$tmp/err")"
end $feeder
cmp "$(path copy)" "$tmp/second"
hv volume receive "$tmp/third" fast/copy@s3
cmp "$(path copy)" "$(path one)"
for s in 3 2 1; do
    hv volume rm -y fast/copy@s$s
done
hv volume rm -y fast/copy
hv volume rm -y fast/one@s3
hv volume revert fast/one@s2
hv volume rm -y fast/one@s2
hv volume revert fast/one@s1
left "one one@s1 "

# A reader that goes away, a stream that ends, words that are none.
status=0
hv volume send fast/one@s1 2> "$tmp/err" | head -c 1000000 > "$tmp/cut"
grep "cannot write the output of zfs\|roken pipe" "$tmp/err"
expect_fail 1 "truncated" hv volume receive "$tmp/cut" fast/copy
expect_fail 1 "not from 'zfs send'" \
    hv volume receive "$(path one)" fast/copy
echo hello | expect_fail 1 "too early" hv volume receive - fast/copy
expect_fail 4 "cannot receive volumes" hv volume receive "$tmp/stream" plain/x
hv volume create plain/x 1M
expect_fail 4 "cannot send volumes" hv volume send plain/x@s "$tmp/none"
expect_fail 4 "cannot create snapshots" hv volume snapshot plain/x@s
[ ! -e "$tmp/none" ] || fail "a file is left"
left "one one@s1 "

# At a terminal there is a bar, and a stream is not for it.
script -qec "'$HVCTL' -c '$tmp/hvctl.conf' volume send fast/one@s1" /dev/null \
    > "$tmp/tty" && fail "a stream at the terminal"
grep "refusing to write a stream to a terminal" "$tmp/tty"
cat > "$tmp/slow" <<END
{ head -c 9000000 "$tmp/stream"; sleep 1; tail -c +9000001 "$tmp/stream"; } \
    | '$HVCTL' -c '$tmp/hvctl.conf' volume receive - fast/copy
'$HVCTL' -c '$tmp/hvctl.conf' volume receive '$tmp/stream' fast/copy2
END
script -qec "sh '$tmp/slow'" /dev/null > "$tmp/tty"
grep "MiB/s" "$tmp/tty"
cmp "$(path copy)" "$tmp/old"
cmp "$(path copy2)" "$tmp/old"
hv volume rm -y fast/copy
hv volume rm -y fast/copy2

# ^C in the middle: of the receiver, then of the sender.
mkfifo "$tmp/fifo"
{
    head -c 9000000 "$tmp/stream"
    sleep 60 8>&-
} > "$tmp/fifo" &
feeder=$!
"$HVCTL" -c "$tmp/hvctl.conf" volume receive fast/copy \
    < "$tmp/fifo" 2> "$tmp/err" 8>&- &
receiver=$!
is_receiving ()
{
    datasets | grep -q "_receive-"
}
wait_for 20 is_receiving
sleep 0.5
kill -INT $receiver
status=0
wait $receiver || status=$?
[ $status -eq 130 ] || fail "exit status $status: $(cat "$tmp/err")"
grep interrupted "$tmp/err"
end $feeder
left "one one@s1 "

# Killed: zfs ends by itself, and the next one sweeps.
{
    head -c 9000000 "$tmp/stream"
    sleep 60 8>&-
} > "$tmp/fifo" &
feeder=$!
"$HVCTL" -c "$tmp/hvctl.conf" volume receive fast/copy < "$tmp/fifo" \
    2> "$tmp/err" 8>&- &
receiver=$!
wait_for 20 is_receiving
sleep 0.5
kill -KILL $receiver
wait $receiver || :
end $feeder
sleep 1
datasets | grep "_receive-" || fail "the killed one left nothing to sweep"
hv volume receive "$tmp/stream" fast/copy
left "copy one one@s1 "
hv volume rm -y fast/copy

"$HVCTL" -c "$tmp/hvctl.conf" volume send fast/one@s1 - \
    > "$tmp/fifo" 2> "$tmp/err" 8>&- &
sender=$!
sleep 60 < "$tmp/fifo" 8>&- &
feeder=$!
sleep 1
kill -INT $sender
status=0
wait $sender || status=$?
[ $status -eq 130 ] || fail "exit status $status: $(cat "$tmp/err")"
end $feeder

# The pool is too small: one sentence, and nothing is left.
dd if=/dev/urandom of="$zdir/mnt/vms/filler" bs=1M count=430 status=none \
    2> "$tmp/dd" || :
zfs set "quota=$(($(zfs get -Hp -o value used "$zpool/vms") + 4000000))" \
    "$zpool/vms"
expect_fail 1 "out of space\|No space\|quota exceeded" \
    hv volume receive "$tmp/stream" fast/copy
[ "$(wc -l < "$tmp/err")" -eq 1 ] || fail "$(cat "$tmp/err")"
zfs set quota=none "$zpool/vms"
left "one one@s1 "
