#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A template that is missing for the moment costs a VM neither a volume nor an
# interrupted change; what is said of the VM meanwhile is true.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host
add_null
mkdir "$tmp/conf.d" "$tmp/away"
cat > "$tmp/conf.d/t.conf" <<END
template t {
    memory = 16M
    hypervisor = null
    disk root {
        pool = null
        volume = shared-name
        size = 1M
    }
}
END
define vm1 <<END
templates = { t }
END
define_null other
truncate -s 1M "$tmp/disks/other-root.null"
hv create-disks vm1
disk=$tmp/disks/shared-name.null
[ -f "$disk" ] || fail "no disk"

lose () { mv "$tmp/conf.d/t.conf" "$tmp/away/t.conf"; }
find_again () { mv "$tmp/away/t.conf" "$tmp/conf.d/t.conf"; }

# The disk is the template's: nobody knows whose it is without that.
lose
why="cannot be determined whether vm1 has volume null/shared-name"
expect_fail '[1-9]' "$why.*vm1.conf:1: there is no template 't'" \
    hv volume rm --yes null/shared-name
define third <<END
memory = 16M
hypervisor = null
disk root { pool = null volume = shared-name size = 1M }
END
expect_fail '[1-9]' "$why" hv rm --yes --disks third
[ -f "$disk" ] && [ -f "$tmp/vm.d/third.conf" ] || fail "deleted"
rm "$tmp/vm.d/third.conf"

# Others are at fault, too: a broken section of a disk, text that is no
# definition.  What leaves the disks known keeps nobody from anything.
find_again
truncate -s 1M "$tmp/disks/free.null"
for text in 'disk root { pool = null volme = shared-name }' 'memory = {' \
    'disk root { pool = null volume = "${nope}" }' \
    'disk root { pool = "${nope}" volume = free }'; do
    define vm2 <<END
memory = 16M
$text
END
    expect_fail '[1-9]' "cannot be determined whether vm2 has volume" \
        hv volume rm --yes null/free
done
define vm2 <<END
memoy = 16M
disk root { pool = null volume = vm2-root }
END
truncate -s 1M "$tmp/disks/vm2-root.null"
hv volume rm --yes null/free
expect_fail '[1-9]' "is disk root of vm2" hv volume rm --yes null/vm2-root
rm "$tmp/vm.d/vm2.conf"

# A saved state is not told to be restored by a definition that has no meaning.
hv start vm1
hv save vm1
lose
! hv status vm1 > "$tmp/out" 2>&1 || fail "status of what is not valid"
grep -q "there is no template 't'" "$tmp/out" || fail "$(cat "$tmp/out")"
! grep "memory" "$tmp/out" || fail "status: the template may have it"
expect_fail '[1-9]' "$why" hv volume resize null/shared-name 2M
find_again
hv start vm1

# interrupted OPERATION COMMAND...: killed at it, met by the next command while
# the template is missing, and then completed or rolled back.
interrupted ()
{
    at=$1
    shift
    ! HVCTL_NULL_FAIL=$at:kill hv "$@" > "$tmp/out" 2>&1 \
        || fail "$*: was not killed"
    lose
    ! hv pause vm1 > "$tmp/out" 2>&1 || fail "$*: pause"
    grep -q "was interrupted.*there is no template 't'" "$tmp/out" \
        || fail "$*: $(cat "$tmp/out")"
    expect "defined" hv create "new-$at" --memory 16M
    find_again
    hv resume vm1 > "$tmp/out" 2>&1 || hv start vm1 >> "$tmp/out" 2>&1 \
        || fail "$*: $(cat "$tmp/out")"
    grep -q "which was interrupted, is now\|finish" "$tmp/out" \
        || fail "$*: forgotten: $(cat "$tmp/out")"
}

interrupted attach_disk attach-disk vm1 more:1M,pool=null
grep -q "disk more" "$tmp/vm.d/vm1.conf" || fail "its disk is gone"
[ -f "$tmp/disks/vm1-more.null" ] || fail "its volume is gone"
interrupted detach detach-disk vm1 more
interrupted hypervisor.resize resize vm1 --cpus 2
grep -q "^cpus = 2" "$tmp/vm.d/vm1.conf" || fail "resize is lost"
hv stop vm1
assert_nothing_left
