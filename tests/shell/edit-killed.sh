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

# What is kept is continued by the next edit, and that is said; once saved, it is
# no longer kept.
cp "$tmp/vm.d/vm1.conf" "$tmp/before"
printf '#!/bin/sh\nsed -i "s/^memory/memry/; s/17M/18M/" "$1"\n' > "$tmp/editor"
expect_fail 7 "your text is in $kept" edit
printf '#!/bin/sh\nexit 1\n' > "$tmp/editor"
expect_fail 1 "continuing the edit of vm1 that was not saved: $kept" edit
grep -q "memry = 18M" "$kept" || fail "it is lost"
cmp "$tmp/before" "$tmp/vm.d/vm1.conf" || fail "the definition is another"
printf '#!/bin/sh\nsed -i "s/^memry/memory/" "$1"\n' > "$tmp/editor"
edit > "$tmp/out" 2> "$tmp/err"
grep -q "continuing" "$tmp/err" || fail "$(cat "$tmp/err")"
grep -q "^memory = 18M" "$tmp/vm.d/vm1.conf" || fail "not saved"
[ ! -e "$kept" ] || fail "it is still kept"

# One that is older than the definition is not continued without a question.
cp "$tmp/vm.d/vm1.conf" "$kept"
touch -d yesterday "$kept"
printf '#!/bin/sh\nsed -i "s/18M/19M/" "$1"\n' > "$tmp/editor"
edit > "$tmp/out" 2> "$tmp/err"
grep -q "$kept was not saved, and is not continued" "$tmp/err" \
    || fail "$(cat "$tmp/err")"
[ -e "$kept" ] || fail "it is lost"
if command -v script > /dev/null; then
    printf '#!/bin/sh\n:\n' > "$tmp/editor"
    echo y | EDITOR=$tmp/editor script -qec \
        "'$HVCTL' -c '$tmp/hvctl.conf' edit vm1" /dev/null > "$tmp/out"
    grep -q "changed since. Continue it" "$tmp/out" || fail "$(cat "$tmp/out")"
    grep -q "^memory = 18M" "$tmp/vm.d/vm1.conf" || fail "not continued"
    [ ! -e "$kept" ] || fail "it is still kept"
fi

# It goes with its VM, and whoever is asked is told.
cp "$tmp/vm.d/vm1.conf" "$kept"
expect_fail 2 "vm1 is kept, with .*the text of an edit that was not saved" \
    hv rm vm1 < /dev/null
hv rm -y vm1 > "$tmp/out"
[ ! -e "$kept" ] || fail "it is still there"
