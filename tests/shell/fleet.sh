#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file with 'count' defines a fleet: its VMs have values of their own, a file
# beside it overrides them for one, and a command for one reads these two files.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
mkdir "$tmp/conf.d"
cat > "$tmp/conf.d/t.conf" <<END
template small {
    memory = 16M
    hypervisor = null
    cpus = 1
}
END
define edge <<END
# All of them.
templates = { small }
count = 3
uuid = 0D1F3D4C-0000-4000-8000-0000000000AA
vars { port = "\${5900 + index}" }
disk root {
    pool = null
    size = 1M
}
nic lan { network = null }
append = "\${name} \${index} \${port}"
kernel = "$abs_top_srcdir/README.md"
END

hv list --names > "$tmp/out"
printf 'edge-0\nedge-1\nedge-2\n' | diff - "$tmp/out" || fail "not its VMs"
hv create-disks edge
expect '^3 definitions, no problems' hv validate edge

# Each has its own name, disks, addresses and UUID, for ever.
for n in 0 1 2; do
    hv show --effective edge-$n > "$tmp/edge-$n"
    grep -q "^append = \"edge-$n $n 590$n\"" "$tmp/edge-$n" || fail "$n: its variables"
    ! grep -q 'count\|first\|templates' "$tmp/edge-$n" || fail "$n: they are there"
    hv -o json plan edge-$n > "$tmp/plan-$n"
    grep -q "edge-$n-root" "$tmp/plan-$n" || fail "$n: its disk"
    grep -o '"mac":"[^"]*"' "$tmp/plan-$n"
done > "$tmp/macs"
[ "$(sort -u "$tmp/macs" | wc -l)" = 3 ] || fail "MAC addresses: $(cat "$tmp/macs")"
cat > "$tmp/expected" <<END
uuid = 9a70f370-f10a-811d-9849-dd18c9da7312
END
grep '^uuid' "$tmp/edge-1" | diff "$tmp/expected" - || fail "another UUID"
expect '    from 0D1F3D4C' hv show --origin edge-1

# A file of one overrides, by key and by section; and only there.
cat > "$tmp/vm.d/edge-1.conf" <<END
cpus = 2
disk root { boot = 1 }
disk data { pool = null size = 2M }
END
hv show --origin edge-1 > "$tmp/out"
cat > "$tmp/expected" <<END
cpus = 2  DIR/vm.d/edge-1.conf:1
    overrides 1  DIR/conf.d/t.conf:4 (template small)
disk.root.boot = 1  DIR/vm.d/edge-1.conf:2
disk.root.size = 1M  DIR/vm.d/edge.conf:8 (fleet edge)
memory = 16M  DIR/conf.d/t.conf:2 (template small)
END
sed "s,$tmp/,DIR/," "$tmp/out" \
    | sed -n '/^cpus/{p;n;p};/^memory/p;/root.size/p;/root.boot/p' \
    | sort -s -k 1,1.4 > "$tmp/some"
sort -s -k 1,1.4 "$tmp/expected" | diff - "$tmp/some" || fail "not these origins"
expect '"fleet":"edge"' hv -o json show --origin edge-1
for n in 0 2; do
    hv show --effective edge-$n | diff "$tmp/edge-$n" - || fail "$n has changed"
done
hv show edge-1 | diff "$tmp/vm.d/edge-1.conf" - || fail "show: not its own file"
hv show edge | diff "$tmp/vm.d/edge.conf" - || fail "show: not the fleet's file"
hv show edge-2 > "$tmp/out" 2> "$tmp/err"
grep -q 'edge-2 has no file of its own' "$tmp/err" || fail "show: not said"
[ "$(hv -o json show edge | grep -c "\"edge-[012]\"")" = 3 ] || fail "no members"
expect_fail 3 "edge is a fleet, not a VM: name one of edge-0 … edge-2" \
    hv show --effective edge

# 'templates' of the file wins like other keys.
echo 'templates = { small }' >> "$tmp/vm.d/edge-1.conf"
expect '^templates = { small } .*edge-1.conf:4$' hv show --origin edge-1
rm "$tmp/vm.d/edge-1.conf"

# A command for one reads its file and that of the fleet.
if command -v strace > "$tmp/out"; then
    echo "memory = 1" | tee "$tmp/vm.d/edge-0.conf" > "$tmp/vm.d/other.conf"
    strace -f -o "$tmp/trace" "$abs_top_builddir/cli/hvctl" -c "$tmp/hvctl.conf" \
        show --effective edge-2 > "$tmp/out" || :
    grep -q 'vm.d/edge.conf' "$tmp/trace" || fail "strace saw nothing"
    ! grep 'vm.d/edge-[01].conf\|vm.d/other.conf' "$tmp/trace" \
        || fail "it reads other definitions"
    rm "$tmp/vm.d/edge-0.conf" "$tmp/vm.d/other.conf"
fi

# Names: a fleet's stands for all of its VMs, where several are taken.
hv start edge
[ "$(hv list --running --names edge | wc -l)" = 3 ] || fail "not all have started"
expect "edge-0  *running" hv list edge
expect "edge-1 is running" hv status edge
for command in run console logs "resize --cpus 2" "attach-disk a:1M" \
    "snapshot list" "sandbox show" counters explain; do
    # shellcheck disable=SC2086
    case $command in
        attach-disk*) set -- attach-disk edge a:1M,pool=null ;;
        resize*) set -- resize edge --cpus 2 ;;
        *) set -- $command edge ;;
    esac
    expect_fail 3 "edge is a fleet, not a VM: name one of edge-0 … edge-2" hv "$@"
done
expect_fail 4 "cannot create snapshots" hv snapshot create edge s1
grep -q "^hvctl: the same applies to edge-[0-2], edge-[0-2]$" "$tmp/err" \
    || fail "not of all VMs: $(cat "$tmp/err")"

# Fewer: what runs can be seen, and stopped.
sed -i 's/^count = 3/count = 2/' "$tmp/vm.d/edge.conf"
expect "edge-2  *running" hv list
expect "edge-2 is running" hv status edge-2
expect_fail 3 "there is no VM 'edge-2': fleet edge has edge-0 … edge-1 (count in .*edge.conf:3)" \
    hv restart edge-2
expect_fail 3 "there is no VM 'edge-2': fleet edge has" hv show edge-2
hv stop edge edge-2
assert_nothing_left
sed -i 's/^count = 2/count = 3\nfirst = 7/' "$tmp/vm.d/edge.conf"
hv list --names > "$tmp/out"
printf 'edge-7\nedge-8\nedge-9\n' | diff - "$tmp/out" || fail "not from 7 on"
