#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The syntax file for vim has every key of the tables in its place; vim reads it
# without a complaint, and shows keys as keys and typing errors as errors.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_host < /dev/null
hv schema --vim > "$tmp/hvctl.vim"

"$abs_top_builddir/tests/kit/docs-keys" > "$tmp/keys"
[ "$(wc -l < "$tmp/keys")" -gt 30 ] || fail "where are the keys?"
while read -r section key rest; do
    case $section in
        network | pool) continue ;; # Plugins have others: any is a key.
        vm | host) line='^syn match hvctlKey ' ;;
        *) line="^syn match hvctlKey$section " ;;
    esac
    grep "$line" "$tmp/hvctl.vim" | grep -q "[(|]$key\\\\[|)]" \
        || fail "$section: no key '$key' ($rest)"
done < "$tmp/keys"
for section in disk nic plugin vars network pool image template defaults sandbox; do
    grep -q "^syn region hvctlSection_$section " "$tmp/hvctl.vim" \
        || fail "no section $section"
done

requires vim
mkdir -p "$tmp/vim/syntax" "$tmp/vim/ftdetect" "$tmp/hvctl/vm.d"
cp "$tmp/hvctl.vim" "$tmp/vim/syntax/hvctl.vim"
cp "$abs_top_srcdir/packaging/vim/ftdetect/hvctl.vim" "$tmp/vim/ftdetect/"
file=$tmp/hvctl/vm.d/vm1.conf
cat > "$file" <<'END_OF_FILE'
# memory = 1G
memory = 2G
memry = 2G
firmware = uefi
templates = { xs, "web" }
append = "a=b ${name} # c"
disk root {
    size = 10G
    readonly = yes
    sise = 10G
    network = lan
}
nic lan { network = dmz  queue = 2 }
cpus = 2
plugin qemu { anything = 2 }
vars { my.var = 2 }
END_OF_FILE
cat > "$file.template" <<'END_OF_FILE'
template xs {
    memory = 1G
    disk root { size = 1G  memory = 1G }
    cpus = 2
}
plugin_dir = { /a, /b }
END_OF_FILE

# group FILE LINE WORD: the group that vim shows the word's beginning as.
group ()
{
    HOME=$tmp vim -es -N -u NONE -i NONE \
        -c "set runtimepath^=$tmp/vim" -c 'filetype on' -c 'syntax on' \
        -c "edit $1" -c "${4:-echo}" -c "call cursor($2, 1)" \
        -c "call search('\\V$3', 'cW', $2)" \
        -c "call writefile([synIDattr(synID(line('.'), col('.'), 1), 'name'), &filetype, get(v:, 'errmsg', '')], '$tmp/group')" \
        -c 'qa!' < /dev/null > "$tmp/out" 2>&1 || :
    [ -s "$tmp/group" ] || fail "vim does not work: $(cat "$tmp/out")"
    sed -n 2p "$tmp/group" | grep -qx hvctl || fail "not of type hvctl"
    sed -n 1p "$tmp/group"
    rm "$tmp/group"
}

# shown LINE WORD GROUP
shown ()
{
    found=$(group "$file" "$1" "$2")
    [ "$found" = "$3" ] || fail "line $1: '$2' is shown as '$found', not '$3'"
}
HOME=$tmp vim --version | grep -q '+syntax' || skip "this vim has no syntax"
shown 1 memory hvctlComment
shown 2 memory hvctlKey
shown 2 2G hvctlNumber
shown 3 memry hvctlUnknown
shown 4 uefi hvctlWord
shown 5 '{' hvctlDelimiter
shown 5 '"web' hvctlString
shown 6 'a=b' hvctlString
shown 6 '${name' hvctlVariable
shown 6 '# c' hvctlString
shown 7 disk hvctlSection
shown 8 size hvctlKeydisk
shown 9 yes hvctlBoolean
shown 10 sise hvctlUnknown
shown 11 network hvctlUnknown
shown 13 network hvctlKeynic
shown 13 queue hvctlUnknown
shown 14 cpus hvctlKey
shown 15 anything hvctlAnyKey
shown 16 my.var hvctlAnyKey
mv "$file.template" "$tmp/hvctl/hvctl.conf"
file=$tmp/hvctl/hvctl.conf
shown 1 template hvctlSection
shown 2 memory hvctlKeytemplate
shown 3 size hvctlKeydisk
shown 3 memory hvctlUnknown
shown 4 cpus hvctlKeytemplate
shown 6 plugin_dir hvctlKey
