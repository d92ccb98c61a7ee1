# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by tools/check and tools/check-suites: how they count, and how they
# end.
passed=0 failed=0 skipped=0

say ()
{
    printf '\n== %s (%s)\n' "$*" "$(date +%T)"
}

# What is not a test of its own counts as one.
worked ()
{
    echo "ok: $*"
    passed=$((passed + 1))
    note_result "PASS - $*"
}

broken ()
{
    echo "FAILED: $*"
    failed=$((failed + 1))
    note_result "FAIL - $*"
}

# One line for each: "RESULT RUN NAME", to the file $results if there is one.
note_result ()
{
    [ -z "${results-}" ] || echo "$*" >> "$results"
}

# The last line, which CI reads.
finish ()
{
    printf '\n%d passed, %d failed, %d skipped\n' $passed $failed $skipped
    [ $failed -eq 0 ] && [ $passed -gt 0 ]
    exit
}
