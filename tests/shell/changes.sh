#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two who change a VM at once: no change is lost.  Who was killed while he did
# leaves nothing that stays.  And a VM that goes takes all that was its own.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
make_host

hv create vm1 --memory 64M --disk root:8M > "$tmp/out"
pids=
for n in 1 2 3 4 5 6; do
    hv attach-disk vm1 d$n:8M > "$tmp/out.$n" 2>&1 &
    pids="$pids $!"
done
hv resize vm1 --cpus 3 > "$tmp/out.7" 2>&1 &
for pid in $pids $!; do
    wait "$pid" || fail "$(cat "$tmp"/out.*)"
done
[ "$(grep -c "^disk d[1-6] {" "$tmp/vm.d/vm1.conf")" = 6 ] \
    || fail "lost: $(cat "$tmp/vm.d/vm1.conf")"
grep "^cpus = 3" "$tmp/vm.d/vm1.conf"
expect "no problems" hv validate vm1

# An editor that is open meanwhile: the later one is told.
cat > "$tmp/editor" <<'END2'
#!/bin/sh
sed -i 's/^cpus = .*/cpus = 5/' "$1"
[ -z "${MEANWHILE-}" ] || $MEANWHILE > /dev/null
END2
chmod 755 "$tmp/editor"
EDITOR=$tmp/editor
export EDITOR
unset VISUAL || :
expect "saved" hv edit vm1
grep "^cpus = 5" "$tmp/vm.d/vm1.conf"
MEANWHILE="$HVCTL -c $tmp/hvctl.conf detach-disk vm1 d1"
export MEANWHILE
hv resize vm1 --cpus 2 > "$tmp/out"
expect_fail 1 "changed in the meantime.*your text is in" hv edit vm1
kept=$(sed -n 's/.*your text is in //p' "$tmp/err")
grep "^cpus = 5" "$kept"
grep "^disk d1 " "$kept"
grep "^cpus = 2" "$tmp/vm.d/vm1.conf"
! grep "^disk d1 " "$tmp/vm.d/vm1.conf" || fail "d1 has come back"
rm "$kept"
MEANWHILE=

# What is refused, is before anything has changed: also of several at once.
before=$(cat "$tmp/vm.d/vm1.conf"; hv volume list)
expect_fail 1 "can only grow" hv resize vm1 --disk d2=16M --disk d3=1M
expect_fail 7 "cpus must be" hv resize vm1 --disk d2=16M --cpus 0
expect_fail 3 "no disk 'nine'" hv resize vm1 --disk d2=16M --disk nine=1G
[ "$(cat "$tmp/vm.d/vm1.conf"; hv volume list)" = "$before" ] \
    || fail "something has changed: $(hv volume list)"
expect "is changed" hv resize vm1 --disk d2=16M --disk d3=24M --cpus 4
[ "$(hv volume list | grep -c "vm1-d[23] *\(16\|24\)M")" = 2 ] \
    || fail "$(hv volume list)"
grep "size = 16M" "$tmp/vm.d/vm1.conf"
grep "size = 24M" "$tmp/vm.d/vm1.conf"
grep "^cpus = 4" "$tmp/vm.d/vm1.conf"

# Killed in the midst of it: the next one takes what was left.
echo half > "$tmp/vm.d/.vm1.new"
hv detach-disk vm1 d2 > "$tmp/out"
[ "$(ls -A "$tmp/vm.d")" = vm1.conf ] || fail "left: $(ls -A "$tmp/vm.d")"

mkdir -p "$tmp/log/vm1"
for log in console hypervisor nic-lan nic-wan; do
    echo > "$tmp/log/vm1/$log.log"
    echo > "$tmp/log/vm1/$log.log.1"
done
hv rm --disks --yes vm1
[ ! -e "$tmp/log/vm1" ] || fail "left: $(ls "$tmp/log/vm1")"
[ -z "$(ls -A "$tmp/vm.d")" ] || fail "left: $(ls -A "$tmp/vm.d")"
