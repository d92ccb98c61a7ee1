#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl doctor: what works is said to work, what lacks is said with what to do,
# and what it says to do helps; as root and as an ordinary user; and nothing is
# left behind.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
requires qemu-img python3
requires_plugin qemu storage-qcow2 net-user
[ "$(uname -m)" = x86_64 ] || skip "the guest that is tried is a PC's"
mkdir_place ()
{
    mkdir "$tmp/place"
    chmod 1777 "$tmp/place"
    TMPDIR=$tmp/place
    export TMPDIR
}
make_host < /dev/null
mkdir_place

# found STATE CHECK: is that among the findings?
found ()
{
    grep -q "^  $1  *$2 " "$tmp/out" || {
        cat "$tmp/out"
        fail "no '$1' of '$2'"
    }
}

# says TEXT
says ()
{
    grep -q -e "$1" "$tmp/out" || {
        cat "$tmp/out"
        fail "it does not say: $1"
    }
}

nothing_left ()
{
    [ -z "$(ls -A "$tmp/place")" ] || fail "left: $(ls -A "$tmp/place")"
    assert_nothing_left
}

# The whole way; and what it tried is known from then on.
define_tiny vm1
hv explain vm1 > "$tmp/out"
says "^note: .*qemu.*has not been tried.*hvctl sandbox learn vm1"
expect "VMs can run here" hv doctor
found ok guest
says "start, boot, snapshot, plug in a disk, network, stop: [0-9.]* s"
found ok user
found ok qemu
nothing_left
hv explain vm1 > "$tmp/out"
! grep "^note:" "$tmp/out" || fail "what was tried is not known"
hv explain -o json vm1 > "$tmp/json"
python3 - "$tmp/json" <<'END'
import json, sys
assert json.load(open(sys.argv[1]))["untested"] == []
END

# Of another build of QEMU, or another library, nothing is known.
sed -i 's/"library_build":"[0-9a-f]/"library_build":"x/' "$tmp/state/tested.json"
hv explain vm1 > "$tmp/out"
says "^note: .*another build of its C library"
sed -i 's/"build":"[0-9a-f]/"build":"x/' "$tmp/state/tested.json"
hv explain -o json vm1 > "$tmp/json"
python3 - "$tmp/json" <<'END'
import json, sys
u, = json.load(open(sys.argv[1]))["untested"]
assert u["program"].endswith("qemu-system-x86_64"), u
assert u["command"] == "hvctl sandbox learn vm1", u
assert "has not been tried" in u["reason"], u
END
rm "$tmp/state/tested.json"

# The same as data.
hv doctor -o json > "$tmp/json"
python3 - "$tmp/json" > "$tmp/keys" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["works"] and d["machines"] >= 1, d
assert all(f["state"] in ("ok", "degraded", "absent") for f in d["findings"])
assert d["degraded"] == sum(f["state"] == "degraded" for f in d["findings"])
print("\n".join(sorted(set(d).union(*d["findings"]))))
END
# ... whose keys are those of the manual.
while read -r key; do
    awk '/^=head1 JSON/ { on = 1 } on && /^=item B<doctor>/ { it = 1; next }
        it && /^=item/ { exit } it' "$abs_top_srcdir/doc/hvctl.pod" \
        | grep -q "B<$key>" || fail "hvctl(1) does not have '$key'"
done < "$tmp/keys"

# What the configuration has wrong; VMs run all the same.
cp "$tmp/hvctl.conf" "$tmp/good.conf"
cat >> "$tmp/hvctl.conf" <<END
network lan { type = bridge bridge = nobridge0 }
network far { type = nonsense }
END
echo "memory = lots" > "$tmp/vm.d/bad.conf"
expect "VMs can run here" hv doctor
found degraded "network lan"
says "nobridge0"
found degraded "network far"
says "serves networks of type nonsense: hvctl has no plugin of that name"
found degraded "VM bad"
says "-> hvctl validate"
expect_fail 7 "lots" hv validate bad
rm "$tmp/vm.d/bad.conf"
cp "$tmp/good.conf" "$tmp/hvctl.conf"

# A start that fails: the exit status, which step, and what to do.
cat > "$tmp/hvctl.conf" <<END
$(cat "$tmp/good.conf")
plugin net-user { program = "/bin/false" }
END
status=0
hv doctor > "$tmp/out" 2> "$tmp/err" || status=$?
[ $status -eq 1 ] || fail "status $status of a network that does not start"
found failed start
says "nic lan.*net-user"
says "Not everything that was tried works"
# The rest of it works without, which is said.
found ok guest
nothing_left
cat > "$tmp/hvctl.conf" <<END
$(cat "$tmp/good.conf")
plugin qemu { program_x86_64 = "/nonexistent" }
END
status=0
hv doctor > "$tmp/out" 2> "$tmp/err" || status=$?
[ $status -eq 4 ] || fail "status $status without a hypervisor"
found degraded qemu
says "/nonexistent does not exist: remove or correct 'program_x86_64' in the"
found failed hypervisor
nothing_left

# A passt that is named wrongly: QEMU's own network, which the host may not allow.
cat > "$tmp/hvctl.conf" <<END
$(cat "$tmp/good.conf")
plugin net-user { program = "/nonexistent/passt" }
END
expect "VMs can run here\." hv doctor
says "/nonexistent/passt does not exist: remove or correct 'program' in the"
! grep "install passt" "$tmp/out" || fail "it is installed"
echo 'sandbox { require = full }' >> "$tmp/hvctl.conf"
expect "VMs can run here, but not with a NIC in a network of type user" hv doctor
found degraded policy
nothing_left
# Or all of them.
echo 'sandbox { deny_groups = {base} }' >> "$tmp/hvctl.conf"
sed -i '/require = full/d' "$tmp/hvctl.conf"
status=0
hv doctor > "$tmp/out" 2> "$tmp/err" || status=$?
[ $status -eq 8 ] || fail "status $status of a host that allows no VM"
found failed policy
nothing_left

# A build without plugins; a plugin that cannot be loaded.
make_user
mkdir -p "$tmp/bare/plugins/.libs" "$tmp/bare/cli" "$tmp/bare/supervisor"
cp "$tmp/build/cli/hvctl" "$tmp/bare/cli/"
cp "$tmp/build/supervisor/hvctl-supervisor" "$tmp/bare/supervisor/"
status=0
HVCTL_BUILDDIR="$tmp/bare" "$tmp/bare/cli/hvctl" -c "$tmp/hvctl.conf" doctor \
    > "$tmp/out" 2> "$tmp/err" || status=$?
[ $status -eq 4 ] || fail "status $status without plugins"
says "install hvctl-plugin-qemu"
cp "$tmp/good.conf" "$tmp/hvctl.conf"
echo "no library" > "$tmp/plugins/net_odd.so"
expect "VMs can run here" hv doctor
found degraded net-odd
rm "$tmp/plugins/net_odd.so"

# Interrupted, at whichever step: it ends at once, and nothing is left.
for after in 0.1 0.5 1 2; do
    status=0
    timeout --preserve-status -s INT $after "$HVCTL" -c "$tmp/hvctl.conf" doctor \
        > "$tmp/out" 2> "$tmp/err" || status=$?
    case $status in
        0 | 130) ;;
        *) cat "$tmp/err"; fail "interrupted after $after: status $status" ;;
    esac
    nothing_left
done

# Killed: what it left, its machine too, is removed by the next one; but nothing
# of one that is at it, or that is none of it.
has_machine ()
{
    grep -qs '"state": *"running"' "$tmp/place/hvctl-doctor."*/run/vm/doctor/state
}
"$HVCTL" -c "$tmp/hvctl.conf" doctor > "$tmp/out" 2>&1 & killed=$!
wait_for 30 has_machine
kill -9 $killed
wait $killed || :
mkdir "$tmp/place/hvctl-learn.killed" "$tmp/place/hvctl-doctor.atitxx" \
    "$tmp/place/hvctl-doctor.notes" "$tmp/elsewhere"
touch "$tmp/place/hvctl-learn.killed/boot.raw" "$tmp/elsewhere/file"
ln -s "$tmp/elsewhere" "$tmp/place/hvctl-doctor.linked"
# It waits for the lock, which the look at it has for a moment.
( flock 9 && exec sleep 300 ) 9< "$tmp/place/hvctl-doctor.atitxx" & maker=$!
wait_for 5 sh -c "! flock -n '$tmp/place/hvctl-doctor.atitxx' true"
expect "VMs can run here" hv doctor
kill $maker
wait $maker || :
left=$(ls "$tmp/place" | tr '\n' ' ')
[ "$left" = "hvctl-doctor.atitxx hvctl-doctor.linked hvctl-doctor.notes " ] \
    || fail "left: $left"
[ -e "$tmp/elsewhere/file" ] || fail "a link was followed"
rm "$tmp/place/hvctl-doctor.linked"
rmdir "$tmp/place"/*
nothing_left

# A VM whose run directory is lost is told of.
hv start vm1
rm -rf "$tmp/run/vm/vm1"
expect "VMs can run here" hv doctor
found degraded "VM vm1"
says "-> hvctl kill vm1"
expect "vm1 was killed" hv kill vm1
nothing_left

# An ordinary user: what that lacks is said, and it works.
chown -R $user:$user "$tmp/home"
chmod 755 "$tmp"
as_user env TMPDIR="$tmp/place" hvctl doctor > "$tmp/out" 2> "$tmp/err" || {
    cat "$tmp/out" "$tmp/err"
    fail "as a user"
}
found degraded user
found degraded sandbox
found ok guest
nothing_left
[ ! -e "$tmp/home/run/hvctl/vm/doctor" ] || fail "the user's run_dir is used"
# Their PATH need not have what the system runs.
as_user env TMPDIR="$tmp/place" PATH="$tmp/build/cli:/usr/bin:/bin" \
    hvctl doctor > "$tmp/out" 2> "$tmp/err" || fail "as a user: $(cat "$tmp/err")"
for program in ovs-vswitchd zfs; do
    [ ! -x /usr/sbin/$program ] || ! grep "$program is not installed" "$tmp/out" \
        || fail "$program is there"
done
nothing_left
