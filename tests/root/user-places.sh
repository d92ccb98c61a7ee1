#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A user has one world, whether the environment names it (a login) or not (su,
# cron): /run/user/UID, if it is there and the user's own.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
. "$abs_top_srcdir/tests/root/functions.sh"
requires_tiny
make_tempdir
make_user
place=/run/user/$user
[ ! -e "$place" ] || skip "$place is there"
mkdir -p "$place"
cleanup_fn "rm -rf '$place'"
cp "$tiny" "$tmp/home/tiny.elf"
chmod 644 "$tmp/home/tiny.elf"

# rundir [XDG_RUNTIME_DIR]: where the VM's run directory would be
rundir ()
{
    env -i HOME="$tmp/home" PATH="$tmp/build/cli:$PATH" \
        HVCTL_BUILDDIR="$tmp/build" ${1+XDG_RUNTIME_DIR="$1"} LC_ALL=C.UTF-8 \
        setpriv --reuid $user --regid $user --clear-groups \
        hvctl plan -o json vm1 | sed -n 's/.*"rundir": *"\(.*\)".*/\1/p'
}

as_user hvctl create vm1 --memory 32M --kernel "$tmp/home/tiny.elf" \
    --accelerator tcg
# Not the user's own: what the environment says, or the user's state.
[ "$(rundir "$tmp/home/run")" = "$tmp/home/run/hvctl/vm/vm1" ]
[ "$(rundir)" = "$tmp/home/.local/state/hvctl/run/vm/vm1" ]
chown $user "$place"
[ "$(rundir "$tmp/home/run")" = "$place/hvctl/vm/vm1" ]
[ "$(rundir)" = "$place/hvctl/vm/vm1" ]
[ "$(rundir relative)" = "$place/hvctl/vm/vm1" ]
