#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A value is what is written, wherever it is written; what cannot be meant is
# refused, and the message says what can.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
mkdir "$tmp/conf.d"
cat > "$tmp/conf.d/t.conf" <<'END'
template web { append = web kernel = "/etc/passwd" nic l { forward = { "tcp:127.0.0.1:${18010 + index}:1", "tcp:127.0.0.1:${18020 + index}:2" } } }
template t2 { templates = { web } }
END

# refused MESSAGE: the definition on standard input.
refused ()
{
    define x
    expect_fail 7 "$1" hv show --effective x
    rm "$tmp/vm.d/x.conf"
}

# An empty list is a value.
define f <<'END'
count = 2
templates = { web }
memory = 16M
hypervisor = null
END
echo 'templates = {}' > "$tmp/vm.d/f-1.conf"
expect '^append = web' hv show --effective f-0
! hv show --effective f-1 | grep append || fail "f-1 has the template"
printf 'nic l { forward = { } }\n' > "$tmp/vm.d/f-1.conf"
expect 'forward = { }' hv show --effective f-1
hv show --effective f-1 > "$tmp/vm.d/again.conf"
hv show --effective again | diff - "$tmp/vm.d/again.conf"
hv validate f-1
expect_fail 7 "an entry of the list 'templates' is empty" sh -c \
    "echo 'templates = { \"\" }' > '$tmp/vm.d/f-1.conf'; '$HVCTL' -c '$tmp/hvctl.conf' show --effective f-1"
rm "$tmp"/vm.d/f*.conf "$tmp/vm.d/again.conf"

# Lists where a list is accepted, and nowhere else.
define x <<'END'
memory = 16M
hypervisor = null
nic l { forward = { "tcp:127.0.0.1:18003:1", "udp:127.0.0.1:18004:2" } }
END
expect 'forward = "tcp:127.0.0.1:18003:1,udp:127.0.0.1:18004:2"' hv show --effective x
hv validate x
refused "x.conf:1: 'memory' is not a list, so it takes one value, without '{' and '}'" <<'END'
memory = { 16M }
END
refused "x.conf:1: 'forward' does not belong here: it is a key of a section 'nic'" <<'END'
forward = { a, b }
END
echo 'templates = { web }' > "$tmp/conf.d/u.conf"
expect_fail 7 "u.conf:1: 'templates' does not belong here: it is a key of a section 'template'" \
    hv validate
rm "$tmp/conf.d/u.conf"

# Control characters, however they are written.
for escape in '\x00' '\0' '\x01{name}' '\x02name' '\1{name}' '\x1b[1m' '\e' '\r' '\x7f' '\177'; do
    first=$(printf '%s' "$escape" | sed 's/{.*//; s/name//; s/\[.*//; s/\\/\\\\/g')
    refused "x.conf:2: '$first' is a control character" <<END
memory = 16M
description = "a$escape"
END
done
refused "x.conf:1: 'append' contains a control character" <<END
append = "$(printf 'a\033b')"
END
refused "an escape cannot be used here" <<'END'
disk "a\x62" { size = 1M }
END
MINE=$(printf '\033[1m')
export MINE
refused "the environment variable MINE contains a control character" <<'END'
append = "${env.MINE}"
END

# --disk, --nic, --append and others mean what --set means.
hv create v --count 2 --hypervisor null --kernel '/etc/${file}' --set vars.file=passwd \
    --append 'host=${name} not=$${name}' --memory 16M --disk 'r:4M,pool=null,volume="${name}-x"' \
    --disk 'i:image=${dir}/${name}.img,format=raw,readonly=yes' --set "vars.dir=$tmp" \
    --nic 'l:user,forward=tcp:127.0.0.1:${18030 + index}:22' 2> "$tmp/err" && fail "no image"
truncate -s 1M "$tmp/v-0.img" "$tmp/v-1.img"
hv create v --count 2 --hypervisor null --kernel '/etc/${file}' --set vars.file=passwd \
    --append 'host=${name} not=$${name}' --memory 16M --disk 'r:4M,pool=null,volume="${name}-x"' \
    --disk 'i:image=${dir}/${name}.img,format=raw,readonly=yes' --set "vars.dir=$tmp" \
    --nic 'l:user,forward=tcp:127.0.0.1:${18030 + index}:22'
hv show --effective v-1 > "$tmp/out"
for line in 'append = "host=v-1 not=\${name}"' 'kernel = "/etc/passwd"' '    volume = v-1-x' \
    "    image = \"$tmp/v-1.img\"" '    forward = "tcp:127.0.0.1:18031:22"'; do
    grep -qxF "$line" "$tmp/out" || fail "no $line: $(cat "$tmp/out")"
done
expect_fail 2 "" hv create w --memory 16M --disk 'r:4M,volume' # Not a variable.
expect_fail 7 'use ..index. or ..name. in it' hv create w --count 2 --hypervisor null --memory 16M \
    --disk r:4M,pool=null,volume=x
hv create w --count 2 --hypervisor null --memory 16M --disk 'r:4M,pool=null,volume=x${index}'
expect_fail 7 "'format' of the image is missing" hv create y --hypervisor null --memory 16M \
    --disk 'r:image=${dir}/${name}.img' --set "vars.dir=$tmp"
expect_fail 7 "no variable 'nome'" hv attach-nic v-0 'm:user,forward=tcp:127.0.0.1:${nome}:22'
uuid=11111111-2222-4333-8444-555555555555
hv create u --hypervisor null --memory 16M --set uuid=$uuid
[ "$(grep -c "^uuid = $uuid$" "$tmp/vm.d/u.conf")" = 1 ] || fail "not this UUID"

# Quotes in --set, and lists.
hv create q --hypervisor null --memory 16M --set 'labels.site="Berlin, 2nd"' --set 'labels.a="b \"c\""' \
    --set 'labels.d=e "f"' --set 'labels.g={h, i}' --set 'templates={"web" , t2}' --set 'nic.l.forward={}'
for line in 'labels.site = "Berlin, 2nd"' 'labels.a = "b \"c\""' 'labels.d = "e \"f\""' 'labels.g = "{h, i}"' \
    'templates = { web, t2 }' 'nic.l.forward = { }'; do
    hv show --origin q | grep -qF "$line  " || fail "no $line: $(hv show --origin q)"
done
expect_fail 2 "does not end with its second" hv create z --set 'labels.a="b" c'
expect_fail 2 "a '\"' is missing at the end" hv create z --set 'labels.a="b'
expect_fail 2 'an entry of the list is empty (an empty list is {})' hv create z --set templates=
refused "x.conf:1: template 'web' is named twice in 'templates'" <<'END'
templates = { web, t2, web }
END

# --origin prints what is written.
define o <<'END'
templates = { web, # the first
    'web-2' }
memory = ${ram}
hypervisor = null
append = "a=\${x} b=${ram}" description = 'c ${d}'
nic l { forward = { "tcp:127.0.0.1:18041:1", "tcp:127.0.0.1:${18042 + 1}:1" } }
vars { ram = 16M }
END
echo 'template web-2 { nic l { forward = { "tcp:127.0.0.1:1:1", "tcp:127.0.0.1:2:2" } } }' > "$tmp/conf.d/v.conf"
hv show --origin o > "$tmp/out"
for line in "^templates = { web, 'web-2' }  $tmp" '^    from "a=\\${x} b=${ram}"$' '^    from ${ram}$' \
    '^append = "a=\\${x} b=16M"  ' '^description = "c \\${d}"  ' \
    '^    from { "tcp:127.0.0.1:18041:1", "tcp:127.0.0.1:${18042 + 1}:1" }$' \
    '^    overrides { "tcp:127.0.0.1:1:1", "tcp:127.0.0.1:2:2" }  .*v.conf:1 (template web-2)$'; do
    grep -q "$line" "$tmp/out" || fail "no $line: $(cat "$tmp/out")"
done
expect 'written.*"a=...{x} b=..ram."' hv -o json show --origin o

# A file that is too large.
yes '# a comment' | head -c 1100000 > "$tmp/vm.d/big.conf"
expect_fail 1 "big.conf is not a file of at most 1 MiB" hv show big
expect_fail 1 "big.conf is not a file of at most 1 MiB" env EDITOR=true "$HVCTL" -c "$tmp/hvctl.conf" edit big
expect_fail 7 "big.conf: is not a file of at most 1 MiB" hv clone big other
rm "$tmp/vm.d/big.conf"
assert_nothing_left

# Variables: what is missing is said, and NICs may have any name.
for form in 'ab ${name cd' '${name' 'a ${1 + 2 b ${name}'; do
    refused "'}' is missing" <<END
memory = 16M
append = "$form"
END
done
refused "append = .*, character 11: 'c' is unexpected" <<'END'
append = "ab ${name cd}"
END
define n <<'END'
memory = 16M
hypervisor = null
description = "${mac.a-} ${ mac.b. }"
nic a- { mac = 52:54:00:12:34:56 }
nic b. { mac = 52:54:00:12:34:57 }
END
expect 'description = "52:54:00:12:34:56 52:54:00:12:34:57"' hv show --effective n
