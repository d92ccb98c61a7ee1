#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The terms that the glossary of HACKING.md replaces are in no comment or
# string of the sources, no manual, no other document and no help text.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host < /dev/null
cd "$abs_top_srcdir"

# The rows of the glossary, "SAY | NOT | `PATTERN` …", and the patterns of each.
sed -n '/^| say | not | patterns |$/,/^$/p' HACKING.md | sed '1,2d' \
    | grep '^|' > "$tmp/rows" || fail "HACKING.md has no glossary"
: > "$tmp/patterns"
while IFS= read -r row; do
    # "\|" does not end a column of the table.
    row=$(printf '%s\n' "$row" | sed 's/\\|/\v/g')
    not=$(printf '%s\n' "$row" | cut -d '|' -f 3 | sed 's/^ *//; s/ *$//')
    printf '%s\n' "$row" | cut -d '|' -f 4 | grep -o '`[^`]*`' | tr -d '`' \
        | tr '\v' '|' > "$tmp/some" || fail "no patterns: $row"
    while IFS= read -r pattern; do
        printf '%s\n' "$not" | grep -qiE -e "$pattern" \
            || fail "'$pattern' does not match what it is to find: $not"
    done < "$tmp/some"
    cat "$tmp/some" >> "$tmp/patterns"
done < "$tmp/rows"
[ "$(wc -l < "$tmp/patterns")" -ge 20 ] || fail "there are few patterns"

# "FILE<tab>TEXT", with the lines of a comment, a string or a paragraph joined.
comments ()
{
    awk '
        function flush () { gsub (/[ \t]+/, " ", text)
                            if (text != "") print FILENAME "\t" text; text = "" }
        FNR == 1 { inside = 0 }
        {
            line = $0
            while (line != "") {
                if (inside) {
                    sub (/^ *\* ?/, "", line)
                    at = index (line, "*/")
                    text = text " " (at ? substr (line, 1, at - 1) : line)
                    if (!at) break
                    inside = 0; sub (/^ /, "", text); flush ()
                    line = substr (line, at + 2); continue
                }
                c = substr (line, 1, 1)
                if (substr (line, 1, 2) == "/*") {
                    inside = 1; line = substr (line, 3)
                } else if (c == "\"" || c == "\047") {
                    line = substr (line, 2)
                    while (line != "" && substr (line, 1, 1) != c) {
                        line = substr (line, substr (line, 1, 1) == "\\" ? 3 : 2)
                    }
                    line = substr (line, 2)
                } else { line = substr (line, 2) }
            }
        }' "$@"
}

paragraphs ()
{
    awk '
        function flush () { if (text != "") print last "\t" text; text = "" }
        FNR == 1 { flush (); last = FILENAME; glossary = 0 }
        /^\| say \| not \| patterns \|$/ { glossary = 1 }
        /^$/ { flush (); glossary = 0; next }
        glossary { next }
        /^#/ { flush () }
        { text = text == "" ? $0 : text " " $0 }
        END { flush () }' "$@"
}

find core cli common plugins supervisor include -name '*.[ch]' | sort \
    > "$tmp/sources"
find README.md HACKING.md CONTRIBUTING.md NEWS.md doc plugins packaging \
    tests/README.md -type f ! -name '*.[ch1-9]' ! -name '*.mk' ! -name '*~' \
    ! -name '*.orig' ! -name '.*' | sort > "$tmp/documents"
# shellcheck disable=SC2046
{
    comments $(cat "$tmp/sources")
    awk -f "$(find tests -name strings.awk)" $(cat "$tmp/sources")
    paragraphs $(cat "$tmp/documents")
} > "$tmp/texts"
hv help > "$tmp/help"
sed -n 's/^  \([a-z][a-z -]\{15\}\).*/\1/p' "$tmp/help" | sed 's/ *$//' \
    > "$tmp/commands"
while read -r command; do
    # shellcheck disable=SC2086
    hv help $command | sed "s/^/hvctl help $command	/"
done < "$tmp/commands" >> "$tmp/texts"
for kind in '\.c	' '\.h	' '\.pod	' '\.md	' 'hvctl help '; do
    [ "$(grep -c -e "$kind" "$tmp/texts")" -gt 50 ] \
        || fail "there is little text of $kind"
done

bad=0
while IFS= read -r pattern; do
    # A '^' is the beginning of a text, not of a line.
    case $pattern in
        ^*) found="	${pattern#^}" ;;
        *) found="	.*$pattern" ;;
    esac
    if grep -iE -e "$found" "$tmp/texts" > "$tmp/found"; then
        cut -c 1-300 "$tmp/found"
        echo "  ^ $pattern"
        bad=$((bad + $(wc -l < "$tmp/found")))
    fi
done < "$tmp/patterns"
[ $bad -eq 0 ] || fail "$bad texts have words that the glossary of HACKING.md" \
    "replaces"
