#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A bad plugin is refused with the reason, and takes no other one down.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
cp "$test_plugins"/bad_*.so "$tmp/plugins/"
yes "this is no shared object" | head -c 4096 > "$tmp/plugins/bad_garbage.so"
: > "$tmp/plugins/bad_nothing.so"
cp "$test_plugins/bad_none.so" "$tmp/plugins/bad_cut.so"
truncate -s 3000 "$tmp/plugins/bad_cut.so"
head -c 40 "$test_plugins/bad_none.so" > "$tmp/plugins/bad_short.so"
mkfifo "$tmp/plugins/bad_fifo.so"
mkdir "$tmp/plugins/bad_folder.so"
ln -s /nonexistent "$tmp/plugins/bad_dangling.so"
cp "$abs_top_builddir/tests/null-hypervisor" "$tmp/plugins/bad_program.so"
# EM_S390, then the other class.
for to in 18:foreign 4:class; do
    cp "$test_plugins/bad_none.so" "$tmp/plugins/bad_${to#*:}.so"
    printf '\026' | dd of="$tmp/plugins/bad_${to#*:}.so" bs=1 \
        seek=${to%:*} conv=notrunc status=none
done
# This one costs each command its time.
mv "$tmp/plugins/bad_start_loop.so" "$tmp"
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
refused abi0 "ABI is 0"
refused abi999 "newer hvctl.*ABI is 999"
refused size "plugin table"
refused table "storage table"
refused null "storage.create is required"
refused half "storage.activate and .deactivate"
refused empty "no provider"
refused name "'another'"
refused undefined "hvctl_has_no_such_function"
refused exec "cannot be allowed .* execve: no other program"
refused files "cannot be allowed .* openat: .*hv_open"
refused space "cannot be allowed .* ioctl with any argument"
refused sti "cannot be allowed .* ioctl with TIOCSTI"
refused socket "cannot be allowed .* socket: .*hv_listen"
refused nosuch "no system call 'no_such_call'"
refused nowhy "io_pgetevents: 'why' is missing"
refused half-list "io_pgetevents: 'values' and 'n_values'"
refused garbage "cannot be loaded: it is not a shared object"
refused nothing "cannot be loaded: it is too short to be a shared object"
refused cut "cannot be loaded: it is truncated"
refused short "cannot be loaded: it is too short to be a shared object"
refused fifo "cannot be loaded: it is not a regular file"
refused folder "cannot be loaded: it is not a regular file"
refused dangling "No such file"
refused program "cannot be loaded: it is not a shared object"
refused foreign "cannot be loaded: it was built for another architecture"
refused class "cannot be loaded: it was built for another architecture"
refused start-exit "when it was loaded, it called exit (0)"
refused start-crash "when it was loaded, it crashed (signal 6"
mv "$tmp/bad_start_loop.so" "$tmp/plugins"
refused start-loop "when it was loaded, it did not return"
rm "$tmp/plugins/bad_start_loop.so"
refused key-type "storage.keys: 'count' has an invalid type (99)"
refused key-name "storage.keys: \"no key; x\" is not a valid key"
refused key-twice "storage.keys: 'path' is listed twice"
refused key-ours "storage.keys: 'provider' is a key of hvctl itself"
refused key-default "storage.keys: .*\"many\", is not a whole number"
refused key-path "storage.keys: .*\"relative/path\", is not absolute"
refused key-summary "storage.keys: 'count' has no summary"
refused key-end "storage.keys: it does not end"
refused pool-type "storage.type: the name \"no type\""

# Its open() fails: that is known when something needs it.
cat >> "$tmp/hvctl.conf" <<EOF
pool refusing { type = "bad-open" }
EOF
expect_fail '[1-9]*' "does not feel like it" hv volume create refusing/x 1M

hv plugin list > "$tmp/list"
grep -q "bad-none.*1\.0" "$tmp/list" || fail "a good plugin is not listed"
grep -q "^ *null.*1\.0" "$tmp/list" || fail "the null plugin is not listed"
grep -q "bad-abi999.*newer" "$tmp/list" || fail "no reason in the list"
