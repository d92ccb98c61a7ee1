#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# show --host prints hvctl.conf and conf.d as one file, which means the same; as
# JSON it is what its schema says, and what that forbids is an error of the
# configuration, too.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host < /dev/null
add_null
mkdir "$tmp/conf.d"
cat >> "$tmp/hvctl.conf" <<END_OF_FILE
vars { base = "$tmp" port = 5900 }
defaults { stop_timeout = 5s }
pool dir { type = null path = "\${base}/a b" }
END_OF_FILE
cat > "$tmp/conf.d/10-xs.conf" <<'END_OF_FILE'
template xs {
    templates = { small, "tiny" }
    memory = "${size}"
    machine = "cost \$5 \${name} \"x\" ${name}"
    vars { size = 1G }
    disk root { size = "${2 * 3}G" }
}
template small { cpus = 2 }
template tiny { cpus = 1 }
sandbox { deny_calls = { userfaultfd, bpf } }
END_OF_FILE
hv show --host > "$tmp/text"
hv show --host -o json > "$tmp/json"
grep -q '^template xs {' "$tmp/text" || fail "no template"
grep -q '^vm_dir\|^run_dir' "$tmp/text" || fail "no directory"

# It means the same, also as a single file elsewhere.
mkdir "$tmp/elsewhere"
cp "$tmp/text" "$tmp/elsewhere/hvctl.conf"
"$HVCTL" -c "$tmp/elsewhere/hvctl.conf" show --host > "$tmp/text2"
diff "$tmp/text" "$tmp/text2" || fail "another text"
"$HVCTL" -c "$tmp/elsewhere/hvctl.conf" show --host -o json > "$tmp/json2"
python3 -c 'import json, sys
one, other = (json.load(open(name)) for name in sys.argv[1:])
sys.exit(one != other)' "$tmp/json" "$tmp/json2" || fail "other JSON"
define vm1 <<END_OF_FILE
templates = { xs }
hypervisor = null
END_OF_FILE
hv show --effective vm1 > "$tmp/vm1"
grep -q 'machine = "cost .*\$5 .*\${name} .*vm1"' "$tmp/vm1" || fail "another vm1"
mkdir -p "$tmp/elsewhere/vm.d"
cp "$tmp/vm.d/vm1.conf" "$tmp/elsewhere/vm.d/"
"$HVCTL" -c "$tmp/elsewhere/hvctl.conf" show --effective vm1 > "$tmp/vm1.2"
cmp "$tmp/vm1" "$tmp/vm1.2" || fail "another vm1 by the printed host"

expect_fail 2 "usage" hv show
expect_fail 2 "usage" hv show vm1 vm1
expect_fail 2 "not combined" hv show --host vm1
expect_fail 2 "not combined" hv show --host --origin

# What the schemas forbid, hvctl refuses; what they allow, it takes.
validate="$abs_top_srcdir/tests/kit/json-schema.py"
hv schema host > "$tmp/host.schema"
hv schema definition > "$tmp/definition.schema"
python3 "$validate" "$tmp/host.schema" "$tmp/json" || fail "not valid"
hv show -o json vm1 > "$tmp/vm1.json"
python3 "$validate" "$tmp/definition.schema" "$tmp/vm1.json" \
    || fail "vm1 is not valid"

# with FILE SECTION KEY VALUE: the JSON, changed.
with ()
{
    python3 -c '
import json, sys
name, section, key, value = sys.argv[1:]
o = json.load(open(name))
at = o
for part in section.split("."):
    at = at.setdefault(part, {}) if part else at
at[key] = value
json.dump(o, sys.stdout)' "$@" > "$tmp/changed"
}

# vm_value YES|NO SECTION KEY VALUE: of a definition.
vm_value ()
{
    with "$tmp/vm1.json" "$2" "$3" "$4"
    allowed=NO
    python3 "$validate" "$tmp/definition.schema" "$tmp/changed" > "$tmp/out" \
        && allowed=YES
    [ $allowed = "$1" ] || fail "$2 $3 = $4: the schema says $allowed"
    {
        echo 'templates = { xs }'
        echo 'hypervisor = null'
        case $2 in
            '') echo "$3 = \"$4\"" ;;
            *) echo "${2%.*} ${2#*.} { $3 = \"$4\" }" ;;
        esac
    } | define vm2
    taken=NO
    hv show -o json vm2 > "$tmp/out" 2>&1 && taken=YES
    [ $taken = "$1" ] || {
        cat "$tmp/out"
        fail "$2 $3 = $4: hvctl says $taken"
    }
}
for size in 512M 1.5g 10GiB '10 GB' 4096kb 2097152; do
    vm_value YES "" memory "$size"
done
for size in 1X G 1.G -1G 1GG '1G ' 1e9 ''; do
    vm_value NO "" memory "$size"
done
vm_value YES "" cpus 2
vm_value NO "" cpus 2.5
vm_value NO "" cpus two
vm_value YES "" rng No
vm_value YES "" rng TRUE
vm_value NO "" rng y
vm_value NO "" rng 1
for time in 500ms 90s 2m 2min 1h 1d 1.5 '3 s'; do
    vm_value YES "" stop_timeout "$time"
done
vm_value NO "" stop_timeout 3w
vm_value NO "" stop_timeout soon
vm_value YES "" firmware bios
vm_value NO "" firmware BIOS
vm_value NO "" memry 1G
vm_value YES nic.lan mac 52:54:00:12:34:56
vm_value YES nic.lan mac 52-54-00-12-34-AF
vm_value NO nic.lan mac 52:54:00:12:34
vm_value NO nic.lan mac 52:54:00:12:34:5g
vm_value NO nic.lan size 1G
vm_value NO disk.root mac 52:54:00:12:34:56
vm_value YES plugin.nosuch anything 1

# host_value YES|NO SECTION KEY VALUE: of the host configuration.
host_value ()
{
    with "$tmp/json" "$2" "$3" "$4"
    allowed=NO
    python3 "$validate" "$tmp/host.schema" "$tmp/changed" > "$tmp/out" \
        && allowed=YES
    [ $allowed = "$1" ] || fail "$2 $3 = $4: the schema says $allowed"
}
host_value YES "" uid_base 1879048192
host_value NO "" uid_base some
host_value NO "" uid_bse 1879048192
host_value YES defaults accelerator kvm
host_value NO defaults memory 1G
host_value YES sandbox require full
host_value NO sandbox require half
host_value NO pool.other path /a
host_value YES pool.other type nosuch
host_value YES template.a memory '${size}'
host_value NO template.a memory some
host_value NO template.a memry 1G
host_value YES template.a templates a,b
