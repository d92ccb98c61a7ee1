#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A definition with templates and variables is planned like one that is written
# out; one definition suits two hosts; create writes such definitions.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
mkdir "$tmp/conf.d"
for disk in root data; do truncate -s 1M "$tmp/disks/web-2-$disk.null"; done
cat > "$tmp/conf.d/10-base.conf" <<END
template base {
    memory = 16M
    hypervisor = null
    disk root { pool = null size = 1M boot = 1 }
}
END
cat > "$tmp/conf.d/20-web.conf" <<END
template web {
    templates = { base }
    cpus = 2
    kernel = "$abs_top_srcdir/README.md"
    append = "console=\${port} \${name} \${mac.lan}"
    nic lan { network = null }
    plugin null { mode = deaf }
}
vars { port = "\${5900 + index}" }
END
define web-2 <<END
templates = { web }
memory = 32M
disk data { pool = null size = 1M }
END
hv plan web-2 > "$tmp/plan.1"
hv show --effective web-2 > "$tmp/effective"
grep -q 'console=5902 web-2 52:54:00' "$tmp/effective" || fail "no variables"
! grep -q 'templates\|vars' "$tmp/effective" || fail "they are still there"
cp "$tmp/effective" "$tmp/vm.d/web-2.conf"
hv plan web-2 > "$tmp/plan.2"
diff -u "$tmp/plan.1" "$tmp/plan.2" || fail "another plan when written out"
hv show --effective web-2 | diff -u "$tmp/effective" - \
    || fail "written out twice, it is another one"

# A command about one VM reads its file and the host's, and no other VM's.
define web-2 <<END
templates = { web }
disk data { pool = null size = 1M }
END
expect "used by web-2\|^web-2" hv list web-2
if command -v strace > "$tmp/out"; then
    define other < "$tmp/vm.d/web-2.conf"
    strace -f -e trace=openat -o "$tmp/trace" "$abs_top_builddir/cli/hvctl" \
        -c "$tmp/hvctl.conf" show --effective web-2 > "$tmp/out" || :
    grep -q 'vm.d/web-2.conf' "$tmp/trace" || fail "strace saw nothing"
    ! grep 'vm.d/other.conf' "$tmp/trace" || fail "it reads other definitions"
    rm "$tmp/vm.d/other.conf"
fi

# Another host with the same vm.d.
mkdir "$tmp/host2" "$tmp/host2/conf.d"
sed 's,^\(run_dir\|state_dir\|log_dir\) = .*,\1 = "'"$tmp"'/host2/\1",' \
    "$tmp/hvctl.conf" > "$tmp/host2/hvctl.conf"
echo "vm_dir = \"$tmp/vm.d\"" | cat - "$tmp/host2/hvctl.conf" > "$tmp/out"
cp "$tmp/out" "$tmp/host2/hvctl.conf"
cat > "$tmp/host2/conf.d/web.conf" <<END
template web {
    memory = 64M
    hypervisor = null
    disk root { pool = null size = 1M }
    nic lan { network = null mac = "52:54:00:00:00:\${index:02}" }
}
END
host2 () { "$HVCTL" -c "$tmp/host2/hvctl.conf" "$@"; }
host2 plan web-2 > "$tmp/plan.3"
grep -q '"memory":67108864' "$tmp/plan.3" || fail "not the other host's memory"
grep -q '"mac":"52:54:00:00:00:02"' "$tmp/plan.3" || fail "not its MAC address"
expect '"memory":16777216' hv plan web-2

# Mistakes have the place where they are.
define bad <<END
templates = { wen }
END
expect_fail 7 "bad.conf:1: there is no template 'wen': did you mean 'web'" \
    hv validate bad
rm "$tmp/vm.d/bad.conf"
echo 'template loop { templates = { loop } }' > "$tmp/conf.d/loop.conf"
expect_fail 7 "loop.conf:1: template loop uses itself: loop -> loop" hv validate
expect "valid\|web-2" hv list
echo 'template base { }' > "$tmp/conf.d/loop.conf"
expect_fail 7 "loop.conf:1: there is already a template 'base', in .*10-base" \
    hv validate
rm "$tmp/conf.d/loop.conf"
expect_fail 2 "exclude each other" hv show --origin --effective web-2
hv show --origin -o json web-2 > "$tmp/out"
grep -q '"file":".*/conf.d/10-base.conf"' "$tmp/out" || fail "no file in it"

# ---------------------------------------------------------------- create
hv create web-5 --template web --set memory=48M --set nic.lan.mtu=1400 \
    --set vars.port=1 --set 'append=x ${port} $${y}' --disk data:1M,pool=null
grep -q '^templates = { web }$' "$tmp/vm.d/web-5.conf" || fail "no template"
grep -q '^memory = 48M$' "$tmp/vm.d/web-5.conf" || fail "no memory"
! grep -q '^cpus' "$tmp/vm.d/web-5.conf" || fail "cpus are the template's"
expect '^append = "x 1 .${y}"' hv show --effective web-5
expect '^    mtu = 1400' hv show --effective web-5
expect '^nic.lan.network = null .*20-web.conf:6 (template web)' \
    hv show --origin web-5
[ -e "$tmp/disks/web-5-root.null" ] || fail "the template's disk is not made"
hv create web-6 -t web -t base --set 'templates={x}' 2> "$tmp/err" \
    && fail "templates twice"
hv create web-6 --set 'templates = {web}' --memory 16M 2> "$tmp/err" \
    && fail "a blank in a key"
hv create web-6 --set 'templates={ web, base }' --memory 16M
grep -q '^templates = { web, base }$' "$tmp/vm.d/web-6.conf" || fail "no list"
for bad in 'memry=1G' 'disk.root=1' 'disk.root.sise=1G' 'foo.bar.baz=1' \
    'memory' '=1' 'nic.a,b.mtu=1' 'memory=lots' 'cpus=${nope}'; do
    expect_fail '[27]' "" hv create web-7 -t web --set "$bad"
done
expect_fail 2 "'memory' is given twice" hv create web-7 -t web -m 16M \
    --set memory=1G
expect_fail 7 "there is no template 'wob'" hv create web-7 -t wob
echo 'template loner { cpus = 1 }' > "$tmp/conf.d/loner.conf"
expect_fail 7 "'memory' is missing" hv create web-7 -t loner
[ ! -e "$tmp/vm.d/web-7.conf" ] || fail "a definition was made"
assert_nothing_left
