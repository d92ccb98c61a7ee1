#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# list --columns and --sort, by UUID, MAC and IP address; find; names by UUID
# and MAC address.  What is not shown is not asked for.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null

# vm NAME ORDER LINE...
vm ()
{
    truncate -s 1M "$tmp/disks/$1-root.null"
    define "$1" <<END
memory = $3
hypervisor = null
start_order = $2
disk root { pool = null }
nic lan { network = null mac = "$4" }
$5
END
}
vm b 2 32M 52:54:00:00:00:0b 'description = "the shop: Bücher"
autostart = yes
labels { role = web site = "Berlin, 2" }
plugin null { mode = obey }'
vm a 10 16M 52:54:00:00:00:0a 'labels { role = db }'
vm c 2 1G 52:54:00:00:00:0c 'uuid = "8B18191A-3f5e-4c55-9d0a-0123456789ab"'

# ----------------------------------------------------------- golden: columns
# is EXPECTED OPTION...
is ()
{
    want=$1
    shift
    hv list "$@" > "$tmp/out" 2> "$tmp/err"
    printf '%s\n' "$want" | diff -u - "$tmp/out" || fail "list $*"
}
is 'NAME MEMORY CPUS
a    16M    1
b    32M    1
c    1G     1' -C name,memory,cpus
is 'LABELS                   NAME AUTOSTART START-ORDER
role=db                  a    no        10
role=web, site=Berlin, 2 b    yes       2
                         c    no        2' --columns=labels,name,autostart,start_order
is 'NAME DESCRIPTION
b    the shop: Bücher' -C name,description b
is 'NAME DISKS       MAC               STATE
a    null/a-root 52:54:00:00:00:0a stopped
b    null/b-root 52:54:00:00:00:0b stopped
c    null/c-root 52:54:00:00:00:0c stopped' -C name,disks,mac,state
is 'NAME UUID
c    8b18191a-3f5e-4c55-9d0a-0123456789ab' -C name,uuid -l role!=web -l role!=db

# -------------------------------------------------------------- golden: sort
is 'NAME MEMORY
a    16M
b    32M
c    1G' -C name,memory --sort memory
is 'NAME
c
b
a' -C name -s -memory
is 'NAME START-ORDER
c    2
b    2
a    10' -C name,start_order --sort start_order,-name
# Without a value they are the last ones, either way.
is 'NAME DESCRIPTION
b    the shop: Bücher
a
c' -C name,description --sort description
is 'NAME DESCRIPTION
b    the shop: Bücher
a
c' -C name,description --sort -description
[ "$(hv list --names --sort -name | tr '\n' ' ')" = "c b a " ] || fail "--names"
[ "$(hv list --names --all -s -memory,name | tr '\n' ' ')" = "c b a " ] \
    || fail "--names --sort"

hv list -o json -C name,labels,autostart,description,start_order,disks b \
    | tr -d '[:space:]' > "$tmp/json"
printf '%s' '{"items":[{"name":"b","labels":{"role":"web","site":"Berlin,2"},' \
    '"autostart":true,"description":"theshop:Bücher","start_order":2,' \
    '"disks":["null/b-root"]}],"errors":[]}' | diff - "$tmp/json" || fail "JSON"
expect '"labels": *{ *"role": *"db" *}' eval "hv list -o json a | tr '\n' ' '"
expect '"labels": *{ *"role": *"db" *}' eval \
    "hv status -o json a | tr '\n' ' ' || [ \$? = 6 ]"
hv status b > "$tmp/out" || [ $? = 6 ]
grep "description  the shop: Bücher" "$tmp/out"
grep "labels       role=web, site=Berlin, 2" "$tmp/out"
grep "autostart    yes, start_order 2" "$tmp/out"

# ------------------------------------------------------------------ mistakes
expect_fail 2 "no column 'nam': did you mean 'name'?" hv list -C nam
expect_fail 2 "no column 'zzzzzzzz': the columns are name, state, cpus" \
    hv list --sort zzzzzzzz
expect_fail 2 "no column ''" hv list -C ''
expect_fail 2 "no column ''" hv list -C name,,state
expect_fail 2 "no column ''" hv list -C name,
expect_fail 2 "no column ''" hv list --sort -
expect_fail 2 "no column '-name'" hv list -C -name
expect_fail 2 "'name' is given twice" hv list -C name,state,name
expect_fail 2 "'address' is given twice" hv list -C ip,address
expect_fail 2 "'name' is given twice" hv list --sort name,-name
for pair in "--names --wide" "--names -C name" "--wide -C name"; do
    # shellcheck disable=SC2086
    expect_fail 2 "exclude each other" hv list $pair
done

# ------------------------------------------- UUIDs and addresses: list, names
is 'NAME
c' -C name --uuid 8b18191a-3f5e-4C55-9d0a-0123456789ab
is 'NAME
b' -C name --mac 52:54:00:00:00:0B
is 'NAME
b' -C name --mac 52-54-00-00-00-0b a b
expect_fail 3 "no VM has the MAC address: 52:54:00:00:00:0d" \
    hv list --mac 52:54:00:00:00:0d
expect_fail 3 "none of the VMs named has" hv list --mac 52:54:00:00:00:0b a c
expect_fail 3 "matches all of these options" \
    hv list --mac 52:54:00:00:00:0b -l role=db
expect_fail 3 "no VM has the IP address" hv list --ip 192.0.2.1
expect_fail 2 "not a MAC address" hv list --mac 52:54
expect_fail 2 "not a UUID" hv list --uuid 8b18
expect_fail 2 "not an IP address" hv list --ip 192.0.2
expect_fail 3 "no VM has the IP address" hv list --ip fe80::1
expect_fail 2 "excludes" hv list --all --mac 52:54:00:00:00:0b

expect "^b is running" hv start 52:54:00:00:00:0b
expect "^c is running" hv start 8B18191A-3F5E-4C55-9D0A-0123456789AB
hv status -o json 52:54:00:00:00:0b 8b18191a-3f5e-4c55-9d0a-0123456789ab \
    > "$tmp/json"
[ "$(sed -n 's/^    "name": *"\(.*\)",/\1/p' "$tmp/json" | tr '\n' ' ')" = "b c " ] \
    || fail "$(cat "$tmp/json")"
expect "memory = 1G" hv show 8b18191a-3f5e-4c55-9d0a-0123456789ab
# One that runs without a definition has its UUID still.
mv "$tmp/vm.d/c.conf" "$tmp/c.conf"
expect "^c has shut down" hv stop 8b18191a-3f5e-4c55-9d0a-0123456789ab
mv "$tmp/c.conf" "$tmp/vm.d/c.conf"
hv kill b > "$tmp/out"
# None, several, and a VM of that very name.
expect_fail 3 "no VM has the UUID 8b18191a-3f5e-4c55-9d0a-0123456789ac" \
    hv show 8b18191a-3f5e-4c55-9d0a-0123456789ac
expect_fail 3 "no VM has the MAC address 52:54:00:00:00:0d" \
    hv start 52:54:00:00:00:0d
expect_fail 3 "there is no VM '8b18191a-3f5e-4c55-9d0a-0123456789ac'" \
    hv stop 8b18191a-3f5e-4c55-9d0a-0123456789ac
sed 's/0c"/0b"/' "$tmp/vm.d/c.conf" > "$tmp/vm.d/d.conf"
expect_fail 7 "2 VMs have the MAC address 52:54:00:00:00:0b: .*b, d" \
    hv kill 52:54:00:00:00:0b
expect_fail 7 "2 VMs have the UUID .*c, d" \
    hv start a 8b18191a-3f5e-4c55-9d0a-0123456789ab
[ -z "$(hv list --running --names)" ] || fail "a was started"
vm 8b18191a-3f5e-4c55-9d0a-0123456789ab 0 64M 52:54:00:00:00:0e ''
expect "memory = 64M" hv show 8b18191a-3f5e-4c55-9d0a-0123456789ab
rm "$tmp/vm.d/d.conf" "$tmp/vm.d/8b18191a-3f5e-4c55-9d0a-0123456789ab.conf"

# ---------------------------------------------------------------------- find
# finds WORD MATCH...: one a line, without blanks.
finds ()
{
    word=$1
    shift
    hv find "$word" > "$tmp/out"
    printf '%s\n' "$@" > "$tmp/want"
    sed '1d; s/  */ /g' "$tmp/out" | diff -u "$tmp/want" - || fail "find $word"
}
finds "THE SHOP" "b description the shop: Bücher"
finds berlin "b label site=Berlin, 2"
finds 8b18 "c uuid 8b18191a-3f5e-4c55-9d0a-0123456789ab"
finds 00:0A "a mac of nic lan 52:54:00:00:00:0a"
finds b-root "b disk root null/b-root"
cat > "$tmp/vm.d/e.conf" <<END
memory = 16M
kernel = /k
disk d { image = /srv/data.img format = raw }
nic n { network = user forward = "tcp:127.0.0.1:2222:22,udp:0.0.0.0:53:5353" }
END
finds 2222 "e forward of nic n tcp:127.0.0.1:2222:22"
finds 5353 "e forward of nic n udp:0.0.0.0:53:5353"
finds data. "e disk d /srv/data.img"
expect_fail 3 "'222' is in no name" hv find 222
expect_fail 3 "is in no name" hv find 0a
expect_fail 2 "usage" hv find
expect_fail 2 "usage" hv find ''
expect '"match": *"label"' hv find -o json role=web
sed -i 's/^memory.*/memory = lots/' "$tmp/vm.d/e.conf"
expect "e is invalid, so only its name was searched" hv find role=web
expect_fail 7 "e is passed over" hv list --mac 52:54:00:00:00:0a
rm "$tmp/vm.d/e.conf"

# ------------------------------------------------ what is not shown is not asked
hv start a b > "$tmp/out"
: > "$tmp/null.log"
hv list -C name,labels,memory,pid,uptime,mac > "$tmp/out"
! grep -q status "$tmp/null.log" || fail "hypervisors were asked"
# The address of a running VM, as the kernel knows it.
if [ "$(id -u)" = 0 ] && command -v ip > "$tmp/out" \
    && unshare -n true 2> "$tmp/err"; then
    cat > "$tmp/inside" <<END
set -e
ip link add d0 type bridge
ip addr add 192.0.2.1/24 dev d0
ip link set d0 up
ip neigh add 192.0.2.7 lladdr 52:54:00:00:00:0b dev d0
ip neigh add 192.0.2.8 lladdr 52:54:00:00:00:0c dev d0
"$HVCTL" -c "$tmp/hvctl.conf" list --ip 192.0.2.7 -C name,ip
! "$HVCTL" -c "$tmp/hvctl.conf" list --ip 192.0.2.8 2>&1
"$HVCTL" -c "$tmp/hvctl.conf" find 192.0.2.
END
    unshare -n sh "$tmp/inside" > "$tmp/out" || fail "$(cat "$tmp/out")"
    sed 's/  */ /g' "$tmp/out" | diff -u - /dev/fd/3 3<<END || fail "--ip"
NAME ADDRESS
b 192.0.2.7
hvctl: no VM has the IP address, as far as this host knows: 192.0.2.8
NAME MATCH VALUE
b address of nic lan 192.0.2.7
END
fi
hv list -C name,state > "$tmp/out"
grep -q "hypervisor.status" "$tmp/null.log" || fail "hypervisors were not asked"
hv kill a b > "$tmp/out"
assert_nothing_left
