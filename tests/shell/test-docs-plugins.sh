#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual of each plugin has exactly the keys that the plugin declares, and
# says which are required and what the others are without being set.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host < /dev/null
plugins=0

# item KEY: what the manual says of it.
item ()
{
    awk -v key="=item B<$1> =" '
        /^=(item|back|head)/ { on = index($0, key) == 1 }
        on' "$pod"
}

for name in $(hv plugin list | sed 1d | cut -d ' ' -f 1); do
    pod=$abs_top_srcdir/plugins/$name/hvctl-$name.pod
    [ -f "$pod" ] || fail "$name has no manual"
    plugins=$((plugins + 1))
    hv plugin show "$name" | sed -n 's/^[a-z]*\.key\.//p' > "$tmp/keys"

    sed 's/=.*//' "$tmp/keys" | sort > "$tmp/source"
    sed -n 's/^=item B<\([a-z_0-9]*\)> = .*/\1/p' "$pod" | sort > "$tmp/manual"
    diff -u "$tmp/source" "$tmp/manual" \
        || fail "$name: its keys (-) and its manual (+) differ"

    # KEY=TYPE[, required][, default WORD]: SUMMARY
    while IFS='=' read -r key rest; do
        item "$key" > "$tmp/item"
        case ${rest%%:*} in
            *", required"*)
                grep -qi required "$tmp/item" \
                    || fail "$name: its manual does not say that '$key' is" \
                        "required" ;;
            bool*)
                grep -q 'I<yes|no>' "$tmp/item" \
                    || fail "$name: its manual does not say that '$key' is" \
                        "yes or no" ;;
            *", default "*)
                default=${rest#*, default }
                default=${default%%: *}
                grep -qF "$default" "$tmp/item" \
                    || fail "$name: its manual does not say that '$key' is" \
                        "$default by default" ;;
        esac
    done < "$tmp/keys"

    # And it is about this plugin.
    grep -q "^hvctl-$name - " "$pod" || fail "$pod: its NAME is wrong"
done
[ $plugins -gt 0 ] || skip "no plugin was built"
