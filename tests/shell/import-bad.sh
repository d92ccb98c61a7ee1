#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files that cannot be imported are refused with file and line, whatever is in
# them, and nothing is written.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin qemu storage-raw
requires qemu-system-x86_64
make_host
has ()
{
    grep -q "^#define HAVE_$1 1" "$abs_top_builddir/config.h"
}

# bad TOOL CODE PATTERN: standard input is the file.
bad ()
{
    cat > "$tmp/in"
    expect_fail "$2" "$3" hv import --from "$1" "$tmp/in"
    [ "$(ls -A "$tmp/vm.d")" = "" ] || fail "$3: something is written"
    [ ! -e "$tmp/conf.d" ] || fail "$3: something is written"
    # Notes about what was not read yet would be untrue, and hide it.
    ! grep -E 'carried over|is changed' "$tmp/err" || fail "$3: notes"
    grep -q 'AddressSanitizer' "$tmp/err" && fail "$3" || :
}
repeat ()
{
    awk -v n="$1" -v text="$2" 'BEGIN { while (n--) printf "%s", text }'
}

# The command itself.
expect_fail 2 "from is missing" hv import x
expect_fail 2 "did you mean 'libvirt'" hv import --from libvrt x
expect_fail 2 "" hv import --from libvirt
expect_fail 3 "cannot read.*nowhere" hv import --from machina "$tmp/nowhere"
expect_fail 7 "is not a file" hv import --from machina "$tmp"
truncate -s 2M "$tmp/large"
expect_fail 7 "at most 1 MiB" hv import --from machina "$tmp/large"

# Bytes.
: | bad machina 7 "file is empty"
printf '{\n\377' | bad machina 7 "in:2: this is not text in UTF-8 (byte 0xff)"
printf 'a\0b' | bad 5gdeploy 7 "in:1: this is not text"
head -c 4096 /dev/zero | bad 5gdeploy 7 "this is not text"

# An escape sequence gives no control character, whatever the syntax: bytes 1
# and 2 are variables of hvctl's, and ${env.NAME} is nobody's business.
printf '{ "name": "a",\n "description": "\\u0001env.HOME\\u0002" }' \
    | bad machina 7 "in:2: a value contains a control character.*0x01"
printf '{ "a\\u0001": "b" }' | bad machina 7 "in:1: a key contains a control"
printf '{ "a\\nb": "b" }' | bad machina 7 "in:1: a key contains a control"
printf '{ "a\\u0000b": "b" }' | bad machina 7 "in:1: .*NUL"
printf '{ "a": "b\\u0000" }' | bad machina 7 "in:1: .*control.*0x00"
printf '{ "a": "\\u009b" }' | bad machina 7 "in:1: .*control"
if has YAML; then
    printf 'a: "\\x01env.HOME\\x02"\n' | bad balena 7 "in:1: .*control.*0x01"
    printf '"\\x02": a\n' | bad balena 7 "in:1: a key contains a control"
    printf '"a\\0b": a\n' | bad balena 7 "in:1: .*a key is no text"
fi
if has TOML; then
    printf 'a = "\\u0001env.HOME\\u0002"\n' | bad virshle 7 "in:1: .*control"
    printf '"\\u0002" = 1\n' | bad virshle 7 "in:1: a key contains a control"
fi
if has XML; then
    printf '<domain><a>&#1;</a></domain>' | bad libvirt 7 "in:1: this is not XML"
    printf '<domain><a>&#x9b;</a></domain>' | bad libvirt 7 "in:1: .*control"
fi
printf '{ "storage": { "s": { "path": "/${env.HOME}", "type": "raw" } },
"tag": { "t": { "vars": { "env.HOME": "x" },
"volumes": [ { "name": "os", "storage": "s" } ] } } }' > "$tmp/in"
hv import --from machina --print "$tmp/in" > "$tmp/out" 2> "$tmp/err"
! grep -F '${env' "$tmp/out" || fail "a file reads the environment"
grep -q 'in:2: vars.env.HOME is not carried over' "$tmp/err"

# machina.
echo '{ "name": "a",' | bad machina 7 "in:2: this is not JSON: a key is missing"
printf '{\n "a": 1, "a": 2 }' | bad machina 7 'in:2: .*"a" is repeated'
echo '{} {}' | bad machina 7 "after its end"
echo '[]' | bad machina 7 "not an object"
echo '{ "name": "a", "x": "\q" }' | bad machina 7 "escape"
echo '{ "name": "a", "x": 1x }' | bad machina 7 "not JSON"
repeat 100000 '[' | bad machina 7 "nested too deeply"
{ echo '['; repeat 30000 '1,'; echo '1]'; } | bad machina 7 "too many values"
echo '{ "name": "a", "tags": [ "gone" ] }' | bad machina 7 "no tag 'gone'"
echo '{ "name": "a" }' | bad machina 7 "memory"
printf '{ "name": "a",\n "volumes": [ { "name": "os", "storage": "x" } ] }' \
    | bad machina 7 "in:2: there is no storage 'x': give the host's"
echo '{ "name": "a", "attrs": { "memory": { "ram": "1x" } } }' \
    | bad machina 7 "memory"
echo '{ "name": "a", "id": "12", "attrs": { "memory": { "ram": 64 } } }' \
    | bad machina 7 "uuid"

# 5gdeploy: the errors of its own, and what it takes and must not.
vm ()
{
    printf "%s\n" --ctrlif=eth0 "--vm=$1" ${2+"--vm=$2"} \
        | bad 5gdeploy 7 "$why"
}
why="in:2: .*no set of CPUs\|in:2: .*a set of CPUs must follow"
vm "a | h | vmctrl@eth0"
why="in:2: .*no network vmctrl"; vm "a | h(1) | n6@eth0"
why="in:2: .*three parts"; vm "a | h(1)"
vm "a | h(1) | vmctrl@eth0 | x"
why="in:2: .*(3-1) is no set of CPUs"; vm "a | h(3-1) | vmctrl@eth0"
why="in:2: .*A_B!.*may contain only"; vm "A_B! | h(1) | vmctrl@eth0"
why='in:2: .*"vmctrl@": after'; vm "a | h(1) | vmctrl@"
why="in:2: .*75:97\": after"; vm "a | h(1) | vmctrl@a4:bf:01:75:97"
why="in:2: .*bad if;rm\": after"; vm "a | h(1) | vmctrl@bad if;rm"
why="in:3: there is already a VM a"
vm "a | h(1) | vmctrl@eth0" "a | h(2) | vmctrl@eth0"
why="in:3: .*CPU 2 of host 'h' is also given to a"
vm "a | h(1-2) | vmctrl@eth0" "b | h(2-3) | vmctrl@eth0"
why="in:3: .*0000:1a:00.1.*used twice"
vm "a | h(1) | vmctrl@eth0,n6@VF+pci=0000:1a:00.1" \
    "b | h(2) | vmctrl@eth0,n6@eth1+pci=0000:1a:00.1"
echo '--ctrlif=eth0' | bad 5gdeploy 7 "there is no --vm"
echo '--nonsense=1' | bad 5gdeploy 7 "in:1: .*no option '--nonsense=1'"
echo '--ip-space=10.0.0.0/24' | bad 5gdeploy 7 "in:1: .*/20 or larger"
echo '--vm="$(id)"' | bad 5gdeploy 7 "in:1: a shell would replace"
echo "--vm='a" | bad 5gdeploy 7 "in:1: a quotation has no end"
nets=$(i=1; while [ $i -le 15 ]; do printf ",n%d@eth0" $i; i=$((i + 1)); done)
why="in:2: there are more than 16 networks"
vm "a | h(1) | vmctrl@eth0$nets"

if has YAML; then
    echo 'a: [1, 2' | bad balena 7 "in:[12]: this is not YAML"
    printf 'a: 1\na: 2\n' | bad balena 7 "in:2: .*repeated"
    echo 'a: *b' | bad balena 7 "in:1: .*no anchor"
    echo 'x: &x [*x]' | bad balena 7 "no anchor"
    repeat 5000 '[' | bad balena 7 "nested too deeply\|not YAML"
    {
        echo 'a: &a [x,x,x,x,x,x,x,x,x,x]'
        p=a
        for i in b c d e f g h i j; do
            echo "$i: &$i [*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p,*$p]"
            p=$i
        done
    } | bad balena 7 "too many values"
    echo 'x: 1' | bad balena 7 "no file of balenaVirt"
    printf 'templates: {}\nguests:\n - template: x\n   count: 1\n' \
        | bad balena 7 "in:3: there is no template 'x'"
    printf 'templates: {x: {m: 64}}\nguests: [{template: x, count: -1}]\n' \
        | bad balena 7 "in:2: count: -1"
    # The problems of what would be written are those of the file.
    printf 'templates:\n  x: { m: 64,\n smp: "y,cores=4", rtc: 1 }\n' > "$tmp/y"
    printf 'guests: [ { template: x, count: %d } ]\n' 3 >> "$tmp/y"
    bad balena 7 "in:3: new definition of x-0: cpus" < "$tmp/y"
    [ "$(grep -c "^hvctl: " "$tmp/err")" = 1 ] || fail "each VM is named"
    sed 's/"y,cores=4"/1, net: {user: , hostfwd: "tcp::2222-:22"}/' "$tmp/y" \
        | bad balena 7 "in:3: new definition of x-1: port 2222.*at .*in:3"
    printf 'templates: {x: {m: lots}}\nguests: [{template: x, count: 1}]' \
        | bad balena 7 "in:1: m: 'lots' is no size"
    printf 'templates: {x: {drive: {file: a}}}\nguests: [{template: x, count: 1}]' \
        | bad balena 7 "in:1: .*never guessed"
fi
if has TOML; then
    echo 'a = ' | bad virshle 7 "in:1: this is not TOML"
    printf 'a = 1\na = 2\n' | bad virshle 7 "in:2: "
    { printf 'a = '; repeat 1000 '['; } | bad virshle 7 "not TOML\|deeply"
    echo 'a = 1' | bad virshle 7 "no configuration of virshle"
    home='[[template.vm]]\nname = "a"\nvram = 1\n[[template.vm.disk]]\nname = "d"\n'
    printf "$home"'path = "~other/x"\n' \
        | bad virshle 7 "in:6: the home directory in ~other/x is not known"
    printf "$home"'path = "~/x"\n' | HOME='' bad virshle 7 "in:6: .*without '~'"
    printf '[[template.vm]]\nname = "a"\nvram = "lots"\n' \
        | bad virshle 7 "vram is missing, or no size"
fi
if has XML; then
    echo '<domain>' | bad libvirt 7 "in:[12]: this is not XML"
    echo '<x/>' | bad libvirt 7 "in:1: this is no domain.*<x>"
    echo '<domain type="kvm"/>' | bad libvirt 7 "in:1: the domain has no <name>"
    echo '<domain type="xen"><name>a</name></domain>' \
        | bad libvirt 7 "type 'xen'"
    cat << 'END' | bad libvirt 7 "DOCTYPE\|not XML\|entity"
<!DOCTYPE domain [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY f SYSTEM "file:///etc/passwd">]>
<domain type="kvm"><name>&b;&f;</name></domain>
END
    repeat 1000 '<a>' | bad libvirt 7 "not XML\|deeply"
    domain ()
    {
        printf '<domain type="qemu"><name>%s</name><memory>65536</memory>\n' "$1"
        printf '<os><type>hvm</type></os>\n<devices>%s</devices></domain>\n' "$2"
    }
    domain a '<disk type="file" device="disk"><source file="/x"/>
<target dev="vda"/></disk>' | bad libvirt 7 "in:3: disk vda has no <driver"
    domain a '<sound model="ich9"/>' | sed 's/"qemu"/"test"/' \
        | bad libvirt 7 "in:1: a domain of type 'test'"
    domain a '' | sed 's/65536/x/' | bad libvirt 7 "in:1: memory is not a number"
    domain a '' | sed 's/<memory>/<memory unit="PB">/' \
        | bad libvirt 7 "in:1: memory is not a number"

    # Problems of what would be written have the line of their device.
    domain a '<disk type="file" device="disk">
<driver name="qemu" type="raw"/><source file="/nowhere"/><target dev="vda"/></disk>' \
        | bad libvirt 7 "a: .*in:3: disk vda: image = /nowhere does not exist"
    domain a '' | sed 's,</memory>,&<vcpu>x</vcpu>,' \
        | bad libvirt 7 "in:1: new definition of a: cpus"
    domain a '<interface type="user">
<mac address="x"/></interface>' | bad libvirt 7 "in:3: new definition of a: .*mac"

    # A name that hvctl does not take becomes one that it takes.
    domain 'my guest' '' > "$tmp/in"
    hv import --from libvirt --dry-run "$tmp/in" > "$tmp/out" 2> "$tmp/err"
    grep -q 'in:1: VM is changed: it is named my-guest: VM name' "$tmp/err"
    grep -q 'vm.d/my-guest.conf would be written' "$tmp/out"
    [ "$(ls -A "$tmp/vm.d")" = "" ] || fail "--dry-run writes"
    hv import --from libvirt --name other --print "$tmp/in" > "$tmp/out" \
        2> "$tmp/err"
    grep -q '^# other, imported' "$tmp/out"
    [ "$(ls -A "$tmp/vm.d")" = "" ] || fail "--print writes"
    expect_fail 2 "may contain only" hv import --from libvirt --name 'a b' \
        "$tmp/in"

    # One that exists, or comes twice.
    hv import --from libvirt "$tmp/in" > "$tmp/out" 2> "$tmp/err"
    cp "$tmp/vm.d/my-guest.conf" "$tmp/before"
    expect_fail 1 "VM my-guest already exists" hv import --from libvirt "$tmp/in"
    cmp "$tmp/before" "$tmp/vm.d/my-guest.conf"
    domain b '' > "$tmp/b"
    expect_fail 1 "VM my-guest already exists" hv import --from libvirt \
        "$tmp/b" "$tmp/in"
    [ ! -e "$tmp/vm.d/b.conf" ] || fail "half of it is imported"
    expect_fail 7 "b:1: there is already a VM b, in .*b:1" hv import \
        --from libvirt "$tmp/b" "$tmp/b"
    expect_fail 2 "there are 2 in it" hv import --name c --from libvirt \
        "$tmp/b" "$tmp/in"
    # JSON has the same.
    hv -o json import --from libvirt --dry-run "$tmp/b" > "$tmp/out" 2> "$tmp/err"
    grep -q '"written":false\|"written": false' "$tmp/out"
    grep -q '"not_carried_over"' "$tmp/out"
fi
