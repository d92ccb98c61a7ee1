#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# status: which NICs the running guest has, and which it gets, or gives back,
# only at its next start.  e2e/status-disks.sh has the disks.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires python3
make_host < /dev/null
add_null

# unmarked: status tells of nothing that waits.
unmarked ()
{
    hv status vm1 > "$tmp/out" || :
    ! grep -q "nic.*\(next start\|until\)" "$tmp/out" || fail "$(cat "$tmp/out")"
}

# attached NAME=True...: what JSON has, in this order.
attached ()
{
    hv -o json status vm1 > "$tmp/json" || :
    python3 - "$tmp/json" "$*" <<'END'
import json, sys
nics = json.load(open(sys.argv[1]))[0]['nics']
found = ' '.join('%s=%s' % (n['name'], n['attached']) for n in nics)
assert found == sys.argv[2], found
END
}

define_null vm1
unmarked
attached lan=None
hv start vm1
unmarked
attached lan=True

# Those of a running guest come and go.
hv attach-nic vm1 now:null
attached lan=True now=True
hv detach-nic vm1 now
attached lan=True
hv attach-nic vm1 now:null
hv detach-nic vm1 lan
unmarked
attached now=True
HVCTL_NULL_FAIL=attach_nic
export HVCTL_NULL_FAIL
expect_fail '[1-9]*' "" hv attach-nic vm1 broken:null
unset HVCTL_NULL_FAIL
printf 'nic broken { network = null }\n' >> "$tmp/vm.d/vm1.conf"
attached now=True broken=False

# A hypervisor that cannot do it leaves them for the next start.
HVCTL_NULL_WITHOUT="attach_nic detach_nic"
export HVCTL_NULL_WITHOUT
hv attach-nic vm1 later:null
hv detach-nic vm1 now
unset HVCTL_NULL_WITHOUT
expect "nic later *network null, [0-9a-f:]*, from the next start on$" \
    hv status vm1
expect "nic now *not in the definition: the guest keeps it until it stops$" \
    hv status vm1
attached broken=False later=False now=True

# A guest that has been started again has what is defined.
hv restart vm1 -t 0
unmarked
attached broken=True later=True
hv stop vm1
attached broken=None later=None
assert_nothing_left
