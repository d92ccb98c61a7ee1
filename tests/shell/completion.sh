#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion offers what belongs where the cursor is: commands, options, their
# values, VMs, disks, NICs, snapshots, volumes, pools, networks, plugins; and the
# bash script hands that on.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2
requires qemu-img bash
make_host < /dev/null
add_null
hv create web --hypervisor null --disk root:1M --nic lan:null > "$tmp/out"
hv create db --hypervisor null > "$tmp/out"
hv snapshot create web s1 > "$tmp/out"

# offers "WORD..." TYPED...: the candidates have these words...
offers ()
{
    wanted=$1
    shift
    hv complete -- "$@" | cut -f 1 > "$tmp/offered"
    for word in $wanted; do
        case $word in
            !*) ! grep -qx -e "${word#!}" "$tmp/offered" \
                    || fail "$*: '${word#!}' is offered" ;;
            *) grep -qx -e "$word" "$tmp/offered" || {
                   cat "$tmp/offered"
                   fail "$*: no '$word'"
               } ;;
        esac
    done
}

offers "start volume snapshot help !release !complete !web" ""
offers "list create rm clone !start" volume ""
offers "web db !root" start ""
offers "web db" stop web ""
offers "!web" create ""
offers "root !web !lan" detach-disk web ""
offers "lan !web !root" detach-nic web ""
offers "!root !lan" detach-nic db ""
offers "s1 !web" snapshot revert web ""
offers "s1" snapshot delete web ""
offers "default/web-root !default" volume rm ""
offers "default/web-root@s1" volume revert "default/web-root@"
offers "default null" volume list ""
truncate -s 1M "$tmp/im.raw"
hv image import "$tmp/im.raw" --unverified > "$tmp/out"
offers "im" image info ""
offers "im" image verify ""
offers ":file debian-13 !im" image import ""
offers "lan:user lan:null" create x --nic "lan:"
offers "lan:user" create x "--nic=lan:"
offers "eth1:user" attach-nic web "eth1:"
offers "root=" resize web --disk ""
offers root snapshot create web --disk ""
offers root snapshot revert web s1 --disk ""
offers "uefi bios" create x --firmware ""
offers "uefi bios" create x --firmware=""
offers "table json" -o ""
offers ":file" create x --kernel ""
offers "--memory --disk --config" create "-"
offers "--names --running" list "--"
offers "null storage-qcow2" plugin show ""
offers "list show" help plugin ""
echo 'labels { role = web tier = 1 }' >> "$tmp/vm.d/web.conf"
offers "role=web tier=1" stop -l ""
offers "role=web" list --label=""
offers "name state labels" list -C ""
offers "name,state name,labels" list --columns "name,"
offers "memory" list --sort ""
offers "-memory -name" list --sort "-"
offers "-memory" list --sort=-
printf 'count = 2\nmemory = 16M\nhypervisor = null\n' > "$tmp/vm.d/many.conf"
offers "web !many !many-0" rename ""
offers "web many-0 !many" clone ""
offers "web many-0 !many" console ""
offers "web many-0 many" start ""
offers "web many-0 many" snapshot create ""
offers "web !many" gen-id --vm ""
rm "$tmp/vm.d/many.conf"
offers "identity=machina identity=balena" create x --set identity=
offers "--label --all --autostart" start "--"
offers "bash zsh fish" completion ""
offers ":file" volume send default/web-root@s1 ""
# Keys of the tables, in the tree that --set has, and their values.
echo 'template xs { memory = 1G nic wan { network = user } }' \
    >> "$tmp/hvctl.conf"
offers "memory= cpus= disk. nic. plugin. vars. !network= !nic.lan." \
    create x --set ""
offers "memory=" create x "--set=mem"
offers "nic.lan. nic.wan. !disk.root. !nic." \
    create x --nic lan:user --disk root:1G --set "nic."
offers "disk.root. !nic.lan." \
    create x --nic lan:user --disk root:1G --set "disk."
offers "nic.lan.network= nic.lan.mac= !nic.lan.size=" \
    create x --set "nic.lan."
offers "disk.a.b.size= disk.a.b.pool= !disk.a.b.mac=" \
    create x --set "disk.a.b."
offers "nic.lan.network=user nic.lan.network=null" \
    create x --set "nic.lan.network="
offers "disk.root.pool=default !disk.root.pool=user" \
    create x --set "disk.root.pool=d"
offers "disk.root.readonly=yes disk.root.readonly=no" \
    create x --set "disk.root.readonly="
offers "rng=yes rng=no" create x --set "rng="
offers "firmware=uefi firmware=bios !firmware=kvm" create x --set "firmware="
offers "templates=xs !templates=user" create x --set "templates="
offers "templates={a,xs" create x --set "templates={a,"
offers "hypervisor=auto hypervisor=null !hypervisor=storage-qcow2" \
    create x --set "hypervisor="
offers "plugin.null. !plugin.storage-qcow2." create x --set "plugin."
offers ":file" create x --set "kernel="
offers "!=" create x --set "memory="
offers "root:1G,pool= root:1G,backing=" create x --disk "root:1G,"
offers "root:1G,boot=1,pool=default" create x --disk "root:1G,boot=1,pool="
offers "lan:user,mac= lan:user,queues= !lan:user" create x --nic "lan:user,"
offers "data:1G,pool=default" attach-disk web "data:1G,pool="
# Every key of the tables is in the tree.
"$abs_top_builddir/tests/kit/docs-keys" > "$tmp/keys"
while read -r section key rest; do
    case $section in
        vm) offers "$key=" create x --set "" ;;
        disk | nic) offers "$section.x.$key=" create x --set "$section.x." ;;
    esac
    : "$rest"
done < "$tmp/keys"
offers "definition host list volume show" schema ""
offers "list create !rm.x" schema volume ""

# No configuration that can be read: nothing, and no words.
expect_fail 1 "" hv complete -- -c /nowhere start ""
[ ! -s "$tmp/err" ] || fail "it complains: $(cat "$tmp/err")"

# The script of bash, without a terminal.
hv completion bash > "$tmp/script"
cat > "$tmp/try" <<'END'
. "$1"
shift
COMP_LINE=$1 COMP_POINT=${#1}
_hvctl
printf '%s\n' "${COMPREPLY[@]}"
END
# in_bash "LINE" WORD...
in_bash ()
{
    line="$HVCTL -c $tmp/hvctl.conf $1"
    shift
    bash "$tmp/try" "$tmp/script" "$line" > "$tmp/offered"
    for word; do
        grep -qx -e "$word" "$tmp/offered" || {
            cat "$tmp/offered"
            fail "bash: $line: no '$word'"
        }
    done
}
in_bash "start " web db
in_bash "start w" web
! grep -q db "$tmp/offered" || fail "bash: what does not fit is offered"
in_bash "volume rm def" default/web-root
in_bash "create x --nic lan:u" user
in_bash "resize web --disk ro" root=
in_bash "create x --firmware=ue" uefi
in_bash "create x --set nic.lan.netw" nic.lan.network=
in_bash "create x --set nic.lan.network=u" user
in_bash "create x --set=nic.lan.network=u" user
in_bash "create x --set disk.root.readonly=y" yes
