#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The hypervisor is killed at every system call of its start, as soon as it is
# there: the start says so or has succeeded, and in the end the VM is stopped and
# nothing is left, without another command.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_inject
make_host
add_null
define_null k

# What is run at the point: 0.1 s is enough for the supervisor to have seen it.
cat > "$tmp/end" <<END
for exe in /proc/[0-9]*/exe; do
    dir=\${exe%/exe}
    case \$(readlink "\$exe" "\$dir/fd/2") in
        */null-hypervisor*"$tmp"/*) ;;
        *) continue ;;
    esac
    kill -KILL "\${dir#/proc/}" && echo "\${dir#/proc/}" > "$tmp/ended"
done
[ ! -e "$tmp/ended" ] || sleep 0.1
END

# started [OPTION...]
started ()
{
    "$inject" "$@" -o "$tmp/calls" "$hvctl" \
        -c "$tmp/hvctl.conf" start k > "$tmp/out" 2> "$tmp/err"
}

started || fail "without any fault: $(cat "$tmp/err")"
hv kill k
calls=$(sed -n 's/^count //p' "$tmp/calls") tried=0 well=0 early=0
# From the last one back, until it is not there yet.
for n in $(seq "$calls" -1 1); do
    [ $early -lt 3 ] || break
    rm -f "$tmp/ended"
    status=0
    started -n "$n" -f "=sh $tmp/end" || status=$?
    if [ ! -e "$tmp/ended" ]; then
        [ $status = 0 ] || fail "call $n: $(cat "$tmp/err")"
        hv kill k > "$tmp/out"
        # Not every start makes as many calls.
        ! grep -q "^injected" "$tmp/calls" || early=$((early + 1))
        continue
    fi
    tried=$((tried + 1))
    [ $status != 0 ] || well=$((well + 1))
    wait_for 5 is_released k
    expect "^k *stopped" hv list k
    assert_nothing_left
done
echo "of $calls calls $tried had a hypervisor; after $well the start went well"
[ $tried -gt 5 ] && [ $well -gt 0 ] || fail "no point was hit"
