#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The worked examples of other systems (tests/seeds/) have their exact values,
# and each value comes from the line that has it.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir
n=0
for seed in "$abs_top_srcdir"/tests/seeds/*/; do
    seed=${seed%/}
    # hvctl.conf must not be writable by others.
    dir=$tmp/$(basename "$seed")
    cp -R "$seed" "$dir"
    chmod -R u+w,go-w "$dir"
    for vm in "$dir"/vm.d/*.conf; do
        vm=$(basename "$vm" .conf)
        for form in effective origin; do
            "$HVCTL" -c "$dir/hvctl.conf" show --$form "$vm" \
                | sed "s,$dir/,DIR/,g" > "$tmp/out"
            diff -u "$seed/$vm.$form" "$tmp/out" \
                || fail "$seed: $form of $vm is another one"
            n=$((n + 1))
        done
    done
done
[ $n -ge 14 ] || fail "there are $n examples only"

# machina: a port that does not exist.
sed -i 's/4${employee-id}/9${employee-id}/' "$tmp/machina/conf.d/desktop.conf"
expect_fail 7 'conf.d/desktop.conf:8: .*:99000:22" is not.*"tcp:127.0.0.1:9${employee-id}:22" is' \
    "$HVCTL" -c "$tmp/machina/hvctl.conf" validate test-vm
