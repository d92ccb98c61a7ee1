#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever is looked up among known names, a mistyped one is answered with the
# nearest.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires qemu-img
requires_plugin storage-qcow2 net-user
make_host <<'END'
network office { type = user }
network guests { type = user }
template web { memory = 16M hypervisor = null }
template mail { memory = 16M hypervisor = null }
END
add_null
cat >> "$tmp/hvctl.conf" <<END
pool fast { type = qcow2 path = "$tmp/pool" }
pool null2 { type = null path = "$tmp/null" }
END
mkdir "$tmp/pool"
small="--memory 16M --hypervisor null"
hv create edge $small --disk root:pool=fast,size=1M --set nic.office.network=null \
    --set labels.role=web > "$tmp/out"
hv snapshot create edge before > "$tmp/out"
hv volume create fast/data 1M > "$tmp/out"
hv volume create fast/logs 1M > "$tmp/out"
hv volume snapshot fast/data@monday > "$tmp/out"
truncate -s 1M "$tmp/x.raw"
hv image import "$tmp/x.raw" --name debian --unverified > "$tmp/out"

# near WORD COMMAND...: that is what the message asks, once, and nothing is done.
near ()
{
    word=$1
    shift
    status=0
    hv "$@" > "$tmp/out" 2> "$tmp/err" < /dev/null || status=$?
    [ "$status" != 0 ] || fail "$*: succeeds"
    [ "$(cat "$tmp/out" "$tmp/err" | grep -c "did you mean '$word'")" = 1 ] \
        || fail "$*: no '$word' in: $(cat "$tmp/out" "$tmp/err")"
    [ "$(cat "$tmp/out" "$tmp/err" | grep -o "did you mean" | wc -l)" = 1 ] \
        || fail "$*: more than once: $(cat "$tmp/out" "$tmp/err")"
}

# VMs, wherever one is named.
for command in start stop kill pause resume restart status list show plan explain \
    validate diff apply rm edit console logs ip ssh save create-disks "snapshot list" \
    "sandbox show" "sandbox learn" "wait --for shutdown"; do
    near edge $command egde
done
near edge rename egde x
near edge clone egde x
near edge attach-nic egde x:network=null
near edge attach-disk egde x:size=1M
near edge detach-disk egde root
near edge resize --cpus 2 egde
near edge snapshot create egde x

# Their parts, snapshots, labels.
near root detach-disk edge rot
near office detach-nic edge ofice
near root snapshot create edge --disk rot x
near root resize --disk rot=2M edge
near before snapshot revert edge befor
near before snapshot delete edge befor
near before clone edge x --snapshot befor
near role list -l rol=web
near role=web list -l role=wep

# Volumes and their snapshots.
for pool in "volume list fas" "volume rm fas/data" "volume resize fas/data 2M" \
    "attach-disk edge x:pool=fas,size=1M" "create z $small --disk root:pool=fas,size=1M"; do
    near fast $pool
done
for command in rm promote snapshots; do
    near data volume $command fast/dat
done
near data volume resize fast/dat 2M
near data volume clone fast/dat fast/new
near data volume snapshot fast/dat@x
near data volume rm fast/dat@monday
near data volume send fast/dat@monday "$tmp/stream"
near monday volume send fast/data@munday "$tmp/stream"
near monday volume revert fast/data@munday
near monday volume rm --yes fast/data@munday
near monday volume clone fast/data@munday fast/new
near data attach-disk edge x:pool=fast,volume=dat
near data create z $small --disk x:pool=fast,volume=dat

# Images, networks, templates, plugins, keys, words, variables, documents.
for command in info rm verify; do
    near debian image $command debia
done
near debian create z $small --disk root:pool=fast,size=2M,image=debia
near office create z $small --nic lan:network=ofice
near office attach-nic edge x:network=ofice
near mail create z --template mial
near mail create z --set templates=mial
near storage-qcow2 plugin show storage-qcow
near null create z --memory 16M --hypervisor nul
near uefi create z $small --firmware uef
near memory create z $small --set memry=3M
near size create z $small --set disk.root.siz=3
near name create z $small --append 'x=${nam}'
near start strat
near list snapshot lst
near --memory create z --memry 16M
near definition schema definitio
near machina import --from machin x
near name list --columns nmae
near name list --sort nmae

# Nothing is near: no guess.
for name in completely-different x; do
    hv start $name 2> "$tmp/err" && fail "$name" || :
    ! grep -q "did you mean" "$tmp/err" || fail "$name: $(cat "$tmp/err")"
done
hv volume rm --yes fast/something-else 2> "$tmp/err" && fail "removed" || :
! grep -q "did you mean" "$tmp/err" || fail "$(cat "$tmp/err")"
[ "$(ls "$tmp/vm.d")" = edge.conf ] || fail "$(ls "$tmp/vm.d")"
[ "$(ls "$tmp/pool" | wc -l)" = 5 ] || fail "$(ls "$tmp/pool")"
