#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Commands that change a definition write into the VM's own file, never into a
# template: a new size overrides, a disk of a template is not detached.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
mkdir "$tmp/conf.d"
cat > "$tmp/conf.d/t.conf" <<END
template t {
    memory = 16M
    cpus = 1
    hypervisor = null
    disk root {
        pool = null
        size = 1M
    }
    nic lan { network = null }
}
END
cp "$tmp/conf.d/t.conf" "$tmp/template"
define vm1 <<END
# The first line.
templates = { t }
memory = "\${8 * 2}M" # behind it

nic wan { network = null }
END
hv create-disks vm1

hv resize vm1 --memory 32M --cpus 2 --disk root=2M
cat > "$tmp/expected" <<END
# The first line.
templates = { t }
memory = 32M # behind it
cpus = 2

nic wan { network = null }

disk root {
    size = 2M
}
END
diff -u "$tmp/expected" "$tmp/vm.d/vm1.conf" || fail "resize writes something else"
expect '^disk.root.size = 2M .*vm1.conf:9$' hv show --origin vm1
expect 'overrides 1M .*t.conf:7 (template t)' hv show --origin vm1
hv resize vm1 --disk root=3M
grep -q '    size = 3M' "$tmp/vm.d/vm1.conf" || fail "not in the same place"

for what in "disk root" "nic lan"; do
    # shellcheck disable=SC2086
    expect_fail 7 "$what of vm1 is from template t (.*t.conf:[0-9]*)" \
        hv detach-${what% *} vm1 ${what#* }
done
expect_fail '[1-9]' "already has a disk 'root', by template t (.*t.conf:5)" \
    hv attach-disk vm1 root:1M,pool=null
expect_fail '[1-9]' "already has a nic 'lan', by template t" \
    hv attach-nic vm1 lan:null
hv attach-disk vm1 data:1M,pool=null
hv detach-disk vm1 data
hv detach-nic vm1 wan
hv attach-nic vm1 wan:null
cmp "$tmp/template" "$tmp/conf.d/t.conf" || fail "the template was changed"

# A template that changed has changed the VM: its saved state is of another one.
hv start vm1
hv save vm1
sed -i 's/^    nic lan.*/    nic lan { network = null mtu = 1400 }/' \
    "$tmp/conf.d/t.conf"
expect_fail 7 "vm1.conf, or a template of it, has changed since" hv start vm1
cp "$tmp/template" "$tmp/conf.d/t.conf"
echo "# no matter" >> "$tmp/vm.d/vm1.conf"
hv start vm1
hv stop vm1
assert_nothing_left
