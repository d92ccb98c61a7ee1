#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl.conf(5) has exactly the keys that the core has, in its order, with the
# same types and defaults.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir
pod=$abs_top_srcdir/doc/hvctl.conf.pod

# "=item B<cpus> = I<NUMBER>, default 1" below "=head2 Machine" is
# "vm cpus = NUMBER, default 1".  What is no type is text.
awk '
    /^=head1 / { part = $2; section = "" }
    /^=head2 / {
        section = $2 == "Top" ? "host" : $2 == "Machine" ? "vm" : $2
        if (part == "HOST" && section != "host" && section != "defaults" \
            && section != "sandbox" && section != "network" \
            && section != "pool" && section != "image") {
            section = ""
        }
        if (section == "plugin") { section = "" }
    }
    /^=item B</ && section {
        line = $0
        sub(/^=item B</, "", line)
        sub(/> = I</, " = ", line)
        sub(/>/, "", line)
        type = line
        sub(/^[^=]*= /, "", type)
        sub(/,.*/, "", type)
        if (type !~ /^(NUMBER|SIZE|TIME|MAC|yes\|no)$/) {
            sub(/= [^,]*/, "= TEXT", line)
        }
        print section, line
    }' "$pod" > "$tmp/manual"
"$abs_top_builddir/tests/kit/docs-keys" > "$tmp/tables"

[ "$(wc -l < "$tmp/tables")" -gt 30 ] || fail "the tables are short"
diff -u "$tmp/tables" "$tmp/manual" \
    || fail "the core's tables (-) and hvctl.conf(5) (+) differ"
