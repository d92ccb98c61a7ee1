#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# System calls that a plugin brings itself: shown, allowed if it asks for them
# and nowhere else, denied by the host by name; and what it can not ask for is
# refused by name before anything is taken.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
# set_need MODE NEED
set_need ()
{
    define_null vm1 "$1"
    sed -i "s/mode = .*/mode = $1 ${2:+need = \"$2\"} }/" "$tmp/vm.d/vm1.conf"
}

expect "^hypervisor.call.1.timerfd_create=always: a clock" hv plugin show null
expect "^hypervisor.call.2.ioctl=always, if argument 1 is one of 0x541b: how" \
    hv plugin show null
expect "hypervisor.call.1.timerfd_create" hv -o json plugin show null

# It is not enough that it is in the table: describe() has to ask.
set_need timer ""
expect_fail '[1-9]*' "killed by the sandbox\|signal 31" hv start vm1
assert_nothing_left
set_need timer timerfd_create
expect "^  null  *allow  *timerfd_create  # a clock" hv sandbox show vm1
expect '^ *"timerfd_create"$' hv sandbox show -o json vm1
hv start vm1
expect running hv status vm1
hv kill vm1
assert_nothing_left

# One request, not the whole ioctl.
set_need waiting "ioctl"
expect "null  *allow  *ioctl argument 1 in {0x541b}" hv sandbox show vm1
hv start vm1
hv kill vm1
set_need waiting timerfd_create
expect_fail '[1-9]*' "killed by the sandbox\|signal 31" hv start vm1
assert_nothing_left

# takes_nothing PATTERN: a start is refused before anything is done.
takes_nothing ()
{
    : > "$tmp/null.log"
    expect_fail '[1-9]*' "$1" hv start vm1
    ! grep -E "attach|activate" "$tmp/null.log" || fail "something was taken"
    assert_nothing_left
}
for need in execve fork openat socket ptrace mount ioctl_all teapot; do
    set_need obey $need
    takes_nothing "null asks for a denied system call.*'$need'"
done
set_need obey "io_setup"
takes_nothing "'io_setup' is a system call, and system calls are allowed by group"

cp "$tmp/hvctl.conf" "$tmp/before"
echo 'sandbox { deny_calls = {timerfd_create} }' >> "$tmp/hvctl.conf"
line=$(awk '/deny_calls/ { print NR }' "$tmp/hvctl.conf")
set_need timer timerfd_create
takes_nothing "null asks for the system call timerfd_create (a clock.*), which \
$tmp/hvctl.conf:$line denies"
set_need waiting ioctl
hv start vm1
hv kill vm1
cp "$tmp/before" "$tmp/hvctl.conf"
echo 'sandbox { deny_calls = {ioctl} }' >> "$tmp/hvctl.conf"
takes_nothing "ioctl, which is of group .base., is denied by .*hvctl.conf:$line "
