#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Where definitions cannot be written, no command that has failed leaves a
# change behind that cannot be rolled back, and none deletes disks of a VM that
# it cannot remove.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace
traced_hvctl
make_host
add_null
define_null w
define f <<END
count = 2
memory = 16M
hypervisor = null
disk root { pool = null size = 1M }
END
hv create-disks f
[ -e "$tmp/disks/f-0-root.null" ] || fail "no disks"
printf '#!/bin/sh\necho "cpus = 2" >> "$1"\n' > "$tmp/editor"
chmod 755 "$tmp/editor"
export EDITOR="$tmp/editor"
calls=openat,unlink,unlinkat,rename,renameat,renameat2

# fixed PATH COMMAND...: as if that path was on a read-only file system.
fixed ()
{
    path=$1
    shift
    strace -f -o "$tmp/calls" -e trace=$calls -P "$path" \
        -e inject=$calls:error=EROFS "$hvctl" -c "$tmp/hvctl.conf" "$@"
}

# refused PATH COMMAND...: it fails, and nothing remains to be done.
refused ()
{
    expect_fail '[1-9]' "Read-only file system" fixed "$@" < /dev/null
    [ -z "$(ls -A "$tmp/state/changes")" ] || fail "$*: unfinished: $(cat "$tmp/err")"
    ! grep -q "rolled back\|rolls it back" "$tmp/err" || fail "$*: $(cat "$tmp/err")"
}

refused "$tmp/vm.d/.w.new" resize w --memory 32M
refused "$tmp/vm.d/.w.new" attach-nic w more:null
refused "$tmp/vm.d/.w.new" attach-disk w more:1M,pool=null
refused "$tmp/vm.d/.w.new" detach-nic w lan
refused "$tmp/vm.d/.w.edit.new" edit w
refused "$tmp/vm.d/.n.new" rename w n
refused "$tmp/vm.d/.n.new" clone w n
refused "$tmp/vm.d/.n.new" create n --memory 16M --hypervisor null
refused "$tmp/vm.d/.n.new" create n --count 2 --memory 16M --hypervisor null
[ "$(ls "$tmp/disks" | tr '\n' ' ')" = "f-0-root.null f-1-root.null w-root.null " ] \
    || fail "disks: $(ls "$tmp/disks")"
# A pool is not written either.
refused "$tmp/disks/w-more.null" attach-disk w more:1M,pool=null
refused "$tmp/disks/n-root.null" create n --memory 16M --hypervisor null \
    --disk root:1M,pool=null
hv start w
hv stop w

# kept COMMAND...: rm fails first.
kept ()
{
    expect_fail '[1-9]' "cannot remove .*: Read-only file system" strace -f \
        -o "$tmp/calls" -e trace=faccessat,faccessat2 -P "$tmp/vm.d" \
        -e inject=faccessat,faccessat2:error=EROFS "$hvctl" \
        -c "$tmp/hvctl.conf" rm --yes "$@"
    [ -e "$tmp/vm.d/w.conf" ] && [ -e "$tmp/vm.d/f.conf" ] || fail "$*: no definition"
    [ "$(ls "$tmp/disks" | wc -l)" = 3 ] || fail "$*: disks: $(ls "$tmp/disks")"
    [ -z "$(ls -A "$tmp/state/changes")" ] || fail "$*: unfinished"
}

kept --disks w
kept w
kept --disks f
kept f
# It fails only in the end.
for vm in w f; do
    calls=unlink,unlinkat
    expect_fail '[1-9]' "cannot remove .*$vm.conf: Read-only file system" fixed \
        "$tmp/vm.d/$vm.conf" rm --yes --disks $vm
    [ $vm = f ] || grep -q "the disks of w are deleted, but its definition is still there" \
        "$tmp/err" || fail "$(cat "$tmp/err")"
    ! grep -q "f-[01].conf" "$tmp/err" || fail "a file that was not there: $(cat "$tmp/err")"
done
