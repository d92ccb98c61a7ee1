#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every manual is well-formed, is built, and refers only to manuals that are
# there; so do the other documents.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires podchecker pod2man
make_tempdir
cd "$abs_top_srcdir"
pods=$(ls doc/*.pod plugins/*/*.pod)

for pod in $pods; do
    podchecker -warnings -warnings "$pod" > "$tmp/out" 2>&1 || {
        cat "$tmp/out"
        fail "$pod: podchecker"
    }
    # Two sections may have keys of one name: nobody links to them.
    grep -v -e 'pod syntax OK' -e 'multiple occurrences' "$tmp/out" \
        && fail "$pod: podchecker warns"
    for part in NAME SYNOPSIS DESCRIPTION "SEE ALSO"; do
        grep -q "^=head1 $part\$" "$pod" || fail "$pod: no $part"
    done
    # Without a blank line before and after it, a command is text; podchecker
    # does not see that.
    awk '/^=/ && NR > 1 && !blank || !/^[ \t]*$/ && command {
             print FILENAME ":" FNR ": " $0; bad = 1 }
         { blank = /^[ \t]*$/; command = /^=/ }
         END { exit bad }' "$pod" || fail "$pod: a blank line is missing"
    # Lines that a terminal would break.
    awk '/^[ \t]/ && length > 78 { print FILENAME ":" FNR ": " $0; bad = 1 }
         END { exit bad }' "$pod" || fail "$pod: an example is too wide"
done

# Ours that are referred to exist, in the right section.
for link in $(cat $pods | grep -o 'L<hvctl[^>]*>' | sort -u \
    | sed 's/L<\(.*\)>/\1/'); do
    name=${link%(*}
    case $link in
        'hvctl(1)' | 'hvctl.conf(5)' | 'hvctl-plugin(3)') file=doc/$name.pod ;;
        'hvctl-'*'(1)') file=plugins/${name#hvctl-}/$name.pod ;;
        *) fail "L<$link>: in no section of ours" ;;
    esac
    [ -f "$file" ] || fail "L<$link>: there is no $file"
done

# Each is built, by the section it says.
for pod in $pods; do
    name=$(basename "$pod" .pod)
    ls "$abs_top_builddir/${pod%.pod}".[135] > /dev/null 2>&1 \
        || [ ! -f "$plugins/$(echo "${name#hvctl-}" | tr - _).so" ] \
        || fail "$name: no manual page was built"
done

# The files that the documents for developers name.
for file in README.md CONTRIBUTING.md HACKING.md doc/architecture.md \
    doc/design-notes.md doc/performance.md tests/README.md; do
    [ -s "$file" ] || fail "$file is empty"
    for path in $(grep -o '`[a-z0-9_./-]*/[A-Za-z0-9_.@-]*`' "$file" \
        | grep -v -e '`build/`' -e '`/' -e '/N/' -e NAME -e 'vm.d/' \
        | tr -d '`' | sort -u); do
        [ -e "$path" ] || [ -e "tests/$path" ] || [ -e "tests/$path.in" ] \
            || [ -e "$path.in" ] || fail "$file: there is no $path"
    done
done
grep -q "plugin_abi=$(sed -n 's/^#define HV_ABI //p' include/hvctl/plugin.h)\$" \
    packaging/hvctl.pc.in || fail "hvctl.pc: its ABI is not the header's"
grep -q "^=item ABI $(sed -n 's/^#define HV_ABI //p' include/hvctl/plugin.h)," \
    doc/hvctl-plugin.pod || fail "hvctl-plugin(3): the ABI is not in its list"
