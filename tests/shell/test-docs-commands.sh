#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl(1) has exactly the commands, usages and options of the one table, in
# its order; and the exit codes and environment variables of the source.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir
pod=$abs_top_srcdir/doc/hvctl.pod

differ ()
{
    diff -u "$tmp/source" "$tmp/manual" \
        || fail "$1: the source (-) and hvctl(1) (+) differ"
    [ -s "$tmp/source" ] || fail "$1: nothing was found"
}

# section HEADING [LEVEL]: the lines of hvctl(1) below it.
section ()
{
    awk -v heading="=head${2-1} $1" -v level="${2-1}" '
        /^=head/ && substr($0, 6, 1) + 0 <= level { on = $0 == heading; next }
        on' "$pod"
}

plain ()
{
    sed 's/[A-Z]<\([^>]*\)>/\1/g'
}

items ()
{
    sed -n 's/^=item //p' | plain
}

# "  -m, --memory SIZE: memory, such as 2G" → "-m, --memory SIZE"
help_options ()
{
    sed -n 's/^  \(-[^:]*\):.*/\1/p'
}

usage ()
{
    "$HVCTL" help $1 | sed -n '1s/^usage: //p' | sed 's/…/.../g; s/ *$//'
}

"$HVCTL" help > "$tmp/help"
sed -n 's/^  \([a-z][a-z -]\{15\}\).*/\1/p' "$tmp/help" | sed 's/ *$//' \
    > "$tmp/commands"
echo release >> "$tmp/commands"

while read -r command; do
    usage "$command"
done < "$tmp/commands" > "$tmp/source"
sed -n 's/^=head2 //p' "$pod" > "$tmp/manual"
differ "commands"
[ "$(wc -l < "$tmp/commands")" -gt 25 ] || fail "there are few commands"

help_options < "$tmp/help" > "$tmp/source"
section OPTIONS | items > "$tmp/manual"
differ "global options"

while read -r command; do
    "$HVCTL" help $command | help_options | sed "s/^/$command /"
done < "$tmp/commands" > "$tmp/source"
while read -r command; do
    section "$(usage "$command")" 2 | items | sed "s/^/$command /"
done < "$tmp/commands" > "$tmp/manual"
differ "options"

sed -n 's/^ *EXIT_[A-Z_]* = \([0-9]*\),.*/\1/p' \
    "$abs_top_srcdir/core/base/error.h" > "$tmp/source"
section "EXIT STATUS" | items > "$tmp/manual"
differ "exit codes"

cat "$abs_top_srcdir"/core/*.c "$abs_top_srcdir"/core/*/*.c "$abs_top_srcdir"/cli/*.c \
    "$abs_top_srcdir"/supervisor/*.c | grep -e getenv -e env_dir \
    | grep -o '"[A-Za-z_]*"' | tr -d '"' | sort -u > "$tmp/source"
section ENVIRONMENT | items | tr -d ' ' | tr , '\n' | sort > "$tmp/manual"
differ "environment"
