#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A sealed hypervisor that a guest has taken over drops the locks of its images,
# and all other signs that it can: neither another VM nor a command for volumes
# takes one of them for free, as long as it has it; nor does it fill the disk.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
requires qemu-img
[ "$(uname -m)" = x86_64 ] || skip "calls are made on x86_64 only"
make_host
hv volume create d 16M
hv volume snapshot d@s
hv volume create e 16M
for vm in vm1 thief reader plugged linked named; do
    define_tiny $vm
done
echo "disk d { pool = default volume = d }" >> "$tmp/vm.d/vm1.conf"
echo "disk d { pool = default volume = d }" >> "$tmp/vm.d/thief.conf"
echo "disk own { size = 1M }" >> "$tmp/vm.d/plugged.conf"
hv create-disks plugged
echo "disk d { pool = default volume = d readonly = true }" \
    >> "$tmp/vm.d/reader.conf"

# The same file by other names.
image=$(find "$tmp" -name d.qcow2)
ln "$image" "${image%/*}/hard \"link\".qcow2"
ln -s "$image" "${image%/*}/symlink.qcow2"
echo "disk d { image = '${image%/*}/hard \"link\".qcow2' format = qcow2 }" \
    >> "$tmp/vm.d/linked.conf"
echo "disk d { image = '${image%/*}/symlink.qcow2' format = qcow2 }" \
    >> "$tmp/vm.d/named.conf"

# Numbers of calls and commands of fcntl(); struct flock: all is unlocked.
close=3 mmap=9 exit=60 fcntl=72 fallocate=285 ofd_setlk=37
unlock_all=@0200000000000000000000000000000000000000000000000000000000000000

fds_of ()
{
    find "/proc/$pid/fd" -lname "$1" | sed 's,.*/,,' | sort -n
}

# drop PATTERN: the locks of such files.
drop ()
{
    for fd in $(fds_of "$1"); do
        inject "$pid" "result 0" $fcntl "$fd" $ofd_setlk $unlock_all
    done
}

refused ()
{
    [ -d "/proc/$pid" ] || fail "it has ended"
    expect_fail 5 "in use by VM $1" $2
}

for way in unlocked mapped leader; do
    hv start vm1
    pid=$(pid_of vm1)
    disks=$(fds_of "$tmp/*/d.qcow2")
    [ -n "$disks" ] || fail "no descriptors"
    case $way in
        mapped) # PROT_READ | PROT_WRITE, MAP_SHARED
            for fd in $disks; do
                ! grep -q '^flags:.*2$' "/proc/$pid/fdinfo/$fd" \
                    || inject "$pid" "result .*" $mmap 0 65536 3 1 "$fd" 0
            done
            grep -q d.qcow2 "/proc/$pid/maps" || fail "it is not mapped" ;;
    esac
    drop "$tmp/*/d.qcow2"
    case $way in
        mapped)
            for fd in $disks; do
                inject "$pid" "result 0" $close "$fd"
            done ;;
        leader) # Who makes the call does not hear of it.
            timeout 2 "$inspect" call "$pid" $exit 0 > "$tmp/out" 2>&1 || :
            wait_for 5 grep -q '^State:.*zombie' "/proc/$pid/status" ;;
    esac
    for command in "hv start thief" "hv start reader" "hv start linked" \
        "hv start named" "hv volume resize d 32M" \
        "hv volume revert d@s" "hv volume snapshot d@t" "hv volume clone d c" \
        "hv volume promote d"; do
        refused vm1 "$command"
    done
    hv kill vm1
done
hv start thief
hv kill thief
hv start reader
hv kill reader

# One that it got while it ran.
hv start plugged
pid=$(pid_of plugged)
hv attach-disk plugged e:pool=default,volume=e
drop "$tmp/*/e.qcow2"
sed -i '/^disk e {/,/^}/d' "$tmp/vm.d/plugged.conf"
hv start vm1
for command in "hv attach-disk vm1 e:pool=default,volume=e" \
    "hv volume promote e" "hv volume rm -y e"; do
    refused plugged "$command"
done
hv kill vm1 plugged

# Room beyond the end of its logs, which remain as long as they are: they are
# cut.
hv start vm1
pid=$(pid_of vm1)
log=$tmp/log/vm1/hypervisor.log
inject "$pid" "result 0" $fallocate 2 1 0 $((256 << 20))
wait_for 15 eval '[ "$(du -sk "$log" | cut -f 1)" -le $((20 << 10)) ]'
[ "$(du -sk "$tmp/log" | cut -f 1)" -le $((80 << 10)) ] || fail "$(du -sh "$tmp/log")"
hv kill vm1
hv volume rm -y e
assert_nothing_left
