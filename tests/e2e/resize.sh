#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Processors and memory come and go while a Linux guest runs, and it has them;
# what cannot be done at once is said, and is so at the next start.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_linux
make_host
define_linux vm1 <<'END'
plugin qemu { max_cpus = 3  max_memory = 512M }
END
hv start vm1
assert_same vm1
wait_console vm1 "hvctl-guest: ready"

# Stores in 'kib' what the guest has beside its kernel, which takes more with
# each of its versions.
look_at_memory ()
{
    guest vm1 look
    kib=$(sed -n 's/.*hvctl-guest: memory \([0-9]*\) KiB.*/\1/p' \
        "$(console_log vm1)" | tail -n 1)
}

# has_gained LOW HIGH: since it started, in MiB.
has_gained ()
{
    look_at_memory
    [ $((kib - first)) -ge $(($1 * 1024)) ] \
        && [ $((kib - first)) -le $(($2 * 1024)) ]
}

# Since 6.9, Linux has room for processors that are plugged in only where it
# knows its hypervisor, which under TCG it does not: then the machine has them,
# one thread for each, and the guest does not.
cpus_are ()
{
    guest vm1 look
    if grep -aq "hvctl-guest: possible cpus 0-" "$(console_log vm1)"; then
        [ "$(sed -n 's/.*hvctl-guest: cpus \([0-9]*\).*/\1/p' \
            "$(console_log vm1)" | tail -n 1)" = "$1" ]
    else
        [ "$(cat "/proc/$(pid_of vm1)/task/"*/comm | grep -c '^CPU ')" = "$1" ]
    fi
}

look_at_memory
first=$kib
[ "$first" -le $((256 * 1024)) ] || fail "it starts with $kib KiB"
expect "the running guest has been told" hv resize vm1 --memory 384M
assert_same vm1
wait_for 20 has_gained 110 128
grep -q "memory = 384M" "$tmp/vm.d/vm1.conf"
expect "the running guest has been told" hv resize vm1 --memory 256M --cpus 3
assert_same vm1
wait_for 20 has_gained 0 8
wait_for 20 cpus_are 3
hv status vm1 | grep -q "cpus *3" || fail "status says $(hv status vm1)"
expect "the running guest has it" hv resize vm1 --cpus 2
assert_same vm1
wait_for 20 cpus_are 2

# Less than it was started with is for the next start, which could not be with
# more than there is room for.
expect_fail '[1-9]*' "max_memory = 512M must be memory = 1G plus" \
    hv resize vm1 --memory 1G
expect_fail '[1-9]*' "max_cpus = 3 must be at least cpus = 4" \
    hv resize vm1 --cpus 4
cp "$tmp/vm.d/vm1.conf" "$tmp/before"
sed -i 's/max_cpus = 3/max_cpus = 4/' "$tmp/vm.d/vm1.conf"
hv resize vm1 --cpus 4 > "$tmp/out" 2> "$tmp/err"
grep -q "next start" "$tmp/out"
grep -q "at most 3 vCPUs: set 'max_cpus'" "$tmp/err"
cp "$tmp/before" "$tmp/vm.d/vm1.conf"
hv resize vm1 --memory 128M > "$tmp/out" 2> "$tmp/err"
grep -q "started with 256M of memory, and cannot have less" \
    "$tmp/err"
cpus_are 2 || fail "a resize that was refused has changed something"
expect "has shut down" hv stop vm1
assert_nothing_left

# Limits that cannot be are refused before anything is taken.
define_linux vm2 <<'END'
cpus = 4
plugin qemu { max_cpus = 3 }
END
expect_fail '[1-9]*' "max_cpus = 3 must be at least cpus = 4" hv start vm2
define_linux vm2 <<'END'
machine = microvm
plugin qemu { max_cpus = 3 }
END
expect_fail '[1-9]*' "are for machines q35 and pc" hv start vm2
assert_nothing_left
