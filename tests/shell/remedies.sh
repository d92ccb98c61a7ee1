#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every command of hvctl that a message names as what to do does it.  The
# messages are looked for in the sources: each has a line in the table,
# tests/kit/remedies.table, which says what brings it about and runs it, or which
# test does.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
make_host
add_null
define_null vm1
define_null other

# ------------------------------------------- which there are, in the sources

# FILE|COMMAND, up to the quote or bracket behind it.
"$HVCTL" help | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p' | sort -u > "$tmp/verbs"
grep -q '^volume$' "$tmp/verbs" || fail "where are the commands?"
verbs=$(paste -s -d '|' "$tmp/verbs")
(cd "$abs_top_srcdir" \
    && find core cli common import plugins supervisor -name '*.c' | sort \
        | xargs awk -f tests/kit/strings.awk) > "$tmp/strings"
grep -oE "^[^	]*|hvctl ($verbs)[^'\");,:\\]*" "$tmp/strings" \
    | awk '!/^hvctl/ { f = $0; next } { print f "|" $0 }' \
    | sed 's/ *$//' | sort -u > "$tmp/found"
[ "$(wc -l < "$tmp/found")" -gt 40 ] || fail "few: $(cat "$tmp/found")"

# Each has a command that exists.
grep -oE "^[^	]*|'hvctl [a-z][a-z-]*" "$tmp/strings" \
    | awk '!/^.hvctl/ { f = $0; next } { print f "|" $2 }' | sort -u > "$tmp/named"
grep -vE "\|($verbs|help)\$" "$tmp/named" > "$tmp/unknown" \
    && fail "there is no such command: $(cat "$tmp/unknown")" || :

grep -v '^#' "$abs_top_srcdir/tests/kit/remedies.table" > "$tmp/table"
# Words of other tools, with a test of their own.
grep -v '^cli/words.c|' "$tmp/found" > "$tmp/wanted"
sed 's/|[^|]*$//' "$tmp/table" | sort -u > "$tmp/listed"
diff "$tmp/wanted" "$tmp/listed" > "$tmp/diff" \
    || fail "<: it has no line here; >: no message says it: $(cat "$tmp/diff")"

# ------------------------------------------------------------ to follow one

# fails COMMAND...: it does, and what it says is in $tmp/said.
fails ()
{
    ! hv "$@" > "$tmp/said" 2>&1 || fail "$*: works"
}

# follow COMMAND [ARGUMENT...]: that is in what was said, and works, with the
# arguments added; what it prints is in $tmp/out.
follow ()
{
    grep -q -e "$1" "$tmp/said" || fail "no '$1' in: $(cat "$tmp/said")"
    words=${1#hvctl }
    shift
    # shellcheck disable=SC2086
    hv $words "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null \
        || fail "$words $*: exit status $?: $(cat "$tmp/err")"
}

works ()
{
    hv "$@" > "$tmp/out" 2>&1 || fail "$*: still fails: $(cat "$tmp/out")"
}

# -------------------------------------------------------------- situations

help_command ()
{
    hv help > "$tmp/said"
    follow "hvctl help" list
    hv help volume > "$tmp/said"
    follow "hvctl help volume" list
}

usage ()
{
    fails
    follow "hvctl help"
    fails frob
    follow "hvctl help"
    fails list --nothing
    follow "hvctl help list"
    fails volume rm --nothing
    follow "hvctl help volume rm"
}

edit_import ()
{
    printf '%s\n' --ctrlif=eth0 '--vm=w | h(1) | vmctrl@VF+pci=0000:1a:00.1' \
        > "$tmp/args"
    hv import --from 5gdeploy --print "$tmp/args" > "$tmp/out" 2> "$tmp/said"
    { echo 'hypervisor = null'; sed '/^cpu =/d' "$tmp/out"; } > "$tmp/vm.d/w.conf"
    truncate -s 1M "$tmp/vm.qcow2"
    printf '#!/bin/sh\necho "disk root { image = %s/vm.qcow2' "$tmp" > "$tmp/ed"
    printf '\n format = qcow2\n}" >> "$1"\n' >> "$tmp/ed"
    chmod +x "$tmp/ed"
    EDITOR=$tmp/ed follow "hvctl edit w"
    works show w
    hv rm -y w > "$tmp/out"
}

existing_volume ()
{
    hv create there -m 16M --hypervisor null > "$tmp/out"
    for disk in more more:volume=odd-one; do
        volume=default/${disk#*=}
        [ "$disk" != more ] || volume=default/there-more
        hv volume create "$volume" 1M > "$tmp/out"
        fails attach-disk there "$(echo "$disk" | sed 's/more:*/more:1M,/; s/,$//')"
        spec=$(sed -n 's/.*attach it with \([^ ]*\), or remove.*/\1/p' "$tmp/said")
        cp "$tmp/said" "$tmp/said.attach"
        works attach-disk there "$spec"
        hv detach-disk there more > "$tmp/out"
        cp "$tmp/said.attach" "$tmp/said"
        follow "hvctl volume rm $volume" --yes
        works attach-disk there "$(echo "$disk" | sed 's/more:*/more:1M,/; s/,$//')"
        hv detach-disk there more > "$tmp/out"
        hv volume rm -y "$volume" > "$tmp/out"
    done
    hv rm -y there > "$tmp/out"
}

no_such ()
{
    fails status nope
    follow "hvctl list"
    follow "hvctl create" nope
    works show nope
    hv rm -y nope > "$tmp/out"
    fails list nope
    follow "hvctl list"
    fails plugin show nope
    follow "hvctl plugin list"
    fails schema nope
    follow "hvctl schema"
}

empty_list ()
{
    mkdir "$tmp/empty.d"
    {
        cat "$tmp/hvctl.conf"
        echo "vm_dir = \"$tmp/empty.d\""
    } > "$tmp/empty.conf"
    "$HVCTL" -c "$tmp/empty.conf" list > "$tmp/said" 2>&1
    follow "hvctl help create"
    grep -q "hvctl create' makes one" "$tmp/said"
}

no_console_log ()
{
    for run in 1 2; do
        hv start vm1 > "$tmp/out"
        fails logs vm1
        # There is nothing to attach to.
        ! grep -q "hvctl console" "$tmp/said" || fail "$(cat "$tmp/said")"
        hv kill vm1 > "$tmp/out"
    done
    fails logs vm1
    follow "hvctl logs --hypervisor" vm1
    fails logs --previous vm1
    follow "hvctl logs --hypervisor --previous" vm1
}

# A comment where nobody would write one: a clone would lose it.
edit_odd ()
{
    hv create odd --nic n:user,mac=52:54:00:12:34:56 > "$tmp/out"
    sed -i 's,mac = ,mac /* its own */ = ,' "$tmp/vm.d/odd.conf"
    fails clone odd even
    export EDITOR="sed -i s,/[*].*[*]/,,"
    follow "hvctl edit odd"
    works clone odd even
    hv rm -y odd even > "$tmp/out"
}

passed_over ()
{
    echo 'labels { role = x }' >> "$tmp/vm.d/other.conf"
    echo 'memory = lots' > "$tmp/vm.d/wrong.conf"
    hv stop -l role=x > "$tmp/said" 2>&1 || [ $? = 7 ]
    hv validate wrong 2>&1 | grep -q lots || fail "validate: nothing"
    grep -q "hvctl validate wrong" "$tmp/said" || fail "$(cat "$tmp/said")"
    rm "$tmp/vm.d/wrong.conf"
    works stop -l role=x
}

find_part ()
{
    mac=$(hv list -C mac vm1 | tail -n 1)
    uuid=$(hv list -C uuid vm1 | tail -n 1)
    fails list --mac "${mac#??:}"
    follow "hvctl find" "${mac#??:}"
    fails list --uuid "${uuid#????????-}"
    follow "hvctl find" "${uuid#????????-}"
    fails show "00000000${uuid#????????}"
    follow "hvctl find" "${uuid#????????-}"
}

bad_definition ()
{
    hv create bad --disk root:1M > "$tmp/out"
    echo "frobs = 1" >> "$tmp/vm.d/bad.conf"
    sed -i 's/^disk root {.*/& frob = 1/' "$tmp/vm.d/bad.conf"
    fails rm -y --disks bad
    grep -q "hvctl validate bad" "$tmp/said" || fail "$(cat "$tmp/said")"
    hv validate bad > "$tmp/out" 2>&1 && fail "it is not wrong"
    grep -q "frob" "$tmp/out"
    cp "$tmp/said" "$tmp/kept"
    works rm -y bad
    cp "$tmp/kept" "$tmp/said"
    follow "hvctl volume rm" -y default/bad-root
}

volume_in_use ()
{
    hv create used --disk root:1M --disk more:1M > "$tmp/out"
    fails volume rm -y default/used-more
    follow "hvctl detach-disk used more"
    works volume rm -y default/used-more
    fails volume rm -y default/used-root
    follow "hvctl rm --disks used" --yes
    fails volume rm -y default/used-root
}

volume_runs ()
{
    hv volume create default/r 1M > "$tmp/out"
    cp "$tmp/vm.d/vm1.conf" "$tmp/vm1.conf"
    sed -i 's/^disk .*/disk root { pool = default volume = r }/' \
        "$tmp/vm.d/vm1.conf"
    hv start vm1 > "$tmp/out"
    fails volume resize default/r 2M
    follow "hvctl resize" vm1 --disk root=2M
    grep -q "the running guest has it" "$tmp/out"
    fails volume snapshot default/r
    follow "hvctl volume snapshots default/r"
    hv kill vm1 > "$tmp/out"
    cp "$tmp/vm1.conf" "$tmp/vm.d/vm1.conf"
}

missing_disk ()
{
    define lacking < "$tmp/vm.d/vm1.conf"
    sed -i 's/^disk .*/disk root { size = 1M }/' "$tmp/vm.d/lacking.conf"
    fails start lacking
    follow "hvctl apply lacking" -y
    works start lacking
    hv kill lacking > "$tmp/out"
    hv rm -y --disks lacking > "$tmp/out"
    define lacking < "$tmp/vm.d/vm1.conf"
    sed -i 's/^disk .*/disk root { volume = x }/' "$tmp/vm.d/lacking.conf"
    fails start lacking
    # Only with a size; so that is what the message has to say.
    grep -q "with a 'size' in the definition" "$tmp/said"
    sed -i 's/^disk .*/disk root { volume = x size = 1M }/' \
        "$tmp/vm.d/lacking.conf"
    follow "hvctl apply lacking" -y
    works start lacking
    hv kill lacking > "$tmp/out"
    hv rm -y --disks lacking > "$tmp/out"
}

saved ()
{
    for fault in definition disk words; do
        hv start vm1 > "$tmp/out"
        hv save vm1 > "$tmp/out"
        cp "$tmp/vm.d/vm1.conf" "$tmp/vm1.conf"
        case $fault in
            definition) echo "cpus = 2" >> "$tmp/vm.d/vm1.conf" ;;
            disk) echo x >> "$tmp/disks/vm1-root.null" ;;
            words) echo garbage > "$tmp/state/vm/vm1/saved/about" ;;
        esac
        fails start vm1
        follow "hvctl start --fresh vm1"
        hv kill vm1 > "$tmp/out"
        cp "$tmp/vm1.conf" "$tmp/vm.d/vm1.conf"
    done
}

volume_size ()
{
    hv create sized --disk r:1M > "$tmp/out"
    hv volume resize default/sized-r 3M > "$tmp/out" 2> "$tmp/said"
    grep -q "sized.conf:[0-9]*: disk r of sized is still defined with size = 1M" \
        "$tmp/said" || fail "$(cat "$tmp/said")"
    follow "hvctl resize --disk r=3M sized"
    grep -q "size = 3M" "$tmp/vm.d/sized.conf" || fail "not changed"
    hv volume resize default/sized-r 3M > "$tmp/out" 2> "$tmp/said"
    ! grep -q "still" "$tmp/said" || fail "$(cat "$tmp/said")"
    hv rm -y --disks sized > "$tmp/out"
}

half_snapshot ()
{
    hv create half --disk a:1M > "$tmp/out"
    fails snapshot revert half nope
    follow "hvctl snapshot list half"
    hv snapshot create half s > "$tmp/out"
    hv attach-disk half b:1M > "$tmp/out"
    fails snapshot revert half s
    grep -q "name the disks to be reverted: --disk a$" "$tmp/said" \
        || fail "$(cat "$tmp/said")"
    works snapshot revert half s --disk a
    follow "hvctl detach-disk" half b
    works snapshot revert half s
    hv rm -y --disks half > "$tmp/out"
}

doctor ()
{
    fails create x --hypervisor nosuchthing
    grep -q "'hvctl doctor' lists" "$tmp/said" || fail "$(cat "$tmp/said")"
    echo "frob = 1" > "$tmp/vm.d/bad.conf"
    cp "$tmp/vm.d/vm1.conf" "$tmp/vm.d/vm1.conf.edited"
    : > "$tmp/vm.d/gone.conf.edited"
    # It has nothing to try, without hypervisors.
    mv "$tmp/plugins/null.so" "$tmp/null.so"
    PATH=$tmp/nothing HVCTL_BUILDDIR=$abs_top_builddir \
        "$abs_top_builddir/cli/hvctl" -c "$tmp/hvctl.conf" doctor \
        > "$tmp/said" 2>&1 || :
    mv "$tmp/null.so" "$tmp/plugins/null.so"
    for plugin in "$plugins"/*.so; do
        plugin=$(basename "$plugin" .so | tr _ -)
        grep -q "^  [a-z]* *$plugin " "$tmp/said" || fail "$plugin is not listed"
    done
    grep -q "hvctl validate" "$tmp/said" || fail "nothing about bad.conf"
    hv validate > "$tmp/out" 2>&1 && fail "it is not wrong"
    grep -q "bad.conf:1" "$tmp/out" || fail "$(cat "$tmp/out")"
    rm "$tmp/vm.d/bad.conf"
    grep -q "gone.conf.edited is the text.* of a VM that is not defined" \
        "$tmp/said" || fail "nothing about gone.conf.edited: $(cat "$tmp/said")"
    rm "$tmp/vm.d/gone.conf.edited"
    EDITOR=true follow "hvctl edit vm1"
    grep -q "continuing the edit" "$tmp/err" || fail "$(cat "$tmp/err")"
    [ ! -e "$tmp/vm.d/vm1.conf.edited" ] || fail "it is still there"
}

rename_refused ()
{
    hv start vm1 > "$tmp/out"
    fails rename vm1 vm9
    follow "hvctl stop vm1"
    works rename vm1 vm9
    works rename vm9 vm1
    for way in "hvctl start vm1" "hvctl start --fresh vm1"; do
        hv start vm1 > "$tmp/out"
        hv save vm1 > "$tmp/out"
        fails rename vm1 vm9
        follow "$way"
        hv stop vm1 > "$tmp/out"
    done
    works rename vm1 vm9
    works rename vm9 vm1
    define_null vm1
}

clone_refused ()
{
    hv start vm1 > "$tmp/out"
    fails clone vm1 vm9
    follow "hvctl stop vm1"
    hv create q --hypervisor null --memory 16M --disk root:1M > "$tmp/out"
    hv volume create default/vm9-root 1M > "$tmp/out"
    fails clone q vm9
    follow "hvctl volume rm default/vm9-root" --yes
    works clone q vm9
    hv rm --yes --disks vm9 > "$tmp/out"
    hv rm --yes --disks q > "$tmp/out"
}

lost_state ()
{
    hv start vm1 > "$tmp/out"
    echo garbage > "$tmp/run/vm/vm1/state"
    rm "$tmp/run/vm/vm1/plan"
    fails pause vm1
    follow "hvctl kill vm1"
    hv start vm1 > "$tmp/out"
    sed -i 's/"hypervisor": *"null"/"hypervisor": "gone"/' \
        "$tmp/run/vm/vm1/state"
    fails stop vm1
    follow "hvctl kill" vm1
    # Another hvctl is at it, for longer than somebody waits for it.
    HVCTL_NULL_FAIL=hypervisor.ready:deaf "$HVCTL" -c "$tmp/hvctl.conf" \
        start vm1 > "$tmp/starter" 2>&1 &
    starter=$!
    wait_for 10 sh -c "'$HVCTL' -c '$tmp/hvctl.conf' list | grep -q starting"
    fails counters vm1
    follow "hvctl kill vm1"
    wait $starter || :
}

# ---------------------------------------------------------------- each one

sed 's/.*|//' "$tmp/table" | sort -u > "$tmp/ways"
while read -r how what; do
    case $how in
        no) ;;
        in)
            pattern=${what#* }
            grep -q -e "$pattern" "$abs_top_srcdir/tests/${what%% *}" \
                || fail "tests/${what%% *} does not run '$pattern'" ;;
        *)
            echo "== $how"
            "$how" < /dev/null ;;
    esac
done < "$tmp/ways"
assert_nothing_left
