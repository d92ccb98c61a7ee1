#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who comes from another tool, or mistypes, is told the command that there is;
# nothing that destroys something is ever suggested for a typing error, and no
# package that does not exist.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host < /dev/null
"$HVCTL" help | sed -n 's/^  \([a-z][a-z -]\{15\}\).*/\1/p' | sed 's/ *$//' \
    > "$tmp/commands"
grep -q '^volume rm$' "$tmp/commands" || fail "where are the commands?"

# Every word of the table has an answer, which names commands that there are.
sed -n 's/^    { " \([a-z][a-z0-9 -]*\) .*/\1/p' "$abs_top_srcdir/cli/words.c" \
    | tr ' ' '\n' | grep . | sort -u > "$tmp/words"
[ "$(wc -l < "$tmp/words")" -gt 60 ] || fail "few words: $(cat "$tmp/words")"
while read -r word; do
    ! grep -q -x -e "$word" "$tmp/commands" \
        || fail "'$word' is a command, and in the table of others' words"
    status=0
    hv "$word" > "$tmp/out" 2> "$tmp/err" || status=$?
    [ $status -eq 2 ] || fail "$word: exit status $status"
    grep -q "'$word'" "$tmp/err" || fail "$word: $(cat "$tmp/err")"
    grep -o "hvctl [a-z-]*\( [a-z]*\)\?" "$tmp/err" | sed 's/^hvctl //' \
        | grep -v '^help' > "$tmp/named" || :
    while read -r named; do
        first=${named%% *}
        grep -q -x -e "$named" -e "$first" "$tmp/commands" \
            || fail "$word: there is no 'hvctl $named'"
    done < "$tmp/named"
done < "$tmp/words"

# word COMMAND...: each of them answers with that command.
answers_with ()
{
    command=$1
    shift
    for word; do
        hv "$word" > "$tmp/out" 2> "$tmp/err" && fail "hvctl $word: works"
        grep -q "hvctl $command'" "$tmp/err" || {
            cat "$tmp/err"
            fail "$word: no '$command'"
        }
    done
}
answers_with list ls ps vms
answers_with stop shutdown poweroff
answers_with restart reboot reset
answers_with status info dominfo domstate
answers_with create launch define
answers_with kill destroy
answers_with rm delete undefine
answers_with pause suspend
answers_with show dumpxml config
answers_with console attach shell
answers_with "snapshot list" listsnapshot snapshot-list
answers_with "snapshot revert" rollback restore
answers_with "volume clone" vol-clone
answers_with clone copy virt-clone
answers_with rename mv domrename
answers_with "volume list" vol-list storage
answers_with "image list" images
answers_with save managedsave hibernate
expect_fail 2 "does not build images: mkosi, debos and virt-builder do, and 'hvctl image import FILE' adds" \
    hv image build
for word in "pull import" "remove rm" "show info" "ls list"; do
    expect_fail 2 "it is 'hvctl image ${word#* }' here" hv image "${word% *}" x
done
answers_with doctor host capabilities

# Typing errors: one letter too many, too few, another, two swapped; of every
# command some.
mistypes ()
{
    python3 -c '
import sys
w = sys.argv[1]
out = set()
for i in range(len(w)):
    out.add(w[:i] + w[i+1:])
    out.add(w[:i] + "x" + w[i+1:])
    out.add(w[:i] + "x" + w[i:])
    if i: out.add(w[:i-1] + w[i] + w[i-1] + w[i+1:])
out.discard(w)
print("\n".join(sorted(x for x in out if x and x[0] != "-")[::25]))' "$1"
}
requires python3
destroys='rm|kill|revert|delete|--disks|--yes'
suggested=0
while read -r command; do
    case $command in
        *\ *) group=${command%% *} word=${command#* } ;;
        *) group='' word=$command ;;
    esac
    mistypes "$word" > "$tmp/mistyped"
    while read -r wrong; do
        # shellcheck disable=SC2086
        "$HVCTL" help $group "$wrong" > "$tmp/out" 2> "$tmp/err" && continue
        if grep -q -E "did you mean '($destroys)'" "$tmp/err"; then
            fail "$group $wrong: $(cat "$tmp/err")"
        fi
        grep -q "did you mean '$word'" "$tmp/err" \
            && suggested=$((suggested + 1))
    done < "$tmp/mistyped"
done < "$tmp/commands"
[ $suggested -gt 20 ] || fail "$suggested suggestions only"
expect_fail 2 "did you mean 'start'" hv strat vm1
expect_fail 2 "did you mean '--memory'" hv create vm1 --memroy 1G
for word in vm del rn rmm kil klil volume-rm x; do
    hv "$word" vm1 > "$tmp/out" 2> "$tmp/err" && fail "$word works"
    ! grep -E "did you mean '($destroys)'" "$tmp/err" || fail "$word"
done
expect_fail 2 "" hv rm --disk vm1
! grep -q "did you mean" "$tmp/err" || fail "rm --disk: $(cat "$tmp/err")"
expect_fail 2 "hvctl kill" hv stop --force vm1
expect_fail 2 "all VMs" hv list --inactive
hv list --all > "$tmp/out"
expect "^hvctl [0-9]" hv --version
expect "^hvctl [0-9]" hv -V

# Without a word: the usage, whole, and where there is more.
expect_fail 2 "" hv
printf '%s\n' "usage: hvctl [OPTION…] COMMAND [ARGUMENT…]" "see 'hvctl help'" \
    | cmp - "$tmp/err" || fail "usage: $(cat "$tmp/err")"
[ ! -s "$tmp/out" ] || fail "usage: $(cat "$tmp/out")"

# Help of a group, and usages with their options.
for arguments in "help volume" "volume --help" "--help volume" "volume -h"; do
    # shellcheck disable=SC2086
    expect "volume clone" hv $arguments
done
expect "nlarge" hv volume resize --help
expect_fail 2 "volume snapshots\|clone, " hv volume
expect_fail 2 "usage: hvctl create .*--memory SIZE.* NAME" hv create

# Packages: of plugins of this tree only.
grep '^Package:' "$abs_top_srcdir/packaging/debian/control" | cut -d ' ' -f 2 \
    > "$tmp/packages"
check_packages ()
{
    grep -o 'hvctl-plugin-[a-z0-9-]*' "$tmp/err" > "$tmp/named" || :
    while read -r package; do
        grep -q -x "$package" "$tmp/packages" \
            || fail "there is no package $package: $(cat "$tmp/err")"
    done < "$tmp/named"
}
# packages_for WHAT FILE: defines a VM, and looks at what is said.
for hypervisor in qmeu vbox cloud-hypervisr qemu cloud-hypervisor net-ovs; do
    printf 'memory = 16M\nhypervisor = %s\n' $hypervisor > "$tmp/vm.d/p.conf"
    hv validate p > "$tmp/out" 2> "$tmp/err" || :
    check_packages
    case $hypervisor in
        qmeu) grep -q "did you mean 'qemu'" "$tmp/err" || fail "qmeu" ;;
    esac
done
for type in lvm qcow2 qcow raw zfs ceph; do
    printf 'memory = 16M\nhypervisor = qemu\ndisk d { pool = p }\n' \
        > "$tmp/vm.d/p.conf"
    sed -i '/^pool p/d' "$tmp/hvctl.conf"
    echo "pool p { type = $type }" >> "$tmp/hvctl.conf"
    hv validate p > "$tmp/out" 2> "$tmp/err" || :
    check_packages
done
sed -i '/^pool p/d' "$tmp/hvctl.conf"
for type in bridge brige ovs nat vde; do
    printf 'memory = 16M\nhypervisor = qemu\nnic n { network = n }\n' \
        > "$tmp/vm.d/p.conf"
    sed -i '/^network n/d' "$tmp/hvctl.conf"
    echo "network n { type = $type }" >> "$tmp/hvctl.conf"
    hv validate p > "$tmp/out" 2> "$tmp/err" || :
    check_packages
done
sed -i '/^network n/d' "$tmp/hvctl.conf"
rm "$tmp/vm.d/p.conf"
for plugin in qemu qmeu net-ovs frob storage-lvm; do
    hv plugin show $plugin > "$tmp/out" 2> "$tmp/err" || :
    check_packages
done
# ... also where nothing is installed.
mkdir "$tmp/none"
sed -i "s,^plugin_dir.*,plugin_dir = \"$tmp/none\"," "$tmp/hvctl.conf"
unset HVCTL_BUILDDIR || :
for word in qemu lvm qmeu; do
    printf 'memory = 16M\nhypervisor = %s\n' $word > "$tmp/vm.d/p.conf"
    hv validate p > "$tmp/out" 2> "$tmp/err" || :
    check_packages
done
rm "$tmp/vm.d/p.conf"

# An empty list says how one begins; not to a script.
hv list > "$tmp/out" 2> "$tmp/err"
grep -q "hvctl create" "$tmp/err" || fail "an empty list says nothing"
[ ! -s "$tmp/out" ] || fail "an empty list prints something"
hv list --names > "$tmp/out" 2> "$tmp/err"
[ ! -s "$tmp/err" ] || fail "list --names speaks to people"
