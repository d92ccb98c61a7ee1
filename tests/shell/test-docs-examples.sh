#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the manuals show works: configurations are read without complaint, and
# the plugin and the test of hvctl-plugin(3) compile, load and pass.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host < /dev/null
requires_plugin storage-raw net-bridge net-macvtap
doc=$abs_top_srcdir/doc

# marked FILE NAME: the example after "=for hvctl-test NAME".
marked ()
{
    awk -v mark="=for hvctl-test $2" '
        $0 == mark { on = 1; next }
        /^[^ \t]/ { on = 0 }
        on { sub(/^ /, ""); print }' "$doc/$1"
}

# commented NAME: the one of hvctl.conf(5) that begins "# DIRECTORY/NAME".
commented ()
{
    awk -v name="/$1" '
        /^ # [^ ]*\// {
            path = $2
            sub(/:$/, "", path)
            at = length(path) - length(name)
            on = at >= 0 && substr("/" path, at + 2) == name
        }
        /^[^ \t]/ { on = 0 }
        on { sub(/^ /, ""); print }' "$doc/hvctl.conf.pod"
}

# ---------------------------------------------------------- hvctl.conf(5)
cp "$tmp/hvctl.conf" "$tmp/plain.conf"
commented hvctl.conf > "$tmp/example.conf"
grep -q 'network dmz' "$tmp/example.conf" || fail "no hvctl.conf was found"
# The places are the test's.
{ grep -v '^plugin_dir' "$tmp/example.conf"; cat "$tmp/plain.conf"; } \
    > "$tmp/hvctl.conf"
for name in vm1 web test desk; do
    commented "$name.conf" > "$tmp/vm.d/$name.conf"
    grep -q memory "$tmp/vm.d/$name.conf" || fail "no $name.conf was found"
    hv show -o json "$name" > "$tmp/out" || fail "$name.conf is not valid"
    # Whatever this host lacks: the keys are right.
    status=0
    hv explain "$name" > "$tmp/out" 2>&1 || status=$?
    [ $status -ne 7 ] || { cat "$tmp/out"; fail "$name.conf: wrong keys"; }
done
# Templates and variables, with the values that the text gives them.
mkdir "$tmp/conf.d"
commented 10-sizes.conf > "$tmp/conf.d/10-sizes.conf"
for name in web-1 edge-3; do
    commented "$name.conf" > "$tmp/vm.d/$name.conf"
done
hv show --effective web-1 > "$tmp/out"
for line in 'cpus = 2' 'memory = 2G' '    size = 20G' '    size = 5G' \
    '    forward = "tcp:127.0.0.1:8001:80"'; do
    grep -qFx "$line" "$tmp/out" || fail "web-1 has no '$line'"
done
[ "$(sed -n 's/^\(disk\|nic\) \(.*\) {/\2/p' "$tmp/out" | tr '\n' ' ')" \
    = "root logs lan " ] || fail "another order of sections"
sed -n 's/^ \(.*${.*}[^ ]*\)   *\([^ ]*\)$/\1 \2/p' "$doc/hvctl.conf.pod" \
    > "$tmp/values"
[ "$(wc -l < "$tmp/values")" -ge 11 ] || fail "where are the examples?"
while read -r line; do
    value=${line##* } expression=$(echo "${line% *}" | sed 's/ *$//')
    # Everything else of the definition stays.
    commented edge-3.conf \
        | sed "s|^append = .*|append = \"$expression\"|" > "$tmp/vm.d/edge-3.conf"
    hv show -o json edge-3 > "$tmp/out" || fail "$line"
    grep -qF "\"append\":\"$value\"" "$tmp/out" || {
        cat "$tmp/out"
        fail "$expression is not $value"
    }
done < "$tmp/values"
rm -r "$tmp/conf.d"
cp "$tmp/plain.conf" "$tmp/hvctl.conf"

# ------------------------------------------------------- the plugins' own
for pod in "$abs_top_srcdir"/plugins/*/*.pod; do
    sed -n '/^=head1 SYNOPSIS/,/^=head1 DESCRIPTION/s/^ //p' "$pod" \
        > "$tmp/synopsis"
    awk -v dir="$tmp" '
        /^# (hvctl.conf|vm.d)/ { file = /^# vm/ ? "vm" : "host" }
        file { print > (dir "/synopsis." file) }' "$tmp/synopsis"
    touch "$tmp/synopsis.vm" "$tmp/synopsis.host"
    [ -s "$tmp/synopsis.vm" ] || [ -s "$tmp/synopsis.host" ] \
        || fail "$pod: no example"
    cat "$tmp/plain.conf" "$tmp/synopsis.host" > "$tmp/hvctl.conf"
    {
        # What is left out in a synopsis.
        grep -q '^memory' "$tmp/synopsis.vm" || echo 'memory = 1G'
        cat "$tmp/synopsis.vm"
        [ -s "$tmp/synopsis.vm" ] \
            || sed -n 's/^network \([a-z]*\) .*/nic n { network = \1 }/p' \
                "$tmp/synopsis.host"
    } > "$tmp/vm.d/synopsis.conf"
    status=0
    hv explain synopsis > "$tmp/out" 2>&1 || status=$?
    # The program that an example names is not on this host.
    ! grep -q "does not exist: remove or correct 'program" "$tmp/out" \
        || status=0
    [ $status -ne 7 ] || { cat "$tmp/out"; fail "$pod: wrong keys"; }
    rm -f "$tmp"/synopsis.*
done
cp "$tmp/plain.conf" "$tmp/hvctl.conf"
rm -f "$tmp"/vm.d/*

# -------------------------------------------------------- hvctl-plugin(3)
mkdir "$tmp/kit" "$tmp/kit/tests" "$tmp/kit/common" "$tmp/kit/hvctl"
cp "$abs_top_srcdir"/tests/kit/fake-host.[ch] "$tmp/kit/tests/"
cp "$abs_top_srcdir/common/cleanup.h" "$tmp/kit/common/"
cp "$abs_top_srcdir/include/hvctl/plugin.h" "$tmp/kit/hvctl/"
cd "$tmp"
for file in storage-lvm.c test-storage-lvm.c; do
    marked hvctl-plugin.pod "$file" > "$file"
    [ -s "$file" ] || fail "there is no $file in hvctl-plugin(3)"
done
flags="-Wall -Wextra -Wno-unused-parameter -Werror -Ikit"
$CC $flags -shared -fPIC -fvisibility=hidden -Wl,-z,defs -Wl,-z,now \
    -o plugins/storage_lvm.so storage-lvm.c
expect '^status=ok' hv plugin show storage-lvm
expect '^storage.key.group=text, required' hv plugin show storage-lvm
marked hvctl-plugin.pod build.sh > build.sh
mkdir bin
cat > bin/pkg-config <<END
#!/bin/sh
case \$1 in
    --cflags) echo "$flags" ;;
    --variable=plugintestdir) echo kit ;;
esac
END
printf '#!/bin/sh\nexec %s "$@"\n' "$CC" > bin/cc
chmod +x bin/*
PATH=$tmp/bin:$PATH sh -e ./build.sh > out \
    || fail "the test of hvctl-plugin(3) fails"
grep -q 'cannot open /dev/no-such-group/vm1-root: No such file' out

# It serves a disk: here a file, where LVM would have a device.
group=$(mktemp -d /dev/shm/hvctl-docs.XXXXXX)
cleanup_fn "rm -rf '$group'"
truncate -s 1M "$group/vm1-root"
printf 'pool lvm {\n type = lvm\n group = "%s"\n}\n' "${group#/dev/}" \
    >> "$tmp/hvctl.conf"
printf 'memory = 64M\ndisk root { pool = lvm }\n' | define vm1
expect "^disk root (wants pool lvm of type lvm): storage-lvm" hv explain vm1
