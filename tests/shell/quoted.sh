#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Braces and equal signs in quotes are text: every command that changes the text
# of a definition changes what it is meant to, and nothing else.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
make_host
add_null

# origins VM: all values, without their places.
origins ()
{
    hv show --origin "$1" | sed '/^ /d; s/  [^ ]*$//' | sort
}

# changed VM [LINE...]: these lines of origins are new, and no other has changed.
changed ()
{
    vm=$1
    shift
    origins "$vm" > "$tmp/after"
    cut -d ' ' -f 1 "$tmp/before" | sort > "$tmp/keys"
    for line; do
        grep -qxF "$line" "$tmp/after" || fail "$vm has no '$line': $(cat "$tmp/after")"
        key=${line%% *}
        for file in before after; do
            awk -v key="$key" '$1 != key' "$tmp/$file" > "$tmp/rest"
            mv "$tmp/rest" "$tmp/$file"
        done
    done
    diff "$tmp/before" "$tmp/after" > "$tmp/diff" || fail "$vm: $(cat "$tmp/diff")"
    origins "$vm" > "$tmp/before"
}

hv create y --hypervisor null --memory 16M --append '{' --kernel /etc/passwd --set 'labels.a=}' \
    --set labels.b=c --set 'labels.c={' --set 'labels.d==' --set "labels.e='}" --nic l:user \
    --set 'vars.v=}' --disk 'd:4M,serial=}'
origins y > "$tmp/before"
for line in 'append = "{"' 'labels.a = "}"' 'labels.b = c' 'labels.c = "{"' 'labels.d = "="' \
    "labels.e = \"'}\"" 'vars.v = "}"' 'disk.d.serial = "}"' 'nic.l.network = user'; do
    grep -qxF "$line" "$tmp/before" || fail "no '$line': $(cat "$tmp/before")"
done

hv resize y --memory 32M --cpus 2 --disk d=8M
changed y 'memory = 32M' 'cpus = 2' 'disk.d.size = 8M'
hv attach-disk y 'e:4M,serial={'
changed y 'disk.e.size = 4M' 'disk.e.serial = "{"'
hv attach-nic y m:user
changed y 'nic.m.network = user'
hv detach-nic y m
grep -v '^nic.m' "$tmp/before" > "$tmp/fewer"
mv "$tmp/fewer" "$tmp/before"
changed y
sed -i '/^uuid = /d' "$tmp/vm.d/y.conf"
grep -v '^uuid' "$tmp/before" > "$tmp/fewer"
mv "$tmp/fewer" "$tmp/before"
uuid=$(hv list -C uuid y | sed -n 's/.*\([0-9a-f]\{8\}-[0-9a-f-]*\).*/\1/p')
mac=$(hv list -C mac y | sed -n 's/.*\(52:54:[0-9a-f:]*\).*/\1/p')
hv rename y z
changed z "nic.l.mac = \"$mac\"" "uuid = $uuid" "disk.d.volume = y-d" "disk.e.volume = y-e"
hv clone z u > "$tmp/out"
other=$(grep '^uuid = ' "$tmp/vm.d/u.conf") || fail "no UUID: $(cat "$tmp/vm.d/u.conf")"
[ "$other" != "uuid = $uuid" ] || fail "the same UUID"
! grep -q '^labels.*uuid' "$tmp/vm.d/u.conf" || fail "a label uuid"
grep -v '\.serial\|\.volume\|\.size\|\.mac' "$tmp/before" > "$tmp/fewer"
mv "$tmp/fewer" "$tmp/before"
origins u | grep -v '\.serial\|\.volume\|\.size\|\.mac' > "$tmp/clone"
sed -i 's/^uuid = .*/uuid/' "$tmp/clone" "$tmp/before"
diff "$tmp/before" "$tmp/clone" > "$tmp/diff" || fail "$(cat "$tmp/diff")"

# What cannot be found is not changed, and the command says what helps.
sed -i 's,mac = ,mac /* its own */ = ,' "$tmp/vm.d/z.conf"
expect_fail 7 "cannot find where .*z.conf has what is to be changed, so nothing.*hvctl edit z" \
    hv clone z c
[ ! -e "$tmp/vm.d/c.conf" ] || fail "c is defined"
EDITOR='sed -i s,/\*.*\*/,,' hv edit z > "$tmp/out"
hv clone z c > "$tmp/out"
! find "$tmp/state/changes" -type f | grep . || fail "a change is left"
assert_nothing_left
