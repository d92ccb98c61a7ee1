#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A definition that a command rewrites keeps its mode, owner, group and extended
# attributes, and is changed where a symbolic link leads; whatever command it is.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
requires_plugin storage-qcow2
requires qemu-img python3
make_host < /dev/null
add_null
hv create vm1 --hypervisor null --memory 64M --disk root:1M > "$tmp/out"
file=$tmp/vm.d/vm1.conf
owner=$(id -u):$(id -g)
# Root takes definitions of root alone.
[ "$(id -u)" != 0 ] || owner=0:54321

has_xattr=yes
python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.hvctl", b"kept")' \
    "$file" 2> "$tmp/err" || has_xattr=

# look WHAT FILE: it has all that it had.
look ()
{
    [ "$(stat -c %a "$2")" = "$mode" ] \
        || fail "$1: mode $mode is $(stat -c %a "$2")"
    [ "$(stat -c %u:%g "$2")" = "$owner" ] \
        || fail "$1: owner $owner is $(stat -c %u:%g "$2")"
    [ -z "$has_xattr" ] || python3 -c '
import os, sys
assert os.getxattr(sys.argv[1], "user.hvctl") == b"kept"' "$2" \
        || fail "$1: the attribute is lost"
}

# each_command FILE MODES: all that rewrite a definition, with what it has then.
each_command ()
{
    target=$1
    for mode in $2; do
        for command in "edit vm1" "resize vm1 -m" "resize vm1 --cpus 2" \
            "resize vm1 --disk root=2M" "attach-nic vm1 n:null" \
            "detach-nic vm1 n" "attach-disk vm1 d:1M" "detach-disk vm1 d"; do
            chown "$owner" "$target"
            chmod $mode "$target"
            before=$(cksum < "$target")
            case $command in
                *"--disk root=2M") command="resize vm1 --disk root=${size}M" ;;
                *"-m") command="resize vm1 -m $((size + 1))M" ;;
                *"--cpus 2") command="resize vm1 --cpus $((size + 1))" ;;
            esac
            size=$((size + 1))
            # shellcheck disable=SC2086
            EDITOR="sed -i s/^memory.*/memory=${size}M/" \
                hv $command > "$tmp/out" 2> "$tmp/err" || {
                cat "$tmp/err"
                fail "$command"
            }
            [ "$(cksum < "$target")" != "$before" ] \
                || fail "$command: $target is as it was"
            look "$command" "$target"
            [ -z "$(find "$tmp" -name '.*vm1*')" ] \
                || fail "$command left $(find "$tmp" -name '.*vm1*')"
        done
        hv volume rm --yes vm1-d > "$tmp/out"
    done
}

size=65
each_command "$file" "600 640"

# A link into a repository, and one more on the way.
mkdir "$tmp/repo" "$tmp/repo/real"
mv "$file" "$tmp/repo/real/web.conf"
ln -s real/web.conf "$tmp/repo/vm1.conf"
ln -s ../repo/vm1.conf "$file"
each_command "$tmp/repo/real/web.conf" 600
[ -L "$file" ] && [ -L "$tmp/repo/vm1.conf" ] || fail "a link was replaced"
[ "$(readlink "$file")" = ../repo/vm1.conf ] || fail "a link was changed"

# What is written beside a private definition is private, too.
chmod 600 "$tmp/repo/real/web.conf"
cat > "$tmp/editor" <<'END'
#!/bin/sh
stat -c %a "$1" > "$SEEN"
END
chmod 755 "$tmp/editor"
SEEN=$tmp/seen EDITOR=$tmp/editor hv edit vm1 > "$tmp/out"
[ "$(cat "$tmp/seen")" = 600 ] || fail "what is edited has mode $(cat "$tmp/seen")"

# What is not valid is told once, as the definition's, and nothing is left.
EDITOR="sed -i s/^memory.*/memry=1/" expect_fail 7 "not saved" hv edit vm1 \
    < /dev/null
! grep -q "\.edit\." "$tmp/err" || fail "a temporary file's name is told"
[ "$(grep -c memry "$tmp/err")" -eq 1 ] || fail "it is told twice"
[ -z "$(find "$tmp" -name '.*vm1*')" ] || fail "left: $(find "$tmp" -name '.*vm1*')"
