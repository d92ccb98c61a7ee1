#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A bad plugin is refused with the reason, and takes no other one down.
. "${abs_top_builddir:-.}/tests/functions.sh"
make_host
cp "$test_plugins"/bad_*.so "$tmp/plugins/"
echo "this is no shared object" > "$tmp/plugins/bad_garbage.so"
: > "$tmp/plugins/bad_nothing.so"
add_null

# refused FAULT REASON
refused ()
{
    status=0
    hv plugin show "bad-$1" > "$tmp/out" || status=$?
    [ $status -eq 4 ] || fail "bad-$1: exit status $status"
    grep -q "^status=.*$2" "$tmp/out" || fail "bad-$1: $(cat "$tmp/out")"
}

refused symbol "no symbol 'hv_plugin'"
refused abi0 "ABI 0"
refused abi999 "newer hvctl.*ABI is 999"
refused size "plugin table"
refused table "storage table"
refused null "storage.create is required"
refused half "storage.activate and .deactivate"
refused empty "no provider"
refused name "'another'"
refused undefined "hvctl_has_no_such_function"
refused exec "execve can not be had.*no second program"
refused files "openat can not be had.*hv_open"
refused space "ioctl as a whole can not be had"
refused sti "ioctl with TIOCSTI can not be had"
refused socket "socket can not be had.*hv_listen"
refused nosuch "no system call 'no_such_call'"
refused nowhy "io_pgetevents: it does not say why"
refused half-list "io_pgetevents: values and n_values"
refused garbage "cannot be loaded"
refused nothing "cannot be loaded"

# Its open() fails: that is known when something needs it.
cat >> "$tmp/hvctl.conf" <<EOF
pool refusing { type = "bad-open" }
EOF
expect_fail '[1-9]*' "does not feel like it" hv volume create refusing/x 1M

hv plugin list > "$tmp/list"
grep -q "bad-none.*1\.0" "$tmp/list" || fail "a good plugin is not listed"
grep -q "^ *null.*1\.0" "$tmp/list" || fail "the null plugin is not listed"
grep -q "bad-abi999.*newer" "$tmp/list" || fail "no reason in the list"
