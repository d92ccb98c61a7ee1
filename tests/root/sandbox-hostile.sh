#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images whose headers name a file of this host, handed to qemu-img and to QEMU
# in the jail with no parser of ours before them: it is the jail that keeps the
# file from them.  Without the jail they take it (else this would test nothing).
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires qemu-img qemu-system-x86_64
jailed=$abs_top_builddir/tests/probe/jailed
make_tempdir
mkdir "$tmp/host" "$tmp/images"
secret=$tmp/host/secret
text="the secret of this host"
yes "$text" | head -c 1048576 > "$secret"
chmod 644 "$secret"
cp "$secret" "$tmp/before"
cd "$tmp/images"

qemu-img create -q -f qcow2 -u -b "$secret" -F raw backing.qcow2 1M
qemu-img create -q -f qcow2 -u -b "file:$secret" -F raw protocol.qcow2 1M
qemu-img create -q -f qcow2 -u \
    -b "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"$secret\"}}" \
    -F raw json.qcow2 1M
qemu-img create -q -f qcow2 -u -b backing.qcow2 -F qcow2 chain.qcow2 1M
qemu-img create -q -f qcow2 -o data_file="$tmp/images/data",data_file_raw=on \
    data.qcow2 1M
rm data
ln -s "$secret" data
cat > extents.vmdk <<END
# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="monolithicFlat"
RW 2048 FLAT "$secret" 0
END
cp -r . "$tmp/clean"

restore ()
{
    cp "$tmp/clean/$1" "$1"
    rm -f "$tmp/out"
}

leaked ()
{
    grep -q "$text" "$@" 2> /dev/null
}

# attack IMAGE COMMAND...: in the jail, granted the image and an output.
attack ()
{
    target=$tmp/images/$1
    below=
    [ "$1" != chain.qcow2 ] || below="-r $tmp/images/backing.qcow2"
    shift
    : > "$tmp/out"
    : > "$tmp/stdout"
    status=0
    # shellcheck disable=SC2086
    "$jailed" -w "$target" -w "$tmp/out" $below qemu-img "$@" \
        > "$tmp/stdout" 2> "$tmp/words" || status=$?
    ! leaked "$tmp/out" "$tmp/stdout" "$tmp/words" "$target" \
        || fail "$*: it leaked"
    cmp -s "$secret" "$tmp/before" || fail "$*: the file was written to"
}

tried=0
for image in backing.qcow2 protocol.qcow2 json.qcow2 chain.qcow2 data.qcow2 \
    extents.vmdk; do
    format=${image##*.}
    path=$tmp/images/$image

    # Bare, it is dangerous.
    restore "$image"
    qemu-img convert -f $format -O raw "$path" "$tmp/out" || fail "$image"
    leaked "$tmp/out" || fail "$image is harmless"

    while read -r command; do
        restore "$image"
        command=$(echo "$command" | sed "s,IMAGE,$path,; s,OUT,$tmp/out,; \
            s,FORMAT,$format,")
        # shellcheck disable=SC2086
        attack "$image" $command
        tried=$((tried + 1))
        case $command in
            convert* | dd* | compare*)
                [ $status -ne 0 ] || fail "$command: it worked"
                grep -q "No such file or directory\|Could not open\|\
Permission denied" "$tmp/words" || fail "$command: $(cat "$tmp/words")" ;;
        esac
    done <<END
info -f FORMAT IMAGE
info -f FORMAT --backing-chain IMAGE
info --backing-chain IMAGE
convert -f FORMAT -O raw IMAGE OUT
convert -f FORMAT -O qcow2 IMAGE OUT
convert -O raw IMAGE OUT
dd -f FORMAT -O raw if=IMAGE of=OUT bs=65536 count=8
compare -f FORMAT -F raw IMAGE OUT
map -f FORMAT --output=json IMAGE
measure -f FORMAT -O raw IMAGE
check -f FORMAT IMAGE
resize -f FORMAT IMAGE 2M
resize -f FORMAT --shrink IMAGE 512K
snapshot -c one IMAGE
commit -f FORMAT IMAGE
rebase -f FORMAT -b  IMAGE
rebase -f FORMAT -u -b $secret -F raw IMAGE
amend -f FORMAT -o compat=1.1 IMAGE
bitmap --add -f FORMAT IMAGE one
create -q -f qcow2 -b $secret -F raw OUT
create -q -f qcow2 -b IMAGE -F FORMAT OUT
END
    # Standard input and the secret as the image itself.
    attack "$image" convert -f raw -O raw "$secret" "$tmp/out"
    [ $status -ne 0 ] || fail "it was given a file that was not granted"

    # The same for a hypervisor that follows the header at its start.
    restore "$image"
    status=0
    "$jailed" -w "$path" -g tcg -g terminal \
        -i '{"execute":"qmp_capabilities"}{"execute":"quit"}' \
        qemu-system-x86_64 -nodefaults -display none -S -machine q35 \
        -accel tcg -qmp stdio -blockdev \
        "driver=$format,node-name=a,file.driver=file,file.filename=$path" \
        > "$tmp/stdout" 2> "$tmp/words" || status=$?
    [ $status -ne 0 ] || fail "QEMU took $image"
    grep -q "No such file\|Permission denied" "$tmp/words" \
        || fail "QEMU, $image: $(cat "$tmp/words")"
done
echo "$tried commands"

# An honest one works, with the same rights.
qemu-img create -q -f qcow2 honest.qcow2 1M
: > "$tmp/out"
"$jailed" -w "$tmp/images/honest.qcow2" -w "$tmp/out" qemu-img convert \
    -f qcow2 -O raw "$tmp/images/honest.qcow2" "$tmp/out"
[ "$(stat -c %s "$tmp/out")" = 1048576 ] || fail "an honest image is not copied"

# What the kernel tells of a helper at work.
truncate -s 16M bench.raw
"$jailed" -w "$tmp/images/bench.raw" qemu-img bench -q -c 100000000 -f raw \
    "$tmp/images/bench.raw" > "$tmp/out" 2>&1 &
parent=$!
find_child ()
{
    child=$(cat "/proc/$parent/task/$parent/children") && [ -n "$child" ] \
        && [ "$(cat "/proc/${child% }/comm")" = qemu-img ] \
        && grep -q "^Seccomp:.2" "/proc/${child% }/status"
}
wait_for 10 find_child
child=${child% }
for status in "/proc/$child/task"/*/status; do
    for expected in "Seccomp 2" "NoNewPrivs 1" "CapInh 0000000000000000" \
        "CapPrm 0000000000000000" "CapEff 0000000000000000" \
        "CapBnd 0000000000000000" "CapAmb 0000000000000000" \
        "Uid 1990017" "Gid 1990017"; do
        awk -v key="${expected% *}:" -v value="${expected#* }" \
            '$1 == key { for (i = 2; i <= NF; i++) if ($i != value) exit 1 }' \
            "$status" || fail "qemu-img: $(grep "^${expected% *}:" "$status")"
    done
    grep -q "^Groups:[[:space:]]*$" "$status" || fail "qemu-img has groups"
done
own_namespaces "$child" mnt pid ipc uts cgroup net
[ ! -e "/proc/$child/root/etc/passwd" ] && [ ! -e "/proc/$child/root$secret" ] \
    || fail "qemu-img sees the host"

# And it does not go on when hvctl has died.
kill -9 "$parent"
wait "$parent" || :
is_gone ()
{
    [ ! -d "/proc/$child" ]
}
wait_for 5 is_gone
