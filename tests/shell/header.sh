#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The header alone, as the author of a plugin includes it: in every C since
# C99, pedantically, and in C++.  And a plugin needs nothing but its include
# directory.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir

cat > "$tmp/only.c" <<'END'
#include <hvctl/plugin.h>
END
cat > "$tmp/plugin.c" <<'END'
#include <hvctl/plugin.h>
#include <errno.h>
static int
opens (struct hv_ctx *ctx)
{
    return hv_fail (ctx, ENOTSUP, "%s", "not here");
}
const struct hv_plugin hv_plugin = { .abi = HV_ABI, .open = opens };
END

strict='-Wall -Wextra -Wpedantic -Wno-unused-parameter -Werror -fsyntax-only'
inc="-I$abs_top_srcdir/include"
for std in c99 c11 c17 gnu11; do
    ${CC:-cc} -std=$std $strict $inc "$tmp/only.c" "$tmp/plugin.c" \
        || fail "the header is not $std"
done
for cxx in ${CXX:-c++ g++ clang++}; do
    command -v "$cxx" > "$tmp/cxx" || continue
    for std in c++11 c++17; do
        $cxx -std=$std -x c++ $strict $inc "$tmp/only.c" \
            || fail "the header is not $std"
    done
    exit 0
done
echo "no C++ compiler: C only"
