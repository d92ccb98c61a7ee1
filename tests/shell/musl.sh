#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl does not need glibc: with musl-gcc the supervisor is linked statically
# and does its work; the core, the commands and the plugins compile, but for
# nothing but the libraries, which are there for glibc only.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires musl-gcc make
[ -x "$abs_top_builddir/tests/unit/test-console" ] || skip "no cmocka"
[ ! -e "$abs_top_srcdir/config.status" ] || skip "built in the source tree"
build=$abs_top_builddir/build-musl
multiarch=$(gcc -print-multiarch 2> /dev/null || :)
headers="-idirafter /usr/include ${multiarch:+-idirafter /usr/include/$multiarch}"

# The headers of the libraries are glibc's neighbours: so they come last.  To
# link with what there is would mix two C libraries: so nothing is linked.
rm -rf "$build"
mkdir -p "$build"
cd "$build"
"$abs_top_srcdir/configure" -q --enable-werror CC=musl-gcc \
    CPPFLAGS="$headers" CONFUSE_LIBS=" " JSONC_LIBS=" " SECCOMP_LIBS=" " \
    NL_LIBS=" " ac_cv_lib_ltdl_lt_dlopenadvise=yes \
    > configure.out 2>&1 || fail "$(tail -n 20 configure.out)"
grep -q "static supervisor \.* yes" configure.out || fail "not static"
env -u MAKEFLAGS -u MFLAGS make -s -j2 DEFS_LDFLAGS= compile-all > make.out 2>&1 \
    || fail "$(grep -E 'error|warning|\*\*\*' make.out | head -n 40)"

# What it lacks was found out, and the rest has taken its place.
grep -q "define HAVE_DECL_STRERRORNAME_NP 0" config.h || fail "whose is it?"

supervisor=$build/supervisor/hvctl-supervisor
! readelf -l "$supervisor" | grep -q INTERP || fail "it is not static"
[ "$(stat -c %s "$supervisor")" -lt 262144 ] || fail "$(size "$supervisor")"

# The tests of what it does, by the programs that this build has.
HVCTL_TEST_SUPERVISOR=$supervisor
export HVCTL_TEST_SUPERVISOR
for program in test-console test-spawn-jail; do
    "$abs_top_builddir/tests/unit/$program" || fail "$program"
done
# hvctl takes the parts of a tree that it is in.
mkdir -p "$build/tree/cli"
cp "$abs_top_builddir/cli/hvctl" "$build/tree/cli/"
ln -s "$abs_top_builddir/plugins" "$build/tree/plugins"
ln -s "$build/supervisor" "$build/tree/supervisor"
cat > "$build/tree/hvctl" <<END
#!/bin/sh
HVCTL_BUILDDIR='$build/tree' exec '$build/tree/cli/hvctl' "\$@"
END
chmod +x "$build/tree/hvctl"
for test in supervisor logs stop-ways stale; do
    HVCTL=$build/tree/hvctl sh "$abs_top_srcdir/tests/shell/$test.sh" \
        || fail "$test.sh"
done
rm -rf "$build"
