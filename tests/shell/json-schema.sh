#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a command prints as JSON has one schema, whatever state a VM is in: the
# same keys, each of one type or null.  Sizes and times are numbers.  It is
# JSON, and UTF-8, whatever a path or a message is made of.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2 storage-raw
requires qemu-img python3
make_host < /dev/null
add_null
mkdir "$tmp/json"

# see COMMAND ARGUMENT...: keeps what it prints.
n=0
see ()
{
    command=$1
    shift
    err="$tmp/err.$command"
    n=$((n + 1))
    # shellcheck disable=SC2086
    hv $command -o json "$@" > "$tmp/json/$command.$n" 2> "$err" || :
    [ ! -s "$err" ] || {
        cat "$err"
        case $(cat "$err") in
            *"waiting for"* | *"under your own user ID"*) ;;
            *) fail "$command $*: it says something on standard error, too" ;;
        esac
    }
}

define_null vm1
cat >> "$tmp/vm.d/vm1.conf" <<END
description = "the first"
autostart = yes
labels { role = web }
END
define vm2 <<END
memory = 16M
hypervisor = null
kernel = "$0"
initrd = "$0"
append = "a"
disk root { size = 1M }
END
define vm3 <<END
memory = 16M
hypervisor = null
disk x { pool = nowhere }
nic lan { network = nowhere }
END
echo 'memry = 1' > "$tmp/vm.d/vm4.conf"
ln -s nothing "$tmp/vm.d/vm5.conf"
printf 'count = 2\nmemory = 16M\nhypervisor = null\n' > "$tmp/vm.d/many.conf"
printf 'count = 0\n' > "$tmp/vm.d/broken.conf"
odd=$(printf 'im\377age.raw')
truncate -s 1M "$tmp/$odd"
printf 'memory = 16M\nhypervisor = null\ndisk root { image = "%s" format = raw }\n' \
    "$tmp/$odd" > "$tmp/vm.d/vm6.conf"
see "volume create" vm2-root 1M
see "volume create" vm2-root 1M

all ()
{
    for vm in vm1 vm2 vm3 vm4 vm5 vm6 many many-1 broken nope '*'; do
        for command in diff "apply --check" list status show "show --origin" validate plan "plan --command" \
            explain "sandbox show" counters "snapshot list"; do
            see "$command" "$vm"
        done
    done
    see list
    see list --running
    see "list --names"
    see "list --wide"
    see find vm
    see find nowhere-at-all
    see validate
    see status vm1 vm2
    see plan vm1
    see "volume list"
    see "volume list" nowhere default
    see "volume snapshots" vm2-root
    see "image list"
    see "image info" im
    see "image verify"
    see "plugin list"
    see "show --host"
    see "plugin show" null
    see gen-id
    see "gen-id --vm" vm1
    see gen-mac
    see gen-mac vm1 lan
    see version
    see --version
}

# Each waits for half a minute for a guest that says nothing.
(see doctor) &
doctor=$!
(see "sandbox learn") &
learn=$!
n=$((n + 1))
cat >> "$tmp/hvctl.conf" <<END
vars { base = "$tmp" port = 5900 }
defaults { stop_timeout = 5s  machine = q35 }
sandbox { deny_calls = { userfaultfd } }
pool dir { type = qcow2 path = "\${base}/dir" }
pool other { type = nosuch anything = 1 }
template xs {
    memory = "\${size}"
    rng = no
    vars { size = 1G }
    disk root { size = "\${2 * size}" pool = dir }
    plugin null { mode = obey }
}
END
all
# No JSON of the odd path is lost: it has what is text in it.
grep -q 'im.*age.raw' "$tmp/json/show."* || fail "the odd path is nowhere"
see start vm1
see start vm1 vm2 vm3 nope
all
see "start --autostart"
see pause vm1
all
see resume vm1
see restart vm1 vm2
see stop vm1 nope
see kill vm2
see kill vm2
see "snapshot create" vm2 s2
see "snapshot create" vm2 s2
all
see "snapshot revert" vm2 s1
see "snapshot delete" vm2 s1
see create vm9 --hypervisor null
see create-disks vm2 vm9 nope
VISUAL=true see edit vm9
VISUAL='sed -i s/1G/2G/' see edit vm9
see edit nope
see save vm9 nope
see rm --yes vm9
truncate -s 1M "$tmp/im.raw"
see "image import" "$tmp/im.raw" --unverified
see "image import" "$tmp/im.raw" --unverified
see "image list"
see "image info" im
see "image verify" im nope
see "image rm" --yes im
see "image rm" --yes im
see "volume create" v1 1M
see "volume resize" v1 2M
see "volume snapshot" v1@s
see "volume clone" v1@s v2
see "volume revert" v1@s
see "volume promote" v2
see "volume send" v1@s "$tmp/stream"
see "volume receive" "$tmp/stream" v3
see "volume rm" --yes v1@s
see "volume rm" --yes v2
see "volume rm" --yes nope
see attach-disk vm2 data:1M
see attach-nic vm2 lan:null
see resize vm2 --cpus 2
see resize vm2
see detach-nic vm2 lan
see detach-nic vm2 lan
see detach-disk vm2 data
see "apply --yes" vm1 vm2 nope
see rm --yes vm2 nope
see frob
see list --frob
see create
see create vm7 --memory x
see create vm8 --hypervisor null
see console vm1
see logs vm1
see volume frob
see help list
wait $doctor && wait $learn || fail "see above"

cat > "$tmp/check.py" <<'END'
import glob, json, os, sys
TYPES = {type(None): 'null', bool: 'flag', int: 'number', float: 'number',
         str: 'text', list: 'list', dict: 'object'}
NUMBERS = {'size', 'memory', 'allocated', 'cpus', 'pid', 'created', 'started',
           'uptime', 'ended_at', 'bytes', 'uid', 'supervisor', 'exit_code',
           'value', 'line', 'boot', 'mtu', 'queues'}
types, keys, bad = {}, {}, []
# Sections and settings, by name, are the keys of these.
OPEN = {'show', 'show --host', 'plugin show'}

def walk(command, path, value, where):
    kind = TYPES[type(value)]
    # Their names are the user's.
    if path.endswith('.labels') and kind == 'object':
        return
    types.setdefault((command, path), {}).setdefault(kind, where)
    if kind == 'object':
        has = frozenset(k for k in value if k != 'error' or path.count('[]') > 1)
        if isinstance(value.get('error'), dict):
            has = frozenset()
        if has and not (set(value) >= {'name', 'error'} and len(value) == 2):
            keys.setdefault((command, path), {}).setdefault(has, where)
        for k, v in value.items():
            if k in NUMBERS and TYPES[type(v)] not in ('number', 'null') \
                    and command not in OPEN \
                    and (command, k) not in (('snapshot list', 'memory'),
                                             ('find', 'value'),
                                             ('show --origin', 'value')):
                bad.append('%s: %s.%s is %r' % (where, path, k, v))
            walk(command, path + '.' + k, v, where)
    elif kind == 'list':
        for v in value:
            walk(command, path + '[]', v, where)

for name in sorted(glob.glob(sys.argv[1] + '/*')):
    where = os.path.basename(name)
    command = where.rsplit('.', 1)[0]
    raw = open(name, 'rb').read()
    try:
        text = raw.decode('utf-8')
        value = json.loads(text)
    except ValueError as e:
        bad.append('%s: no JSON: %s: %r' % (where, e, raw[:200]))
        continue
    if any(ord(c) < 32 and c != '\n' or 127 <= ord(c) < 160 for c in text):
        bad.append('%s: control characters' % where)
    if any(line != '' and (len(line) - len(line.lstrip(' '))) % 2
           for line in text.split('\n')):
        bad.append('%s: another indentation' % where)
    if command in OPEN:
        continue
    # Of one VM its plan, of several an array of them.
    if command.startswith('plan') and isinstance(value, list):
        value = value[0] if value else {'error': {}}
    walk(command, '', value, where)
for (command, path), found in sorted(types.items()):
    if len(set(found) - {'null'}) > 1:
        bad.append('%s: %s is %s' % (command, path, found))
for (command, path), found in sorted(keys.items()):
    if len(found) > 1 and path != '.error':
        every = frozenset.union(*found)
        common = frozenset.intersection(*found)
        bad.append('%s: %s: %s are not always there: %s' % (
            command, path or 'the object', sorted(every - common),
            list(found.values())))
print('\n'.join(bad))
print('%d outputs, %d places' % (len(glob.glob(sys.argv[1] + '/*')), len(types)))
sys.exit(len(bad) > 0)
END
python3 "$tmp/check.py" "$tmp/json" || fail "see above"

# All of it is valid against the schema that hvctl has for it.
validate="$abs_top_srcdir/tests/kit/json-schema.py"
for file in "$tmp"/json/*; do
    command=$(basename "${file%.*}")
    case $command in
        "show --origin" | "show --host" | "plan --command" \
            | "start --autostart") document=$command ;;
        --version) document=version ;;
        frob | "list --frob" | console | logs | volume | help)
            document=run ;;
        *) document=${command%% --*} ;;
    esac
    mkdir -p "$tmp/by/$document"
    ln -s "$file" "$tmp/by/$document/"
done
for dir in "$tmp"/by/*; do
    document=$(basename "$dir")
    hv schema "$document" > "$tmp/$document.schema" \
        || fail "there is no schema of '$document'"
    python3 "$validate" "$tmp/$document.schema" "$dir"/* \
        || fail "$document: not valid"
done

# A member too many, one too few, and one of another type are found.
for document in status plan "volume list" "plugin list" version validate \
    "plan --command" explain "sandbox show" stop restart; do
    python3 "$validate" --mutate "$tmp/$document.schema" \
        "$tmp/by/$document"/* || fail "$document: see above"
done

# Each command has one, except of those that print no JSON.
hv schema -o json > "$tmp/documents"
hv schema schema > "$tmp/schema.schema"
python3 "$validate" --mutate "$tmp/schema.schema" "$tmp/documents" \
    || fail "the list of schemas: not valid"
hv help | sed -n 's/^  \([a-z-]*\( [a-z]*\)\{0,1\}\)  .*/\1/p' \
    | sed 's/ *$//' > "$tmp/commands"
grep -qx 'volume list' "$tmp/commands" || fail "where are the commands?"
while read -r command; do
    case $command in
        console | logs | completion | help) continue ;;
    esac
    grep -q "\"document\": *\"$command\"" "$tmp/documents" \
        || fail "'$command' has no schema"
done < "$tmp/commands"
expect_fail 3 "did you mean 'status'" hv schema statsu
hv kill vm1 2> "$tmp/err"
assert_nothing_left
