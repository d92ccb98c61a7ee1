#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An edit that is killed or interrupted: what was written by then is kept beside
# the definition, and told; the definition is as it was, and can be edited.
. "${abs_top_builddir:-.}/tests/functions.sh"
HVCTL_BUILDDIR=$abs_top_builddir
export HVCTL_BUILDDIR
make_host
add_null
define_null vm1
cp "$tmp/vm.d/vm1.conf" "$tmp/before"
kept=$tmp/vm.d/vm1.conf.edited

# edited SIGNAL SHELL: the editor does that, and hvctl gets the signal, and so
# has the editor, as when a terminal is closed.
edited ()
{
    printf '#!/bin/sh\n%s\nkill -%s $PPID\nsleep 0.3\nexit 1\n' "$2" "$1" > "$tmp/editor"
    chmod 755 "$tmp/editor"
    ! EDITOR=$tmp/editor "$abs_top_builddir/cli/hvctl" -c "$tmp/hvctl.conf" \
        edit vm1 > "$tmp/out" 2>&1 || fail "$1: it was not interrupted"
    hv stop vm1 >> "$tmp/out" 2>&1
    cmp "$tmp/before" "$tmp/vm.d/vm1.conf" || fail "$1: the definition is another"
    [ -z "$(ls -A "$tmp/state/changes")" ] || fail "$1: it is unfinished"
}

for signal in KILL TERM HUP; do
    edited $signal 'echo "memory = 20M" > "$1"'
    grep -q "what was written is in $kept, and $tmp/vm.d/vm1.conf is as it was" \
        "$tmp/out" || fail "$signal: $(cat "$tmp/out")"
    [ "$(cat "$kept")" = "memory = 20M" ] || fail "$signal: $(cat "$kept")"
    rm "$kept"
    edited $signal :
    [ ! -e "$kept" ] || fail "$signal: nothing was written, and it is kept"
    [ -z "$(find "$tmp/vm.d" "$tmp/state" -name '*.new*' -o -name '.?*')" ] \
        || fail "$signal: left:" "$tmp/vm.d/".?*
done

# Who says that it is not to be saved is believed.
printf '#!/bin/sh\necho memry=1 > "$1"\n' > "$tmp/editor"
EDITOR=$tmp/editor expect_fail 7 "not saved" hv edit vm1
[ ! -e "$kept" ] || fail "it is kept"
EDITOR="sed -i s/16M/17M/" expect "saved" hv edit vm1
