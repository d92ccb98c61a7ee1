#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl.conf(5) has the table of keys and hypervisors that the plugins have.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin qemu cloud-hypervisor
make_host < /dev/null
sh "$abs_top_srcdir/tests/kit/support-table" "$HVCTL" -c "$tmp/hvctl.conf" \
    > "$tmp/table"
sed -n '/^=head1 KEYS AND HYPERVISORS/,/^=head1 /p' \
    "$abs_top_srcdir/doc/hvctl.conf.pod" | sed '$d' > "$tmp/manual"
[ "$(wc -l < "$tmp/table")" -gt 60 ] || fail "the table is short"
diff -u "$tmp/table" "$tmp/manual" \
    || fail "the plugins (-) and hvctl.conf(5) (+) differ: put in what" \
        "tests/kit/support-table prints"
