#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An edit that is killed or interrupted: what was written by then is kept beside
# the definition, and told; the definition is as it was, and can be edited.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
direct_hvctl
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
    ! EDITOR=$tmp/editor "$hvctl" -c "$tmp/hvctl.conf" \
        edit vm1 > "$tmp/out" 2>&1 || fail "$1: it was not interrupted"
    hv stop vm1 >> "$tmp/out" 2>&1
    cmp "$tmp/before" "$tmp/vm.d/vm1.conf" || fail "$1: the definition is another"
    [ -z "$(ls -A "$tmp/state/changes")" ] || fail "$1: it is unfinished"
}

for signal in KILL TERM HUP; do
    edited $signal 'echo "memory = 20M" > "$1"'
    grep -q "the edited text is in $kept, and $tmp/vm.d/vm1.conf is unchanged" \
        "$tmp/out" || fail "$signal: $(cat "$tmp/out")"
    [ "$(cat "$kept")" = "memory = 20M" ] || fail "$signal: $(cat "$kept")"
    rm "$kept"
    edited $signal :
    [ ! -e "$kept" ] || fail "$signal: nothing was written, and it is kept"
    [ -z "$(find "$tmp/vm.d" "$tmp/state" -name '*.new*' -o -name '.?*')" ] \
        || fail "$signal: left:" "$tmp/vm.d/".?*
done

# Without a terminal.
edit ()
{
    EDITOR=$tmp/editor hv edit vm1 < /dev/null
}

# left_as_it_was TEXT: what was written, "" if nothing, is kept; nothing else.
left_as_it_was ()
{
    if [ "$1" ]; then
        [ "$(cat "$kept")" = "$1" ] || fail "kept: $(cat "$kept")"
        rm "$kept"
    fi
    [ ! -e "$kept" ] || fail "it is kept"
    cmp "$tmp/before" "$tmp/vm.d/vm1.conf" || fail "the definition is another"
    [ -z "$(ls -A "$tmp/state/changes")" ] || fail "it is unfinished"
    [ "$(ls -A "$tmp/vm.d")" = vm1.conf ] || fail "left: $(ls -A "$tmp/vm.d")"
}

# What is not valid is kept, too, where nobody can be asked; one who is asked,
# and says that it is not to be saved, is believed.
printf '#!/bin/sh\necho memry=1 > "$1"\n' > "$tmp/editor"
expect_fail 7 "not saved, and your text is in $kept: .*memry" edit
left_as_it_was memry=1
if command -v script > /dev/null; then
    echo n | EDITOR=$tmp/editor script -qec \
        "'$HVCTL' -c '$tmp/hvctl.conf' edit vm1" /dev/null > "$tmp/out" || :
    grep -q "Edit again.*" "$tmp/out" || fail "nobody is asked: $(cat "$tmp/out")"
    grep -q "vm1 is not saved" "$tmp/out" || fail "$(cat "$tmp/out")"
    left_as_it_was ""
fi

# An editor that fails, or is killed, says so; what it has written is kept.
printf '#!/bin/sh\necho "memory = 20M" > "$1"\nexit 3\n' > "$tmp/editor"
expect_fail 1 "exited with status 3; nothing is saved, and your text is in $kept" edit
! grep EDITOR "$tmp/err" || fail "the editor works"
left_as_it_was "memory = 20M"
printf '#!/bin/sh\nkill -9 $$\n' > "$tmp/editor"
expect_fail 1 "was killed by signal 9; nothing is saved$" edit
! grep EDITOR "$tmp/err" || fail "the editor works"
left_as_it_was ""
EDITOR=$tmp/none expect_fail 1 "none' cannot be executed: set .EDITOR" hv edit vm1
left_as_it_was ""

# Without an editor that needs no terminal there is nobody to type.
(
    unset EDITOR VISUAL
    expect_fail 2 "standard input is not a terminal: set .EDITOR" hv edit vm1 \
        < /dev/null
)
left_as_it_was ""

# What is as it was is not written again.
was=$(stat -c '%i %y' "$tmp/vm.d/vm1.conf")
EDITOR=true expect "^the definition of vm1 is unchanged$" hv edit vm1
left_as_it_was ""
[ "$(stat -c '%i %y' "$tmp/vm.d/vm1.conf")" = "$was" ] || fail "it was written"
EDITOR="sed -i s/16M/17M/" expect "^the definition of vm1 is saved; " hv edit vm1
