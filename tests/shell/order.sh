#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The order of calls is the one that plugin.h draws, up and down.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
define_null vm1

hv start vm1
hv stop vm1
assert_nothing_left

# What looks at things may do so more than once; what changes them may not.
grep -v -e '^plugin\.' -e locate -e capabilities -e status "$tmp/null.log" \
    | uniq > "$tmp/order"
diff - "$tmp/order" <<EOF
storage.chain vm1-root
network.check vm1-lan
hypervisor.probe $(uname -m)
hypervisor.check vm1
firmware.find null
hypervisor.describe vm1
storage.activate vm1-root
network.attach vm1-lan
hypervisor.ready vm1
network.ready vm1-lan
hypervisor.go vm1
hypervisor.powerdown vm1
network.detach vm1-lan
storage.deactivate vm1-root
EOF

# The second time there is nothing to probe.
: > "$tmp/null.log"
hv start vm1
! grep probe "$tmp/null.log" || fail "probed again"
hv stop vm1
