#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The worked examples of other systems (tests/seeds/) have their exact values,
# and each value comes from the line that has it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir
n=0
for seed in "$abs_top_srcdir"/tests/seeds/*/; do
    seed=${seed%/}
    [ -f "$seed/hvctl.conf" ] || continue # Those of import-seeds.sh.
    # hvctl.conf must not be writable by others.
    dir=$tmp/$(basename "$seed")
    cp -R "$seed" "$dir"
    chmod -R u+w,go-w "$dir"
    # Of a fleet, the first and the last VM.
    for golden in "$seed"/*.effective "$seed"/*.origin; do
        vm=$(basename "$golden")
        form=${vm##*.} vm=${vm%.*}
        "$HVCTL" -c "$dir/hvctl.conf" show --$form "$vm" \
            | sed "s,$dir/,DIR/,g" > "$tmp/out"
        [ -s "$tmp/out" ] || fail "$seed: there is no $vm"
        diff -u "$golden" "$tmp/out" || fail "$seed: $form of $vm is another one"
        n=$((n + 1))
    done
done
[ $n -ge 18 ] || fail "there are $n examples only"

# As many as they say: balena's 'count: 5', and 'virshle vm create -t xs -n 3'.
for list in "balena standard-0 standard-1 standard-2 standard-3 standard-4" \
    "virshle sasuke_uchiha xs-0 xs-1 xs-2"; do
    [ "$("$HVCTL" -c "$tmp/${list%% *}/hvctl.conf" list --names | xargs)" \
        = "${list#* }" ] || fail "not these VMs: $list"
done

# machina: a port that does not exist.
sed -i 's/4${employee-id}/9${employee-id}/' "$tmp/machina/conf.d/desktop.conf"
expect_fail 7 'conf.d/desktop.conf:8: .*:99000:22" is not.*"tcp:127.0.0.1:9${employee-id}:22" is' \
    "$HVCTL" -c "$tmp/machina/hvctl.conf" validate test-vm
