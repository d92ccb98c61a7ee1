#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a definition's paths mean: no variable is taken for nothing, '~' is not
# a directory's name, and a plugin's own paths are relative to the file that
# has them, wherever one is.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
truncate -s 1M "$tmp/a.img"
unset HVCTL_TEST_DIR

# with_image VALUE: as it is written.
with_image ()
{
    define vm1 <<END
memory = 16M
hypervisor = null
disk a { image = $1 format = raw }
END
}

# refused PATTERN VALUE
refused ()
{
    with_image "$2"
    for command in validate plan start; do
        expect_fail 7 "vm1.conf:3: .*$1" hv $command vm1
    done
}

refused "the environment variable HVCTL_TEST_DIR is not set" \
    '"${env.HVCTL_TEST_DIR}/a.img"'
refused "the environment variable HVCTL_TEST_DIR is not set" \
    '"/x\\${env.HVCTL_TEST_DIR}"'
refused "the environment variable HVCTL_TEST_DIR is not set" '${env.HVCTL_TEST_DIR}'
refused "'~' is not expanded" '"~/a.img"'
refused "'~' is not expanded" '"~root/a.img"'

# What it was before.
refused 'there is no variable .HVCTL_TEST_DIR.' '"${HVCTL_TEST_DIR}/a.img"'
with_image '"${HVCTL_TEST_DIR}/a.img"'
HVCTL_TEST_DIR=$tmp expect_fail 7 'write ${env.HVCTL_TEST_DIR}' hv validate vm1
refused 'there are no defaults' '"${name:-/tmp}/a.img"'
with_image '"${env.HVCTL_TEST_DIR}/a.img"'
HVCTL_TEST_DIR=$tmp hv validate vm1
expect_fail '[1-9]*' " /a.img" env HVCTL_TEST_DIR= \
    "$HVCTL" -c "$tmp/hvctl.conf" validate vm1

# No variable: between single quotes, escaped, in a comment.
mkdir "$tmp/vm.d/\${HVCTL_TEST_DIR}" "$tmp/vm.d/~"
cp "$tmp/a.img" "$tmp/vm.d/\${HVCTL_TEST_DIR}/"
cp "$tmp/a.img" "$tmp/vm.d/~/"
with_image "'\${HVCTL_TEST_DIR}/a.img'"
echo '# "${HVCTL_TEST_DIR}"' >> "$tmp/vm.d/vm1.conf"
hv validate vm1
with_image '"\${HVCTL_TEST_DIR}/a.img"'
hv validate vm1
with_image '"./~/a.img"'
hv validate vm1

# What hvctl itself writes is taken literally.
expect_fail 7 "'~' is not expanded" \
    hv create vm2 --hypervisor null --disk 'a:image=~/a.img,format=raw'

# The host's own, and a plugin's, list and single.
for line in 'run_dir = "~/run"' 'plugin_dir = { "/usr", "~/plugins" }' \
    'vm_dir = "${env.HVCTL_TEST_DIR}/vm.d"'; do
    sed "s,^${line%% *} = .*,," "$tmp/hvctl.conf" > "$tmp/other.conf"
    echo "$line" >> "$tmp/other.conf"
    expect_fail 7 "other.conf:[0-9]*: .*\(not expanded\|is not set\)" \
        "$HVCTL" -c "$tmp/other.conf" validate
done

cat >> "$tmp/hvctl.conf" <<END
pool here { type = raw path = "volumes/raw" }
END
mkdir "$tmp/volumes"
for place in / "$tmp/volumes"; do
    cd "$place"
    hv volume create "here/in$(echo "$place" | tr / _)" 1M
done
[ "$(ls "$tmp/volumes/raw" | wc -l)" = 2 ] || fail "not beside the file"
