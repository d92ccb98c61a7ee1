#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The commands that only look make no system call that changes anything: not
# a file, not a process, not a link.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires strace qemu-img
make_host
add_null
define_null vm1
define_null vm2
hv start vm1
hv volume create default/v 1M
hv volume snapshot default/v@s
truncate -s 1M "$tmp/im.raw"
hv image import --unverified "$tmp/im.raw"

changing='openat,open,creat,mkdir,mkdirat,rmdir,unlink,unlinkat,rename'
changing=$changing',renameat,renameat2,link,linkat,symlink,symlinkat,mknod'
changing=$changing',mknodat,chmod,fchmod,fchmodat,chown,fchown,lchown'
changing=$changing',fchownat,truncate,ftruncate,fallocate,utimensat,mount'
changing=$changing',umount2,setxattr,kill,tgkill,pidfd_send_signal,fork'
changing=$changing',vfork,clone,clone3,execve,bind,write,writev,pwrite64'

# Files may be opened for reading, devices that are asked what they can do
# also for writing.  What is written goes to where a person reads it, to the
# null plugin's log, or to the socket of a running machine.
harmless ()
{
    grep -v -e 'open\(at\)\?(.*O_RDONLY' -e '= -1 E' -e 'exited with' \
        -e 'openat(.*"/dev/\(null\|kvm\)"' -e "openat(.*$tmp/null.log\"" \
        -e "write([0-9]*<$tmp/null.log>" -e 'writev\?([12]<' \
        -e 'writev\?([0-9]*<\(socket\|UNIX\)' -e "execve(\"$hvctl\""
}

# looks COMMAND...: and changes nothing.
looks ()
{
    strace -f -y -qq -e signal=none -e trace="$changing" -o "$tmp/trace" \
        "$hvctl" -c "$tmp/hvctl.conf" "$@" > "$tmp/out" 2> "$tmp/err" \
        || case $? in 6 | 10) ;; *) false ;; esac || fail "$*: $(cat "$tmp/err")"
    [ -s "$tmp/out" ] || fail "$*: prints nothing"
    [ -s "$tmp/trace" ] || fail "$*: nothing was traced"
    ! harmless < "$tmp/trace" || fail "$*: changes something"
}

traced_hvctl
echo 'labels { role = x }' >> "$tmp/vm.d/vm1.conf"
looks list
looks list -o json
looks list -C name,labels,state,mac --sort -name
looks list -l role
looks find vm1
looks status vm1
looks status vm2
looks show vm1
looks validate vm2 -o json
looks plan vm1
looks plan vm2
looks plan --command vm2
looks explain vm2
# A definition that has changed, of a VM that runs and of one that does not.
sed -i 's/16M/32M/' "$tmp/vm.d/vm1.conf"
echo 'disk more { pool = null size = 1M }' >> "$tmp/vm.d/vm1.conf"
echo 'disk more { pool = null size = 1M }' >> "$tmp/vm.d/vm2.conf"
looks diff
looks diff vm2 -o json
looks apply --check
sed -i '/^disk more/d' "$tmp/vm.d/vm1.conf" "$tmp/vm.d/vm2.conf"
looks plugin list
looks plugin show null
looks sandbox show vm1
looks volume list null
looks volume snapshots default/v
looks image list
looks image info im
looks image verify
looks schema
looks schema definition
looks schema host
looks show --host
looks show --host -o json
looks gen-id --vm vm1
looks gen-mac
looks gen-mac vm2 lan
looks version

# And it would show: a start is full of it.
# (Without -f, which would wait for the machine to end.)
strace -y -qq -e trace="$changing" -o "$tmp/trace" \
    "$hvctl" -c "$tmp/hvctl.conf" start vm2 > "$tmp/out"
harmless < "$tmp/trace" | grep -q 'mkdir' || fail "no mkdir in the trace"
hv stop vm1 vm2
assert_nothing_left
