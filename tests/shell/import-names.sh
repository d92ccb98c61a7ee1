#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# No import overwrites, overrides or absorbs a VM that exists, whichever of both
# is part of a fleet, and its own VMs have different names.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
grep -q "^#define HAVE_YAML 1" "$abs_top_builddir/config.h" \
    || skip "built without libyaml"

# guests TEMPLATE COUNT...: a file of balenaVirt.
guests ()
{
    echo 'templates:'
    printf '  %s: { m: 64 }\n' $(printf '%s\n' "$@" | grep '[^0-9]' | sort -u)
    echo 'guests:'
    while [ $# -gt 0 ]; do
        echo "  - { template: $1, count: $2 }"
        shift 2
    done
}

# refused PATTERN TEMPLATE COUNT...
refused ()
{
    pattern=$1
    shift
    guests "$@" > "$tmp/in.yml"
    before=$(cksum "$tmp"/vm.d/*)
    for option in --print --dry-run ""; do
        expect_fail "$code" "$pattern" hv import --from balena $option \
            "$tmp/in.yml"
    done
    [ "$(cksum "$tmp"/vm.d/*)" = "$before" ] || fail "$pattern: it is written"
    [ ! -e "$tmp/conf.d" ] || fail "$pattern: it is written"
}

cat > "$tmp/vm.d/edge.conf" <<'END'
count = 5
memory = 16M
hypervisor = null
END
for vm in pc-1 lone; do
    printf 'memory = 16M\nhypervisor = null\n' > "$tmp/vm.d/$vm.conf"
done
echo 'count = nonsense' > "$tmp/vm.d/odd.conf"
mkdir -p "$tmp/state/vm/old-1"
echo x > "$tmp/state/vm/old-1/vars.fd"

code=1
refused "in.yml:4: VM lone already exists: .*lone.conf" lone 1
refused "in.yml:4: VM edge-3 already exists.* fleet edge" edge-3 1
refused "in.yml:4: VM edge-3 already exists.* fleet edge" edge-3 2
refused "in.yml:4: VM edge already exists: .*edge.conf" edge 7
refused "in.yml:4: VM edge already exists: .*edge.conf" edge 1
refused "in.yml:4: VM pc-1 already exists: .*pc-1.conf" pc 3
refused "in.yml:4: VM odd-1 already exists.* fleet odd" odd-1 1
refused "in.yml:4: .*earlier VM old-1" old-1 1
refused "in.yml:4: .*earlier VM old-1" old 2

# They and each other.
code=7
refused "in.yml:6: t-1 would be a VM of both t-1 and t (.*in.yml:5): give" \
    t 2 t-1 2
refused "in.yml:6: t-1 would be a VM of both t and t-1 (.*in.yml:5)" t-1 1 t 2
refused "in.yml:5: template 't' is that of another entry.*raise 'count'" t 1 t 1
long=$(printf '%063d' 0 | tr 0 a)
code=2
refused "in.yml:4: VM name .*has 65 characters" "$long" 2

# What does not clash is imported, beside them.
guests edge-7 1 t 2 t-2 1 > "$tmp/in.yml"
hv import --from balena --print "$tmp/in.yml" > "$tmp/out" 2> "$tmp/err" \
    || fail "$(cat "$tmp/err")"

# What conflicts with a VM that is there is not written, as 'validate' would
# refuse both; --print is for another host.
printf 'guests:\n  - { template: pc2, count: 1 }\ntemplates:\n  pc2: { m: 64 }\n' > "$tmp/in.yml"
hv import --from balena "$tmp/in.yml" > "$tmp/out" 2>&1
uuid=$(hv show -o json pc2-0 2> /dev/null || hv show -o json pc2)
uuid=$(echo "$uuid" | sed -n 's/.*"uuid": *"\([^"]*\)".*/\1/p' | head -n 1)
cat > "$tmp/one.xml" <<END
<domain type='qemu'><name>again</name><uuid>$uuid</uuid><memory>65536</memory>
<os><type arch='x86_64'>hvm</type></os></domain>
END
before=$(cksum "$tmp"/vm.d/*)
for option in --dry-run ""; do
    expect_fail 7 "one.xml:1: new definition of again: UUID $uuid is used twice: also by pc2" \
        hv import --from libvirt $option "$tmp/one.xml"
done
hv import --from libvirt --print "$tmp/one.xml" > "$tmp/out" 2>&1 || fail "$(cat "$tmp/out")"
[ "$(cksum "$tmp"/vm.d/*)" = "$before" ] || fail "it is written"
