# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the tests of faults, after functions.sh: a world in which one
# command is disturbed, and what has to be so afterwards.
#
# k is the VM that is concerned; o is another, which has nothing to do with it.
# m is the new name of k, or its clone.
# Between two points there is neither k nor any volume.

faults="kill term 28 5 24 12 13 4" # ENOSPC EIO EMFILE ENOMEM EACCES EINTR
commands="start stop create rm attach-disk attach-nic detach-disk detach-nic
    resize resize-disk apply snapshot-create snapshot-memory snapshot-stopped
    snapshot-revert snapshot-delete save restore edit volume-create
    volume-resize volume-clone volume-rm volume-snapshot volume-revert
    rename clone clone-running create-fleet rm-fleet"

make_world ()
{
    requires_root
    requires_tiny
    requires qemu-img
    in_namespace "$@"
    lan="type = bridge bridge = br0" attached=tap
    if [ -n "${HVCTL_TEST_OVS-}" ]; then
        make_ovs
        lan="type = ovs bridge = br0 tag = 100 socket = \"$ovs/db.sock\""
        attached=lan
    else
        make_bridge
    fi
    ip link add wire0 type veth peer name wire1
    ip link set wire0 up
    ip link set wire1 up
    pool=
    if [ -n "${HVCTL_TEST_ZFS-}" ]; then
        dataset=$HVCTL_TEST_ZFS/w$$
        zfs create "$dataset"
        cleanup_fn "zfs destroy -r $dataset"
        pool="pool default { type = zfs dataset = \"$dataset\" }"
    fi
    make_host <<END
network lan { $lan }
network tap { type = macvtap parent = wire0 }
$pool
END
    define_tiny o
    direct_hvctl
    inject=$abs_top_builddir/tests/faults/inject
    printf '#!/bin/sh\nsed -i s/33M/34M/ "$1"\n' > "$tmp/editor"
    chmod 755 "$tmp/editor"
    EDITOR=$tmp/editor
    export EDITOR
    unset VISUAL || :
    note_empty
}

# What is there when no VM is, after one was.
note_empty ()
{
    say_quietly k_create
    say_quietly hv start k
    say_quietly hv stop k
    say_quietly hv rm -y --disks k
    say_quietly hv stop o
    empty=$(whole_world)
}

say_quietly ()
{
    "$@" > "$tmp/out" 2>&1 || { cat "$tmp/out"; fail "$*"; }
}

# Everything that a command could leave, but logs, and what is known of
# programs.
whole_world ()
{
    (cd "$tmp" && find . -path ./log -prune -o -path ./facts -prune \
        -o -name 'filter*' -prune -o -name out -prune -o -name err -prune \
        -o -name 'point*' -prune -o -name 'changes' -prune \
        -o -printf '%P %y\n' | sort)
    ip -o link show | sed 's/@.*//; s/^[0-9]*: //; s/:.*//' | sort
    sed "s/^[0-9]* [0-9]* //" /proc/self/mountinfo | grep -F "$tmp" || :
    uids=$(stat -c %i "$tmp/run/uids.lock" 2> /dev/null) || uids=none
    grep ":$uids " /proc/locks || :
    [ -z "${ovs-}" ] || ovs-vsctl --timeout=10 -f csv -d bare --no-headings \
        --columns=name,external_ids list Interface | sort
    [ -z "${dataset-}" ] || zfs list -H -o name -t all -r "$dataset"
}

k_create ()
{
    hv create k --memory 33M --kernel "$tiny" --accelerator tcg \
        --disk a:8M --disk b:8M --nic n1:lan --nic n2:tap --nic n3:user
}

# Of two VMs: k.conf is the definition of k-0 and k-1.
fleet="k --count 2 --memory 33M --accelerator tcg --disk a:8M --disk b:8M --nic n1:lan"

# before COMMAND: what it takes.
before ()
{
    case $1 in
        create | create-fleet | volume-create) return ;;
        rm-fleet)
            hv create $fleet --kernel "$tiny"
            return ;;
        volume-rm)
            hv volume create default/v 8M
            return ;;
        volume-*)
            hv volume create default/v 8M
            hv volume snapshot default/v@s
            return ;;
    esac
    k_create
    case $1 in
        snapshot-revert | snapshot-delete) hv snapshot create k s ;;
        stop | attach-* | clone-running | resize | snapshot-create | snapshot-memory | save)
            hv start k ;;
        restore) hv start k && hv save k ;;
        resize-disk) [ $(($2 % 2)) = 0 ] || hv start k ;;
        apply)
            hv start k
            printf 'disk c { size = 8M }\nnic n4 { network = lan }\n' \
                >> "$tmp/vm.d/k.conf"
            sed -i '/^disk a/,/}/s/8M/12M/' "$tmp/vm.d/k.conf" ;;
    esac
}

# arguments COMMAND: what it is in full.
arguments ()
{
    case $1 in
        start | restore) echo start k ;;
        stop) echo stop k ;;
        create) echo "create k --memory 33M --kernel $tiny --accelerator tcg
            --disk a:8M --disk b:8M --nic n1:lan --nic n2:tap --nic n3:user" ;;
        create-fleet) echo "create $fleet --kernel $tiny" ;;
        rm | rm-fleet) echo rm -y --disks k ;;
        rename) echo rename k m ;;
        clone*) echo clone k m ;;
        attach-disk) echo attach-disk k c:8M ;;
        attach-nic) echo "attach-nic k n4:$attached" ;;
        detach-disk) echo detach-disk k b ;;
        detach-nic) echo detach-nic k n2 ;;
        resize) echo resize k --memory 34M --disk a=12M ;;
        resize-disk) echo resize k --disk a=12M ;;
        apply) echo apply -y k ;;
        snapshot-create) echo snapshot create k s ;;
        snapshot-memory) echo snapshot create k s --memory ;;
        snapshot-stopped) echo snapshot create k s ;;
        snapshot-revert) echo snapshot revert k s ;;
        snapshot-delete) echo snapshot delete k s ;;
        save) echo save k ;;
        edit) echo edit k ;;
        volume-create) echo volume create default/v 8M ;;
        volume-resize) echo volume resize default/v 16M ;;
        volume-clone) echo volume clone default/v w ;;
        volume-rm) echo volume rm -y default/v ;;
        volume-snapshot) echo volume snapshot default/v@t ;;
        volume-revert) echo volume revert default/v@s ;;
    esac
}

# How the VM is, as two commands have it, and the kernel.
listed ()
{
    hv list $(named) 2> /dev/null | sed -n 's/^[km]  *\([a-z]*\).*/\1/p'
}

asked ()
{
    hv status $(named) 2> /dev/null | sed -n '1s/^[km] is \([a-z]*\).*/\1/p'
}

# Its name.
named ()
{
    if [ -e "$tmp/vm.d/m.conf" ] && [ ! -e "$tmp/vm.d/k.conf" ]; then
        echo m
    else
        echo k
    fi
}

# A guest that a hypervisor has, whoever knows of it.
hypervisors ()
{
    grep -lsF "$tmp/run/vm/k" /proc/[0-9]*/cmdline || :
}

bad ()
{
    echo "BAD: $*"
    is_bad=1
}

# What 'list' says is so, also at once after the fault; one of the two may come
# too early.
check_told ()
{
    for _ in 1 2 3; do
        list=$(listed) status=$(asked)
        [ -n "$list" ] && [ "$list" != "$status" ] || return 0
    done
    bad "$1: list says $list, status $status"
}

# What takes long is left to the next command for the same.
takes_long ()
{
    grep -qs '"op":"long"' "$tmp/state/changes/"*
}

# The first command after it, for another VM, is quick, and all is in order.
check_settled ()
{
    from=$(date +%s%N)
    say=$(hv stop o 2>&1) || bad "stop of another VM: $say"
    took=$((($(date +%s%N) - from) / 1000000))
    [ $took -le $((1000 * ${HVCTL_TEST_PATIENCE:-1})) ] \
        || bad "a command for another VM took $took ms"
    echo "$say" > "$tmp/point.said"
    check_told "after another command"
    case $list in
        paused | starting)
            takes_long || bad "after another command k is $list: $say" ;;
        running)
            vm=$(pid_of k)
            [ -d "/proc/${vm:-0}" ] || bad "k runs, and has no process" ;;
    esac
    left=$(find "$tmp/vm.d" "$tmp/state" \( -name '*.new' -o -name '.*.new*' \
        -o -name '*.gone' -o -name '.?*' -o -path '*/changes/*' \) 2> /dev/null)
    [ -z "$left" ] || takes_long || bad "left after another command:" $left
}

# Only what succeeded is there; $1 is the command, $2 how it ended.
check_effect ()
{
    case $1/$2 in
        start/0 | restore/0 | create/0 | attach-*/0 | resize*/0 | save/0 \
            | snapshot-*/0 | apply/0 | stop/0 | rm/0 | edit/0 | detach*/0 \
            | volume-*/0 | rename/0 | clone*/0 | create-fleet/0 | rm-fleet/0) ;;
        *) return 0 ;;
    esac
    case $1 in
        start | restore) [ "$list" = running ] || bad "$1 ended well: $list" ;;
        stop) [ "$list" = stopped ] || bad "stop ended well: $list" ;;
        save) [ "$list" = saved ] || bad "save ended well: $list" ;;
        create | create-fleet)
            [ -f "$tmp/vm.d/k.conf" ] || bad "create ended well" ;;
        rm | rm-fleet) [ ! -f "$tmp/vm.d/k.conf" ] || bad "rm ended well" ;;
        rename) [ "$(named)" = m ] || bad "rename ended well" ;;
        clone*)
            [ -f "$tmp/vm.d/m.conf" ] || bad "clone ended well"
            hv volume list | grep -q " m-b  *8M " || bad "no m-b" ;;
        attach-disk) grep -q "disk c" "$tmp/vm.d/k.conf" || bad "no disk c" ;;
        attach-nic) grep -q "nic n4" "$tmp/vm.d/k.conf" || bad "no nic n4" ;;
        detach-disk) ! grep -q "disk b" "$tmp/vm.d/k.conf" || bad "disk b" ;;
        detach-nic) ! grep -q "nic n2" "$tmp/vm.d/k.conf" || bad "nic n2" ;;
        resize) grep -q "memory = 34M" "$tmp/vm.d/k.conf" || bad "no 34M" ;;
        volume-create) hv volume list | grep -q " v  *8M " || bad "no v" ;;
        volume-clone) hv volume list | grep -q " w  *8M " || bad "no w" ;;
        volume-rm) ! hv volume list | grep -q " v  " || bad "v is there" ;;
        volume-resize) hv volume list | grep -q " v  *16M " || bad "no 16M" ;;
        volume-snapshot)
            hv volume snapshots default/v | grep -q "^t " || bad "no t" ;;
        edit) grep -q "memory = 34M" "$tmp/vm.d/k.conf" || bad "not edited" ;;
        apply) [ -z "$(hv diff k 2>&1)" ] || bad "left: $(hv diff k 2>&1)" ;;
        snapshot-delete) ! hv snapshot list k | grep -q "^s " || bad "s" ;;
        snapshot-revert) ;;
        snapshot-*) hv snapshot list k | grep -q "^s .*a, b" || bad "no s" ;;
    esac
    return 0
}

# What failed is not there; $1 is the command, $2 how it ended.
check_no_effect ()
{
    case $2 in
        0 | 137 | 143) return 0 ;;
    esac
    # It is done, and that could not be said.
    ! grep -q "cannot write the output" "$tmp/point.out" || return 0
    case $1 in
        save) [ "$list" != saved ] || bad "save failed ($2), and k is saved" ;;
        create | create-fleet)
            [ ! -f "$tmp/vm.d/k.conf" ] || bad "create failed ($2)" ;;
        rm | rm-fleet) [ -f "$tmp/vm.d/k.conf" ] || bad "rm failed ($2)" ;;
        rename | clone*)
            [ ! -f "$tmp/vm.d/m.conf" ] || bad "$1 failed ($2), and there is m"
            [ -f "$tmp/vm.d/k.conf" ] || bad "$1 failed ($2), and k is gone" ;;
        attach-disk) ! grep -q "disk c" "$tmp/vm.d/k.conf" || bad "disk c" ;;
        attach-nic) ! grep -q "nic n4" "$tmp/vm.d/k.conf" || bad "nic n4" ;;
        detach-disk) grep -q "disk b" "$tmp/vm.d/k.conf" || bad "no disk b" ;;
        detach-nic) grep -q "nic n2" "$tmp/vm.d/k.conf" || bad "no nic n2" ;;
        edit) grep -q "memory = 33M" "$tmp/vm.d/k.conf" || bad "it is edited" ;;
        snapshot-delete) hv snapshot list k | grep -q "^s " || bad "s is gone" ;;
        snapshot-revert) ;;
        snapshot-*) ! hv snapshot list k | grep -q "^s " || bad "s is there" ;;
        volume-create) ! hv volume list | grep -q " v  " || bad "v is there" ;;
        volume-clone) ! hv volume list | grep -q " w  " || bad "w is there" ;;
        volume-rm) hv volume list | grep -q " v  " || bad "v is gone" ;;
        volume-resize)
            hv volume list | grep -q " v  *8M " || bad "v has another size" ;;
        volume-snapshot)
            ! hv volume snapshots default/v | grep -q "^t " || bad "t" ;;
    esac
    return 0
}

# A start that failed has no guest; snapshots are of all disks or of none.
check_no_half ()
{
    case $1/$2 in
        start/0 | restore/0) ;;
        */137 | */143) ;; # It cannot have said anything.
        start/* | restore/*)
            [ "$list" != running ] || bad "$1 failed ($2), and k runs" ;;
    esac
    case $1 in
        create* | rm*)
            [ -f "$tmp/vm.d/k.conf" ] || ! hv volume list | grep " k-" \
                || takes_long || bad "volumes of no VM" ;;
        rename)
            [ ! -f "$tmp/vm.d/k.conf" ] || [ ! -f "$tmp/vm.d/m.conf" ] \
                || takes_long || bad "it has two names" ;;
        clone*)
            [ -f "$tmp/vm.d/m.conf" ] || ! hv volume list | grep " m-" \
                || takes_long || bad "volumes of no clone" ;;
        snapshot-*)
            half=$(hv snapshot list k | sed 1d | grep -v "a, b *$" || :)
            [ -z "$half" ] || takes_long \
                || bad "of some disks only: $half" ;;
    esac
}

# Nothing stands in the way of who comes for it.
check_heard ()
{
    case $say in
        *"tries again"* | *"could not be completed"*) bad "the next one: $say" ;;
    esac
}

# What was left to a command for m is done by it.  The renamed VM gets its name
# back; a clone starts, and goes.
put_back ()
{
    case $1 in
        rename | clone*) ! takes_long || hv stop m > "$tmp/out" 2>&1 || : ;;
    esac
    [ -f "$tmp/vm.d/m.conf" ] || return 0
    if [ "$1" = rename ]; then
        say=$(hv rename m k 2>&1) || bad "rename it back: $say"
        return 0
    fi
    say=$(hv start m 2>&1) || bad "start of the clone: $say"
    say=$(hv stop --timeout 5 m 2>&1) || bad "stop of the clone: $say"
    say=$(hv rm -y --disks m 2>&1) || bad "rm --disks of the clone: $say"
}

# The next command for the same works, and then nothing is left.
check_next ()
{
    say=
    put_back "$1"
    case $1 in
        start | restore)
            say=$(hv start k 2>&1) || case $say in
                *already*) ;;
                *) bad "the next start: $say" ;;
            esac ;;
        create | rm | *-fleet)
            if [ -f "$tmp/vm.d/k.conf" ]; then
                # A removal that was begun is completed by it.
                say=$(hv start k 2>&1) || case "$1 $say" in
                    "rm"*" "*"'rm', which was interrupted, is now completed"*) ;;
                    *) bad "start after $1: $say" ;;
                esac
            elif [ "$1" = create ]; then
                say=$(k_create 2>&1) || bad "create again: $say"
            elif [ "$1" = create-fleet ]; then
                say=$(hv create $fleet --kernel "$tiny" 2>&1) \
                    || bad "create again: $say"
            fi ;;
        volume-*) ;;
        apply)
            say=$(hv apply -y k 2>&1) || bad "the next apply: $say"
            [ -z "$(hv diff k 2>&1)" ] || bad "left: $(hv diff k 2>&1)" ;;
        *)
            # What is saved is for its start, and for nothing else before.
            [ "$(listed)" != saved ] || say=$(hv start k 2>&1) \
                || bad "the next start: $say"
            check_heard
            say=$(hv resize k --memory 35M 2>&1) || bad "the next resize: $say"
            check_heard
            [ "$(listed)" = running ] || say=$(hv start --fresh k 2>&1) \
                || bad "the next start: $say" ;;
    esac
    check_heard
    if [ -f "$tmp/vm.d/k.conf" ]; then
        say=$(hv stop --timeout 5 k 2>&1) || bad "stop: $say"
        say=$(hv rm -y --disks k 2>&1) || bad "rm --disks: $say"
    fi
    [ "$1" != edit ] || rm -f "$tmp/vm.d/k.conf.edited" # Somebody's own.
    [ "$1" != detach-disk ] || detached=k-b
    case $1 in
        volume-clone) # Of a ZFS volume its snapshots go first.
            ! hv volume list | grep -q " w  " \
                || say=$(hv volume rm -y default/w 2>&1) || bad "rm w: $say" ;;
    esac
    for v in default/v@t default/v@s; do
        ! hv volume snapshots default/v 2> /dev/null | grep -q "^${v#*@} " \
            || say=$(hv volume rm -y $v 2>&1) || bad "rm $v: $say"
    done
    for v in w v ${detached-}; do
        ! hv volume list | grep -q " $v  " \
            || say=$(hv volume rm -y "default/$v" 2>&1) || bad "volume rm: $say"
    done
    left=$(ls -A "$tmp/state/changes" 2> /dev/null)
    [ -z "$left" ] || bad "still unfinished: $left"
    for i in 1 2 3 4 5 6 7 8 9 10; do
        world=$(whole_world)
        [ "$world" != "$empty" ] || [ -n "$(processes)" ] || return 0
        sleep 0.2
    done
    bad "left at the end: $(printf '%s\n' "$world" > "$tmp/point.world"
        printf '%s\n' "$empty" | diff - "$tmp/point.world" | grep '^[<>]')"
    bad "processes: $(for p in $(processes); do
        tr '\0' ' ' < "/proc/$p/cmdline"; done)"
}

# Whatever it was, the next point begins with nothing.
clear_world ()
{
    stop_everything
    rm -rf "$tmp/vm.d/"[km]* "$tmp/vm.d/".[!.]* "$tmp/state" "$tmp/run"
    for l in $(ip -o link show type macvtap | sed 's/^[0-9]*: //; s/@.*//'); do
        ip link delete "$l" 2> /dev/null || :
    done
    note_empty
}

# How many points the command has.
count_points ()
{
    say_quietly before "$1" 0
    "$inject" -o "$tmp/point.log" "$hvctl" -c "$tmp/hvctl.conf" \
        $(arguments "$1") > "$tmp/point.out" 2>&1 || {
        cat "$tmp/point.out"; fail "$1 under inject"; }
    count=$(sed -n 's/^count //p' "$tmp/point.log")
    is_bad=0
    check_settled
    check_next "$1"
    [ $is_bad = 0 ] || fail "$1 without any fault"
}

# try_point COMMAND N FAULT: sets is_bad.
try_point ()
{
    is_bad=0
    say_quietly before "$1" "$2"
    status=0
    timeout 60 "$inject" -n "$2" -f "$3" -o "$tmp/point.log" \
        "$hvctl" -c "$tmp/hvctl.conf" $(arguments "$1") \
        > "$tmp/point.out" 2>&1 || status=$?
    [ $status != 124 ] || bad "it took more than 60 seconds"
    [ $status != 139 ] || bad "it crashed"
    code=$status
    check_told "at once"
    check_settled
    check_effect "$1" $code
    check_no_effect "$1" $code
    check_no_half "$1" $code
    check_next "$1"
    if [ $is_bad != 0 ]; then
        echo "    $1 at call $2, fault $3, exit $code:" \
            "$(grep "^$2 " "$tmp/point.log")"
        sed 's/^/    said: /' "$tmp/point.out" | head -n 5
        sed 's/^/    next: /' "$tmp/point.said" | head -n 5
        clear_world
    fi
}
