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
offers "--label --all --autostart" start "--"
offers "bash zsh fish" completion ""
offers ":file" volume send default/web-root@s1 ""
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
