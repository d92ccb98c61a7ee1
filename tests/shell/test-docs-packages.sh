#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each plugin has a package of the name that errors tell people to install,
# and all packages have the ABI of the header.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir
cd "$abs_top_srcdir"
ls plugins/*/local.mk | cut -d / -f 2 | grep -vx common | sort > "$tmp/source"

sed -n 's/^Package: hvctl-plugin-//p' packaging/debian/control | sort \
    > "$tmp/debian"
diff -u "$tmp/source" "$tmp/debian" || fail "debian/control"
sed -n 's/^%hvctl_plugin //p' packaging/hvctl.spec \
    | while read -r name module; do
        [ "$module" = "$(echo "$name" | tr - _)" ] || echo "module of $name"
        echo "$name"
    done | sort > "$tmp/rpm"
diff -u "$tmp/source" "$tmp/rpm" || fail "hvctl.spec"

abi=$(sed -n 's/^#define HV_ABI //p' include/hvctl/plugin.h)
grep -rho -e 'hvctl-abi [(]*[>=]*= [0-9]*' -e 'plugin_abi=[0-9]*' packaging \
    | grep -o '[0-9]*$' | sort -u > "$tmp/abis"
[ "$(cat "$tmp/abis")" = "$abi" ] || fail "the ABI is $abi"

version=$(sed -n 's/^AC_INIT(\[hvctl\], \[\(.*\)\])/\1/p' configure.ac)
grep -q "^Version: *$version\$" packaging/hvctl.spec \
    || fail "hvctl.spec: its version is not $version"
grep -q "^hvctl ($version-" packaging/debian/changelog \
    || fail "debian/changelog: its version is not $version"
