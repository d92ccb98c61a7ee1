#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What root acts on is root's: of each kind, what belongs to another, what
# others may write, and what a link of another leads to is refused, and taken
# once the remedy that the message names has been carried out.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires setpriv
make_host
add_null
define_null vm1
mkdir "$tmp/conf.d"
echo 'vars { a = 1 }' > "$tmp/conf.d/a.conf"

other=12345

# remedy: what is in the brackets of the message, carried out
remedy ()
{
    said=$(sed -n 's/.*(\(ch[a-z]* [^()]*\)).*/\1/p' "$tmp/err" | head -n 1)
    [ -n "$said" ] || fail "no remedy: $(cat "$tmp/err")"
    $said
}

# refused WHAT COMMAND...: with a remedy, and then not
refused ()
{
    item=$1
    shift
    if hv "$@" > "$tmp/out" 2> "$tmp/err"; then
        fail "$item: '$*' is done all the same"
    fi
    grep -qF "$item" "$tmp/err" || fail "$item is not named: $(cat "$tmp/err")"
    remedy
    hv "$@" > "$tmp/out" 2> "$tmp/err" || fail "$item: $(cat "$tmp/err")"
}

hv start vm1
hv kill vm1

# The configuration, the definitions, and the directories.
for what in hvctl.conf conf.d conf.d/a.conf vm.d vm.d/vm1.conf run state log \
    run/vm state/vm; do
    mkdir -p "$tmp/run/vm" "$tmp/state/vm"
    chown $other "$tmp/$what"
    refused "$tmp/$what" start vm1
    hv kill vm1
    mkdir -p "$tmp/run/vm" "$tmp/state/vm"
    chmod o+w "$tmp/$what"
    refused "$tmp/$what" start vm1
    hv kill vm1
done
for what in hvctl.conf conf.d conf.d/a.conf vm.d vm.d/vm1.conf run state log; do
    chmod g+w "$tmp/$what"
    refused "$tmp/$what" start vm1
    hv kill vm1
done
# A log directory below one that a group may write is as distributions have it.
chmod g+w "$tmp"
hv start vm1
hv kill vm1
chmod g-w "$tmp"
chmod o+w "$tmp"
refused "$tmp" start vm1
hv kill vm1
chmod 755 "$tmp"

# Links: root's own are followed, another's are not.
for what in hvctl.conf conf.d conf.d/a.conf vm.d log state; do
    mv "$tmp/$what" "$tmp/real"
    ln -s "$tmp/real" "$tmp/$what"
    hv start vm1
    hv kill vm1
    chown -h $other "$tmp/$what"
    expect_fail 8 "is a symbolic link owned by user $other" hv start vm1
    chown -h 0 "$tmp/$what"
    mkdir -p "$tmp/theirs"
    rm "$tmp/$what"
    mv "$tmp/real" "$tmp/theirs/real"
    ln -s "$tmp/theirs/real" "$tmp/$what"
    chown $other "$tmp/theirs"
    refused "$tmp/theirs" start vm1
    hv kill vm1
    rm "$tmp/$what"
    mv "$tmp/theirs/real" "$tmp/$what"
    rmdir "$tmp/theirs"
done
# The logs of one VM.
rm -r "$tmp/log/vm1"
mkdir "$tmp/elsewhere"
ln -s "$tmp/elsewhere" "$tmp/log/vm1"
chown -h $other "$tmp/log/vm1"
expect_fail 8 "is a symbolic link owned by user $other" hv start vm1
[ -z "$(ls "$tmp/elsewhere")" ] || fail "logs were written elsewhere"
rm "$tmp/log/vm1"

# A run directory of another's: a journal and a state that name a process.
sleep 1000 & victim=$!
cleanup_fn "kill $victim"
start=$(sed 's/.*) //' "/proc/$victim/stat" | cut -d' ' -f20)
for owned in "vm1" "vm1/journal vm1/state"; do
    mkdir -p "$tmp/run/vm/vm1"
    echo "{\"op\":\"helper\",\"name\":\"lan\",\"pid\":$victim,\"start\":$start}" \
        > "$tmp/run/vm/vm1/journal"
    echo "{\"state\":\"running\",\"hypervisor\":\"null\",\"pid\":$victim,\"start_time\":$start}" \
        > "$tmp/run/vm/vm1/state"
    for file in $owned; do
        chown $other "$tmp/run/vm/$file"
    done
    for command in "kill vm1" "stop vm1" "start vm1" "list" "rm vm1"; do
        hv $command > "$tmp/out" 2> "$tmp/err" || :
        kill -0 $victim || fail "$command: a journal of another's was obeyed"
    done
    expect_fail 8 "$tmp/run/vm/vm1.*(chown root " hv start vm1
    expect_fail 8 "(chown root " hv kill vm1
    # Another VM is not troubled.
    define_null other
    hv start other
    hv kill other
    rm -r "$tmp/run/vm/vm1" "$tmp/vm.d/other.conf"
    [ -e "$tmp/vm.d/vm1.conf" ] || define_null vm1
done

# Other users act with no rights but their own, and are not kept from that.
hv start vm1
hv stop vm1
assert_nothing_left
