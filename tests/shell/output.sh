#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Everything that is printed goes one way: a write error is an error of every
# command; a terminal gets no control characters that a guest, a plugin or a
# file brought along; logs -f ends with its reader or its VM; a descriptor that
# is closed is not replaced by a file of ours.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2
requires qemu-img python3 script
make_host < /dev/null
add_null
define_null vm1
hv create vm2 --hypervisor null --disk root:1M > "$tmp/out"
hv snapshot create vm2 s1 > "$tmp/out"
hv start vm1 2> "$tmp/err"
mkdir -p "$tmp/log/vm1"
echo line > "$tmp/log/vm1/console.log"

# Every command that prints something.
while read -r arguments; do
    # shellcheck disable=SC2086
    hv $arguments > "$tmp/out" 2> "$tmp/err" || fail "$arguments: $(cat "$tmp/err")"
    [ -s "$tmp/out" ] || fail "$arguments prints nothing"
    # shellcheck disable=SC2086
    hv $arguments > /dev/full 2> "$tmp/err" && fail "$arguments > /dev/full: works"
    grep -q "write the output" "$tmp/err" || fail "$arguments: $(cat "$tmp/err")"
    # shellcheck disable=SC2086
    hv $arguments >&- 2> "$tmp/err" && fail "$arguments >&-: works"
    # shellcheck disable=SC2086
    hv $arguments 2>&- > "$tmp/out" || fail "$arguments 2>&-: fails"
    # shellcheck disable=SC2086
    hv $arguments <&- > "$tmp/out" || fail "$arguments <&-: fails"
done <<END
list
list --names
list -o json
status vm1
show vm1
show -o json vm1
validate vm1
logs vm1
logs -n 1 vm1
plan vm1
plan --command vm1
explain vm1
counters vm1
snapshot list vm2
plugin list
plugin show null
sandbox show vm1
volume list
volume list -o json
volume snapshots vm2-root
completion bash
completion zsh
completion fish
version
help
help create
help volume
--version
--help
END

# What a closed descriptor is replaced by, nothing is written to.
hv list >&- 2>&- <&- && fail "list without descriptors works"
hv show vm1 > "$tmp/out"
grep -q "hypervisor = null" "$tmp/out" || fail "the definition was written to"

# ------------------------------------------------------------ control characters
esc=$(printf '\033')
{
    printf 'a\033[2Jb\033]0;title\007 c\r\n'
    printf 'd\302\233 e \233 f\177 g\b h\r over\303\251\n'
    printf 'no end \342\202'
} > "$tmp/log/vm1/console.log"
cp "$tmp/log/vm1/console.log" "$tmp/log/vm1/hypervisor.log"
# at_terminal ARGUMENT...: what a terminal gets.
at_terminal ()
{
    script -qec "'$HVCTL' -c '$tmp/hvctl.conf' $*" /dev/null < /dev/null \
        > "$tmp/screen" || :
}
no_controls ()
{
    python3 - "$tmp/screen" "$*" <<'END' || fail "$*"
import sys
raw = open(sys.argv[1], 'rb').read().replace(b'\r\n', b'\n')
text = raw.decode('utf-8')  # Valid, or it fails here.
bad = [hex(ord(c)) for c in text
       if (ord(c) < 32 and c not in '\n\t') or 127 <= ord(c) < 160]
if bad:
    print('%s: a terminal gets %s in %r' % (sys.argv[2], bad, raw))
    sys.exit(1)
END
}
for options in "" --hypervisor "-n 2"; do
    at_terminal "logs $options vm1"
    no_controls "logs $options"
    # shellcheck disable=SC1003
    grep -qF 'd\x9b e \x9b f\x7f g\x08 h\x0d over' "$tmp/screen" \
        || fail "logs $options: $(cat "$tmp/screen")"
done
grep -q 'no end \\xe2\\x82' "$tmp/screen" || fail "the end is lost"
# A pipe gets what there is.
hv logs vm1 | cmp - "$tmp/log/vm1/console.log" || fail "a pipe gets something else"

# A plugin's message, a file's name, a setting: on the screen, all of them.
cat >> "$tmp/hvctl.conf" <<END
pool "odd" { type = qcow2 path = "$tmp/odd" }
END
mkdir "$tmp/odd"
touch "$tmp/odd/a${esc}b.qcow2"
define odd <<END
memory = 16M
hypervisor = null
cpu = "x${esc}[31my"
disk root { pool = odd size = 1M }
disk image { image = "$tmp/no${esc}such" format = raw }
wro${esc}ng = 1
END
define odd2 <<END
memory = 16M
hypervisor = null
append = "x${esc}[31my"
kernel = "$tmp/ker${esc}nel"
disk root { pool = odd size = 1M }
disk image { image = "$tmp/no${esc}such" format = raw }
END
for arguments in "validate" "show odd" "show odd2" "plan odd2" "start odd2" \
    "explain odd2" "volume list" "list" "status odd2" "show -o json odd2" \
    "volume create odd/x y" "create-disks odd2" "frob${esc}" \
    "list --fr${esc}b" "status 'a${esc}'" "list 'a${esc}*'" \
    "volume rm 'a${esc}'" "create 'a${esc}'" \
    "create v9 --disk 'root:image=/no${esc}such'"; do
    at_terminal "$arguments"
    no_controls "$arguments"
    [ -s "$tmp/screen" ] || fail "$arguments shows nothing"
done

# ------------------------------------------------------------------- logs -f
# Its reader goes: it ends, though nothing comes.
( status=0
  timeout 10 "$HVCTL" -c "$tmp/hvctl.conf" logs -f vm1 2> "$tmp/err" \
      || status=$?
  echo $status > "$tmp/rc" ) | head -n 1 > "$tmp/out"
[ "$(cat "$tmp/rc")" != 124 ] || fail "logs -f | head does not end"
[ "$(cat "$tmp/rc")" != 0 ] || fail "logs -f | head is a success"
# Its VM ends: it has all of it, and ends, too.
timeout 20 "$HVCTL" -c "$tmp/hvctl.conf" logs -f vm1 > "$tmp/followed" &
follower=$!
wait_for 10 grep -q over "$tmp/followed"
echo "the last line" >> "$tmp/log/vm1/console.log"
hv kill vm1 > "$tmp/out"
wait $follower || fail "logs -f: exit status $?"
grep -q "the last line" "$tmp/followed" || fail "the last line is lost"

# How it ended shows, and who ended it.
expect "killed by hvctl" hv list
hv status vm1 > "$tmp/out" || :
grep -q "killed by hvctl" "$tmp/out" || fail "status: $(cat "$tmp/out")"
hv start vm1 2> "$tmp/err"
kill -9 "$(pid_of vm1)"
wait_for 10 is_released vm1
expect "killed by signal 9" hv list
assert_nothing_left
