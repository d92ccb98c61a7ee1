#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The files of other tools (tests/seeds/import/TOOL/) become definitions that are
# known, with a known list of what is not carried over.  REGENERATE=1 writes what
# is known anew.  tests/root/import-seeds.sh imports them for real.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
seeds=$(cd "$abs_top_srcdir/tests/seeds/import" && pwd -P)
n=0
HOME=/home/somebody
export HOME

# check NAME TOOL FILE...
check ()
{
    name=$1 tool=$2
    shift 2
    (cd "$seeds/$tool" && hv import --from "$tool" --print "$@") \
        > "$tmp/out" 2> "$tmp/err" || fail "$tool $name: $(cat "$tmp/err")"
    cat "$tmp/err" "$tmp/out" \
        | sed "s,$tmp/,TMP/,g; s,$seeds/,SEEDS/,g" > "$tmp/got"
    known=$seeds/$tool/$name.known
    [ -z "${REGENERATE-}" ] || cp "$tmp/got" "$known"
    diff -u "$known" "$tmp/got" || fail "$tool $name: another result"
    n=$((n + 1))
}

check machina machina machina.conf.json test-vm.conf.json vm1.conf.json
check order machina order.conf.json own.conf.json both.conf.json plain.conf.json
check readme 5gdeploy readme.sh
check forms 5gdeploy forms.args
check fixed 5gdeploy fixed.args
if ! grep -q '^#define HAVE_YAML 1' "$abs_top_builddir/config.h"; then
    expect_fail 4 "built without libyaml" hv import --from balena \
        "$seeds/balena/guests.x86_64.yml"
else
    check standard balena guests.x86_64.yml
    check raid balena guests.raid.yml
    check odd balena guests.odd.yml
fi
if ! grep -q '^#define HAVE_TOML 1' "$abs_top_builddir/config.h"; then
    expect_fail 4 "built without toml++" hv import --from virshle \
        "$seeds/virshle/config.toml"
else
    check config virshle config.toml
    check odd virshle odd.toml
fi
if ! grep -q '^#define HAVE_XML 1' "$abs_top_builddir/config.h"; then
    expect_fail 4 "built without libxml2" hv import --from libvirt \
        "$seeds/libvirt/web.xml"
else
    for file in "$seeds"/libvirt/*.xml; do
        check "$(basename "$file" .xml)" libvirt "$(basename "$file")"
    done
fi
[ $n -ge 4 ] || fail "there are $n examples only"
