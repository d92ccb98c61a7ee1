#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The structure of the sources: dependencies point one way, each thing is done
# in one place, and files and functions are short enough to be read.
. "${abs_top_builddir:-.}/tests/kit/functions.sh"
make_tempdir
cd "$abs_top_srcdir"

find core cli common import plugins supervisor include -name '*.[ch]' | sort \
    > "$tmp/files"
[ "$(wc -l < "$tmp/files")" -gt 80 ] || fail "where are the sources?"

# Without comments, strings and character constants: "FILE:LINE: CODE".
cat > "$tmp/code.awk" <<'END'
FNR == 1 { inside = 0 }
{
    code = ""
    line = $0
    while (line != "") {
        if (inside) {
            at = index (line, "*/")
            if (!at) { line = ""; continue }
            line = substr (line, at + 2); inside = 0; continue
        }
        c = substr (line, 1, 1)
        if (substr (line, 1, 2) == "/*") {
            inside = 1; line = substr (line, 3)
        } else if ((c == "\"" || c == "'") && code !~ /^ *# *include/) {
            line = substr (line, 2)
            while (line != "" && substr (line, 1, 1) != c) {
                line = substr (line, substr (line, 1, 1) == "\\" ? 3 : 2)
            }
            line = substr (line, 2); code = code c c
        } else {
            code = code c; line = substr (line, 2)
        }
    }
    if (code !~ /^ *$/) { print FILENAME ":" FNR ": " code }
}
END
xargs awk -f "$tmp/code.awk" < "$tmp/files" > "$tmp/code"
[ "$(wc -l < "$tmp/code")" -gt 5000 ] || fail "where is the code?"

bad=0
# only WHERE PATTERN WHAT: the pattern is found in the files of WHERE (an
# extended regular expression of their names), and nowhere else.
only ()
{
    grep -E -e "^[^:]*:[0-9]*:.*($2)" "$tmp/code" > "$tmp/found" || :
    if grep -vE "^($1):" "$tmp/found"; then
        echo "  ^ $3 belongs into $1"
        bad=1
    fi
    # A rule that nothing can break any more is no rule, nor is an exception
    # that nothing needs.
    grep -E "^($1)$" "$tmp/files" > "$tmp/where" || :
    [ -s "$tmp/where" ] || {
        echo "$3: there is no file $1; adapt $0"
        bad=1
    }
    while read -r file; do
        grep -q "^$file:" "$tmp/found" || {
            echo "$3: '$2' is not in $file; adapt $0"
            bad=1
        }
    done < "$tmp/where"
}

# never WHERE PATTERN WHAT
never ()
{
    if grep -E -e "^($1)[^:]*:[0-9]*:.*($2)" "$tmp/code"; then
        echo "  ^ $3"
        bad=1
    fi
}

include='# *include *[<"]'

# Dependencies point one way.
never "core/" "$include(cli|plugins|supervisor|tests)/" \
    "the core knows nothing of who uses it"
never "import/" "$include(cli|plugins|supervisor|tests)/" \
    "importing knows the core only; commands are above it"
never "(core|common)/" "${include}import/" "importing is above the core"
never "import/read" "${include}core/(config|provider|state|plan|machine|process|sandbox)/" \
    "what reads files from elsewhere needs no more than core/base/"
never "cli/" "$include(plugins|supervisor|tests)/" \
    "the commands know plugins through the core only"
never "common/" "$include(core|cli|plugins|supervisor|tests|hvctl)/" \
    "common/ is below everything: what needs a plugin's context is in plugins/common/"
never "plugins/" "$include(core|cli|supervisor|tests)/" \
    "a plugin knows include/, common/ and plugins/common/ only"
never "include/" "$include[a-z]*/" "the header needs nothing of ours"
# What the supervisor shares with the core needs no more than it: libc.
never "supervisor/" "$include(core|cli|plugins|tests|hvctl)/" \
    "the supervisor needs libc only"
if grep -E "^supervisor/[^:]*:[0-9]*: *${include}common/" "$tmp/code" \
    | grep -v '"common/asked\.h"'; then
    echo "  ^ of common/, the supervisor shares asked.h"
    bad=1
fi
never "common/asked\\." "$include(common/[^a]|hvctl|json)" \
    "the supervisor needs libc only"
for dir in plugins/*/; do
    dir=${dir%/}
    if grep -E "^$dir/[^:]*:[0-9]*: *${include}plugins/" "$tmp/code" \
        | grep -v -e "\"$dir/" -e '"plugins/common/'; then
        echo "  ^ a plugin knows no other one"
        bad=1
    fi
done

# The rooms of core/, from the ground up: none needs a higher one.  hvctl.c opens
# and closes all of them; a trial opens a host of its own.
rooms='base sandbox process config provider state plan machine hvctl learn'
grep '^core/' "$tmp/code" > "$tmp/core"
awk -v rooms="$rooms" -v most=4 -f tests/kit/rooms.awk "$tmp/core" "$tmp/core" \
    > "$tmp/rooms"
cat "$tmp/rooms"
grep -q '^[12][0-9][0-9] files, [0-9]*[0-9][0-9][0-9] arrows' "$tmp/rooms" \
    || fail "where are the arrows?"
if grep -q '^  ^' "$tmp/rooms"; then
    bad=1
fi

# The picture of the rooms is in two places for its readers, and is one.
for file in HACKING.md doc/architecture.md; do
    awk '/^```/ { if (++n > 1) exit; next } n == 1' $file > "$tmp/$(basename $file)"
done
grep -q '| base ' "$tmp/HACKING.md" || fail "where is the picture of the rooms?"
cmp "$tmp/HACKING.md" "$tmp/architecture.md" \
    || fail "HACKING.md and doc/architecture.md have different pictures"

# A header has the file whose functions it declares beside it, of the same name;
# these are tables of data.
tables='core/learn/trial-boot.h core/sandbox/families.h
    core/sandbox/groups-ch.h core/sandbox/groups-fetch.h
    core/sandbox/groups-kvm.h core/sandbox/groups-passt.h'
for header in core/*.h core/*/*.h; do
    case " $(echo $tables) " in
        *" $header "*) [ ! -e "${header%.h}.c" ] || fail "$header has code" ;;
        *) [ -e "${header%.h}.c" ] || {
            echo "$header: there is no ${header%.h}.c"
            bad=1
        } ;;
    esac
done

# No two files have one name, X.c or X.h, and mean different things.  What has one
# name has one subject, in the parts of the tree that are listed here.
cat > "$tmp/shared" <<'END'
change cli core/machine: the commands, and what they do
check plugins/cloud-hypervisor plugins/qemu: each hypervisor's check()
clone core/machine plugins/storage-zfs: clones of VMs, and of their volumes
console cli supervisor: a guest's console, and its two ends
control plugins/cloud-hypervisor plugins/qemu: each hypervisor's go(), pause(), quit()
create cli plugins/storage-zfs: what is new, a VM or its volume
doctor cli core/learn: the command, and what it does
facts common core/provider: what a probe has found out, and the names of it
firmware core/provider plugins/cloud-hypervisor: firmware, and what one hypervisor takes for it
forward common core/machine: a NIC's 'forward', read and checked
hotplug core/machine plugins/cloud-hypervisor plugins/qemu: what is plugged in, and how each hypervisor does it
hvctl cli core: the program, and a command that it begins and ends
import cli plugins/storage-zfs: files of other tools, and images from elsewhere
hypervisor common core/provider: what is asked of every hypervisor's plugin, and what these have in common
image-import cli core/machine: the command, and what it does
image plugins/storage-qcow2 plugins/storage-zfs: how each storage makes images
learn cli core/learn: the command, and what it does
logs cli supervisor: hvctl's logs, shown and kept short
plan cli core/plan: the commands, and what they show
program common core/process: programs beside the hypervisor, named in hvctl.conf and run
remove cli core/machine: the command, and what it does
rename cli core/machine: the command, and what it does
resize cli plugins/cloud-hypervisor plugins/qemu: the command, and how each hypervisor does it
save core/machine plugins/cloud-hypervisor plugins/qemu: a saved state, and how each hypervisor writes it
snapshot cli core/machine plugins/storage-qcow2 plugins/storage-zfs: the commands, what they do, and how each storage does it
start cli core/machine: the commands, and what they do
status cli core/machine: the command, and what it shows
stream cli plugins/storage-qcow2 plugins/storage-zfs: volumes that are sent and received, and how each storage does it
support core/provider plugins/cloud-hypervisor plugins/qemu: the keys that hvctl, and each hypervisor, honours
sweep core/machine plugins/net-ovs: what gone VMs left, and how one network finds it
volume cli common plugins/storage-zfs: volumes: the commands, what storages have in common, and ZFS's own
END
grep -E '^(core|cli|common|import|plugins|supervisor)/' "$tmp/files" \
    | sed -E 's#^plugins/(common/)#\1#; s#\.[ch]$##' | sort -u \
    | awk '{ name = where = $0; sub (/.*\//, "", name); sub (/\/[^\/]*$/, "", where)
             n[name]++; at[name] = at[name] " " where }
           END { for (name in n) if (n[name] > 1) print name at[name] }' \
    | sort > "$tmp/found"
sed 's/:.*//' "$tmp/shared" | sort > "$tmp/where"
if ! diff "$tmp/where" "$tmp/found" > "$tmp/differ"; then
    cat "$tmp/differ"
    echo "  ^ >: files of one name; <: they have it no longer"
    bad=1
fi

# What a file offers is declared in its own header, and begins with the name of
# the file, or the first words of it.  Except:
cat > "$tmp/names" <<'END'
core/base/clock.c now_ms it is everywhere, and says all
core/base/context.c hvctl_(warn|debug) to say something is no matter of a context
core/base/error.c v?fail(_[a-z]+)? the verb of half of all lines
core/base/error.c exit_code_of it reads so: exit_code_of (err)
core/base/error.c or_exit it reads so: or_exit (malloc (n))
core/base/error.c x(alloc|realloc|strdup|format) as they are called elsewhere
core/base/output.c out(_[a-z]+)? as short as printf
core/base/output.c err_(out|lines|bytes|at_once) the same for standard error
core/provider/guard.c _?_?[eE]xit|(pthread_)?sig(proc)?mask|alarm|guard_setitimer|umask they take the place of those of the C library
END
[ "$(wc -l < "$tmp/names")" -le 10 ] || fail "there are too many exceptions"
awk '
    FNR == 1 { files++ }
    { at = index ($0, ":"); file = substr ($0, 1, at - 1)
      code = substr ($0, at + 1); code = substr (code, index (code, ":") + 2) }
    file != last { last = file; before = "" }
    file ~ /\.c$/ && match (code, /^[A-Za-z_][A-Za-z_0-9]* \(/) \
        && before !~ /^static/ && before !~ /;/ {
        print file, substr (code, 1, RLENGTH - 2)
    }
    { before = code }' "$tmp/core" | sort > "$tmp/offered"
[ "$(wc -l < "$tmp/offered")" -gt 300 ] || fail "where are the functions?"
while read -r file name why; do
    grep -qE "^$file ($name)\$" "$tmp/offered" || fail "$file has no $name, of which is said: $why"
    grep -vE "^$file ($name)\$" "$tmp/offered" > "$tmp/left" || :
    mv "$tmp/left" "$tmp/offered"
done < "$tmp/names"
while read -r file name; do
    word=$(basename "$file" .c | tr - _)
    while :; do
        case $name in "$word" | "${word}_"*) break ;; esac
        case $word in *_*) word=${word%_*} ;; *) word=; break ;; esac
    done
    [ -n "$word" ] || {
        echo "$file: $name() does not begin with its name"
        bad=1
    }
    grep -qE "^${file%.c}.h:[0-9]*:.*(^|[^a-z_0-9])$name( \(|[,;]|$)" \
        "$tmp/core" || {
        echo "$file: $name() is not declared in ${file%.c}.h"
        bad=1
    }
done < "$tmp/offered"

# One place each.
only core/config/config.c "${include}confuse\\.h" "libconfuse"
only core/provider/loader.c "${include}ltdl\\.h" "libltdl"
only 'core/(base/digest|provider/loader|machine/scope)\.c' 'dlopen \(' "dlopen()"
only 'core/(base/digest|provider/(guard|loader)|machine/scope)\.c' "${include}dlfcn\\.h" "the dynamic linker"
only core/machine/scope.c "${include}systemd/" "libsystemd"
only 'import/fetch(\.c|-(body|judge)\.h)' "${include}curl/" "libcurl"
only import/unpack.c "${include}archive(_entry)?\\.h" "libarchive"
only import/read-xml.c "${include}libxml/" "libxml2"
only import/read-yaml.c "${include}yaml\\.h" "libyaml"
# A value may be a template's: its line is not one of its section's file.
only 'core/config/settings\.[ch]|core/plan/(requirements|sections)\.c' \
    'settings_line \(' "a line without its file: settings_where(), settings_problem()"
only 'plugins/common/netlink.c' "${include}netlink/" "libnl"
only '(common/pass|supervisor/attend)\.c' 'SCM_RIGHTS' \
    "passing descriptors through a socket"
only 'core/sandbox/(families\.h|(filter|filter-head|violation)\.c)' \
    "${include}seccomp\\.h" "libseccomp"
only core/base/digest.c "${include}gcrypt\\.h" "libgcrypt"

# Processes: spawn.h and its files; the supervisor has a life of its own.
spawning='core/(process/(become|branch|spawn|program|supervise|editor)|sandbox/jail-plan)\.c'
only "$spawning|supervisor/(supervisor|seal)\\.c" \
    '(^|[^a-z_>.])(v?fork|clone3?|posix_spawnp?|exec[lv]p?e?|fexecve|execveat) \(|(^|[^= ]|[^=] )SYS_(clone|execve)' \
    "starting processes"
never "(core|cli|common|plugins|supervisor)/" \
    '(^|[^a-z_>.])(system|popen|wordexp) \(' "there is no shell"

# What is printed goes through core/base/output.c, which knows what a terminal must
# not get and when the output is lost.  Beside it, a terminal session, a bar that
# is drawn on a terminal, and a stream that no terminal gets.
only 'core/base/output\.c|core/process/branch\.c|cli/(console|live|progress|stream)\.c' \
    '(^|[^a-zA-Z_])(stdout|stderr|STDOUT_FILENO|STDERR_FILENO)($|[^a-zA-Z_])|(write|printf) \([12],' \
    "standard output and standard error"
never "(core|cli|common|plugins|supervisor|include)/" \
    '(^|[^a-zA-Z_>.])(v?printf|puts|putchar|putchar_unlocked|perror|psignal|psiginfo|v?warnx?|v?errx?|error) \(' \
    "printing is out(), err_out() and out_json()"

# Operations of providers: loader.c copies the tables, and the file of each
# kind calls them.
# What is data in them (size, keys, type, format, support, state_files) is for all to read.
operation='(->|\.)(hypervisor|network|storage|firmware)\.([a-z_]+)'
grep -E "$operation" "$tmp/code" | grep -E '^(core|cli)/' \
    | grep -vE '^core/provider/(hypervisor|network|storage|firmware|loader)\.c:' > "$tmp/found" || :
if sed -E "s/(->|\\.)(hypervisor|network|storage|firmware)\\.(size|keys|type|format|support|state_files)//g" \
    "$tmp/found" | grep -E "$operation"; then
    echo "  ^ only the file of their kind in core/provider/ touches operations"
    bad=1
fi
only 'core/provider/(hypervisor|network|storage|firmware|provider|provider-call)\.c' \
    "${include}core/provider/provider-call\\.h" "the frame of an operation"
for kind in hypervisor network storage firmware; do
    grep -qE "^core/provider/$kind.c:.*$operation" "$tmp/code" \
        || fail "$kind.c calls nothing; adapt $0"
done
only 'core/provider/(hypervisor|network|storage|firmware)\.c' 'hv_(hypervisor|network|storage|firmware)\.[a-z]+ \(|p->(hypervisor|network|storage|firmware)\.[a-z_]+ \(' \
    "calling operations"

# Files are under 500 lines.  The header is one, for those who read it alone.
long_files='include/hvctl/plugin.h'
while read -r file; do
    lines=$(wc -l < "$file")
    case " $long_files " in
        *" $file "*)
            [ "$lines" -ge 500 ] || {
                echo "$file has $lines lines only: take it out of long_files"
                bad=1
            } ;;
        *)
            [ "$lines" -lt 500 ] || {
                echo "$file has $lines lines: 499 are allowed"
                bad=1
            } ;;
    esac
done < "$tmp/files"

# Functions are under 60 lines, from their name to their brace.
while read -r file; do
    awk -v file="$file" '
        /^[A-Za-z_][A-Za-z0-9_]* \(/ { start = NR; name = $1 }
        /^}/ { if (start) {
                   n++
                   if (NR - start + 1 >= 60) {
                       print file ":" start ": " name " has " \
                             NR - start + 1 " lines: 59 are allowed"
                   }
               }
               start = 0 }
        END { print n + 0 > "/dev/stderr" }' "$file"
done < "$tmp/files" > "$tmp/long" 2> "$tmp/counts"
[ "$(awk '{ n += $1 } END { print n }' "$tmp/counts")" -gt 500 ] \
    || fail "where are the functions?"
if [ -s "$tmp/long" ]; then
    cat "$tmp/long"
    bad=1
fi

# Each file says what it may be used for.
while read -r file; do
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: LGPL-2.1-or-later' || {
        echo "$file: no licence in its first line"
        bad=1
    }
done < "$tmp/files"

# A test that is in no list is never run.
for test in "$abs_top_srcdir"/tests/*/*.sh; do
    name=${test#"$abs_top_srcdir"/}
    case $name in
        tests/kit/*|tests/lab/*) continue ;;
    esac
    grep -q "$name" "$abs_top_srcdir"/tests/*.mk || {
        echo "$name: it is in no list of tests/*.mk"
        bad=1
    }
done

[ $bad -eq 0 ] || fail "the structure is not what HACKING.md says"
