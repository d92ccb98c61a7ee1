#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl(1) names exactly the keys that commands print as JSON.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2 qemu
requires qemu-img
make_host < /dev/null
add_null
pod=$abs_top_srcdir/doc/hvctl.pod
mkdir "$tmp/json"

# keep COMMAND ARGUMENT...: runs it, and keeps the keys that it prints below
# "COMMAND", which may be two words.
keep ()
{
    command=$1
    shift
    status=0
    hv $command -o json "$@" > "$tmp/out" || status=$?
    case "$status $command" in
        0\ * | "6 status" | "3 explain" | "7 validate") ;;
        *) fail "$command: exit status $status" ;;
    esac
    python3 -c 'import json, sys; json.load(sys.stdin)' < "$tmp/out" \
        || fail "$command: this is no JSON"
    document=${command%% --wide}
    hv schema "$document" > "$tmp/schema" || fail "$command: no schema"
    python3 "$abs_top_srcdir/tests/kit/json-schema.py" "$tmp/schema" \
        "$tmp/out" || fail "$command: not what its schema says"
    grep -o '"[A-Za-z0-9_.]*" *:' "$tmp/out" | tr -d '": ' \
        >> "$tmp/json/${command%% --command}"
}

# documented COMMAND: the keys that hvctl(1) has for it.
documented ()
{
    awk -v item="B<$1>" '
        /^=head/ { json = $0 == "=head1 JSON" }
        /^=item/ { on = json && index($0, item) }
        /^=back/ { on = 0 }
        on && !/^=item/' "$pod" | grep -o 'B<[a-z0-9_]*>' | sed 's/B<\(.*\)>/\1/'
}

requires python3
define_null vm1
define vm2 <<END
memory = 16M
hypervisor = null
kernel = "$abs_top_srcdir/tests/README.md"
initrd = "$abs_top_srcdir/tests/README.md"
append = "a"
cpu = "null"
END
define vm3 <<END
memory = 16M
disk root { pool = null }
END
keep show vm1
keep validate
keep plan vm1
keep plan vm2
hv start vm1
sed -i "s/16M/32M/" "$tmp/vm.d/vm1.conf"
keep diff vm1
keep apply -y vm1
hv kill vm1
keep "plan --command" vm1
# What only the real hypervisor's plan has: files, firmware variables.
real=
define vm5 <<END
memory = 256M
hypervisor = qemu
kernel = "$abs_top_srcdir/tests/README.md"
END
define vm6 <<END
memory = 256M
hypervisor = qemu
firmware = uefi
END
if hv plan vm5 > "$tmp/out" 2>&1 && hv plan vm6 > "$tmp/out" 2>&1; then
    real=yes
    keep plan vm5
    keep plan vm6
fi
rm "$tmp/vm.d/vm5.conf" "$tmp/vm.d/vm6.conf"
keep explain vm1
keep explain vm3
define vm7 <<END
memory = 16M
hypervisor = null
plugin qemu { hotplug = 2 }
END
keep explain vm7
rm "$tmp/vm.d/vm7.conf"
# A NIC that a process of its own serves, and one that the hypervisor does.
passt=
if [ -f "$plugins/net_user.so" ] && command -v passt > /dev/null; then
    passt=passt
    echo 'network inside { type = user backend = slirp }' >> "$tmp/hvctl.conf"
    define vm8 <<END
memory = 16M
hypervisor = null
nic out { network = user }
nic in { network = inside }
END
    keep plan vm8
    keep "sandbox show" vm8
    hv start vm8 2> "$tmp/err"
    keep status vm8
    hv kill vm8
    rm "$tmp/vm.d/vm8.conf"
fi
keep "sandbox show" vm1
keep start vm1
keep status vm1
sed -i '1i autostart = yes' "$tmp/vm.d/vm1.conf"
keep "start --autostart"
hv kill vm1
keep "start --autostart"
keep find vm1
keep counters vm1
keep list
keep list --wide
keep pause vm1
keep resume vm1
keep restart vm1
keep stop vm1
keep kill vm1
keep status vm1
keep create vm4 --hypervisor null --disk root:1M
echo '{ "name": "vm9", "attrs": { "memory": { "ram": 64 },
    "tpm": { "enabled": true } } }' > "$tmp/vm9.json"
keep import --from machina --print "$tmp/vm9.json"
keep attach-disk vm4 data:1M
keep attach-nic vm4 lan:null
keep resize vm4 --cpus 2
if hv snapshot create vm4 s0 > "$tmp/out" 2>&1; then
    keep "snapshot create" vm4 s1
    keep "snapshot list" vm4
    keep "snapshot delete" vm4 s1
    keep "snapshot revert" vm4 s0
    hv snapshot delete vm4 s0 > "$tmp/out"
fi
keep detach-nic vm4 lan
keep detach-disk vm4 data
keep rm --yes --disks vm4
keep "volume create" v1 1M
keep "volume resize" v1 2M
keep "volume list"
keep "volume rm" --yes v1
truncate -s 1M "$tmp/im.raw"
keep "image import" --unverified "$tmp/im.raw"
keep "image list"
keep "image info" im
keep "image verify"
keep "image rm" --yes im
keep "plugin list"
keep schema
keep gen-id
keep gen-mac
keep version
status=0
hv status -o json nothing > "$tmp/out" || status=$?
[ $status -eq 3 ] || fail "status of no VM: $status"
for key in message exit_code errno; do
    grep -q "\"$key\" *:" "$tmp/out" || fail "an error has no '$key'"
    grep -q "\"$key\":" "$pod" || fail "hvctl(1) does not have '$key'"
done

for file in "$tmp"/json/*; do
    command=$(basename "$file")
    {
        documented "$command"
        # Common to those that take several VMs.
        case $command in
            start|"start --autostart"|stop|kill|restart|pause|resume|rm|status) echo name ;;
            "sandbox show") documented plan ;;
            # The settings themselves, and their sections' names.
            show) echo; "$abs_top_builddir/tests/kit/docs-keys" | cut -d ' ' -f 2
                  printf '%s\n' root lan null mode ;;
        esac
    } | sort -u > "$tmp/manual"
    sort -u "$file" > "$tmp/printed"
    comm -13 "$tmp/manual" "$tmp/printed" > "$tmp/missing"
    [ ! -s "$tmp/missing" ] || {
        cat "$tmp/missing"
        fail "$command prints keys that hvctl(1) does not have"
    }
    case "$command$real$passt" in
        show* | "sandbox show"*) continue ;;
        plan | planyes | planpasst | status | statusyes) continue ;;
    esac
    comm -23 "$tmp/manual" "$tmp/printed" > "$tmp/extra"
    [ ! -s "$tmp/extra" ] || {
        cat "$tmp/extra"
        fail "$command does not print what hvctl(1) says"
    }
done
