# SPDX-License-Identifier: LGPL-2.1-or-later
# Which files of core/ need which: by what they include, and by the functions,
# structures, enumerations and macros that they use.  A file is X.c with X.h; a
# table of data, X.h alone, belongs to the one file that includes it.  Reads the
# code as layers.sh makes it ("FILE:LINE: CODE", without comments) twice:
#
#   awk -v rooms='base sandbox ...' -f tests/kit/rooms.awk CODE CODE
#
# With -v show=1, prints every arrow.  Else prints those that run upwards, or
# from a file to one that is not in the list, and the circles of more than 'most'
# files; and then the numbers.

BEGIN {
    n_rooms = split (rooms, room, " ")
    for (i = 1; i <= n_rooms; i++) {
        rank[room[i]] = i
    }
}

function module (file)
{
    sub (/\.[ch]$/, "", file)
    sub (/^core\//, "", file)
    return file in data ? data[file] : file
}

function rank_of (m)
{
    sub (/\/.*/, "", m)
    return m in rank ? rank[m] : 0
}

function arrow (from, to, by)
{
    if (from != to && to != "" && !((from, to) in why)) {
        why[from, to] = by
        files[from] = files[to] = 1
        out[from] = out[from] " " to
        n_arrows++
    }
}

# The words of an enumeration, up to its brace.
function constants (code,    part, n, i)
{
    sub (/^.*\{/, "", code)
    if (code ~ /\}/) {
        in_enum = 0
        sub (/\}.*/, "", code)
    }
    n = split (code, part, ",")
    for (i = 1; i <= n; i++) {
        if (match (part[i], /[A-Za-z_][A-Za-z_0-9]*/)) {
            owner[substr (part[i], RSTART, RLENGTH)] = here
        }
    }
}

{
    at = index ($0, ":")
    file = substr ($0, 1, at - 1)
    code = substr ($0, at + 1)
    code = substr (code, index (code, ":") + 2)
    if (file !~ /^core\//) {
        next
    }
    is_header = file ~ /\.h$/
}

file != last {
    last = file
    before = ""
    in_enum = 0
}

# The first time: who has what.
NR == FNR && !is_header {
    has_code[module(file)] = 1
    if (match (code, /^[A-Za-z_][A-Za-z_0-9]* \(/)) {
        name = substr (code, 1, RLENGTH - 2)
        if (before ~ /^static/) {
            own[file, name] = 1
        } else if (before !~ /;/) {
            function_of[name] = module(file)
        }
    }
    before = code
}
NR == FNR && is_header {
    here = module(file)
    if (match (code, /^ *# *define +[A-Za-z_][A-Za-z_0-9]*/)) {
        name = substr (code, RSTART, RLENGTH)
        sub (/.* /, "", name)
        if (name !~ /_H$/) {
            owner[name] = here
        }
    } else if (match (code, /^(struct|enum) [a-z_0-9]+ \{/)) {
        owner[substr (code, RSTART, RLENGTH - 2)] = here
    } else if (match (code, /^extern [^;]*/)) {
        name = substr (code, RSTART, RLENGTH)
        gsub (/\[[^]]*\]|,.*/, "", name)
        sub (/.*[ *]/, "", name)
        owner[name] = here
    } else if (match (code, /^typedef [^(;]*/)) {
        name = substr (code, RSTART, RLENGTH)
        sub (/ *$/, "", name)
        sub (/.*[ *]/, "", name)
        owner[name] = here
    }
    if (code ~ /^enum [a-z_0-9 ]*\{/) {
        in_enum = 1
    }
    if (in_enum) {
        constants(code)
    }
    rest = code
    while (match (rest, /[A-Za-z_][A-Za-z_0-9]* \(/)) {
        declared[here, substr (rest, RSTART, RLENGTH - 2)] = 1
        rest = substr (rest, RSTART + RLENGTH)
    }
}
NR == FNR && match (code, /^ *# *include "core\/[^"]*"/) {
    name = substr (code, RSTART, RLENGTH - 1)
    sub (/.*"/, "", name)
    if (!is_header) {
        user_of[name] = module(file)
        n_users[name]++
    }
    if (!(name in n_users)) {
        n_users[name] = 0
    }
}

NR == FNR && match (code, /^struct [a-z_0-9]+;/) {
    forward[file, substr (code, RSTART, RLENGTH - 1)] = 1
}

# The second time: who uses it.
NR != FNR && FNR == 1 {
    for (name in n_users) {
        m = name
        sub (/\.h$/, "", m)
        sub (/^core\//, "", m)
        if (!(m in has_code) && n_users[name] == 1) {
            data[m] = user_of[name]
        }
    }
    for (name in owner) {
        if (owner[name] in data) {
            owner[name] = data[owner[name]]
        }
    }
}
NR != FNR {
    from = module(file)
    if (match (code, /^ *# *include "core\/[^"]*"/)) {
        name = substr (code, RSTART, RLENGTH - 1)
        sub (/.*"/, "", name)
        arrow(from, module(name), "#include")
        next
    }
    rest = code
    tag = ""
    while (match (rest, /[A-Za-z_][A-Za-z_0-9]*/)) {
        name = substr (rest, RSTART, RLENGTH)
        prior = substr (rest, 1, RSTART - 1)
        rest = substr (rest, RSTART + RLENGTH)
        if (name == "struct" || name == "enum") {
            tag = name " "
            continue
        }
        if (tag != "") {
            # Where it is declared alone, only pointers to it are used.
            if (((tag name) in owner) && !((file, tag name) in forward)) {
                arrow(from, owner[tag name], tag name)
            }
            tag = ""
            continue
        }
        if (prior ~ /(->|[A-Za-z_0-9)\]]\.)$/) {
            continue # A member.
        }
        if (rest ~ /^ \(/ && (name in function_of) && !((file, name) in own) \
            && ((function_of[name], name) in declared)) {
            arrow(from, function_of[name], name)
        } else if (name in owner) {
            arrow(from, owner[name], name)
        }
    }
}

function reach (start,    todo, n, m, part, k, i)
{
    todo[n = 1] = start
    for (i = 1; i <= n; i++) {
        k = split (out[todo[i]], part, " ")
        while (k) {
            m = part[k--]
            if (!((start, m) in reaches)) {
                reaches[start, m] = 1
                todo[++n] = m
            }
        }
    }
}

END {
    for (pair in why) {
        split (pair, end, SUBSEP)
        if (show) {
            print end[1] " -> " end[2] " (" why[pair] ")"
        }
        if (!rank_of(end[1]) || rank_of(end[2]) > rank_of(end[1])) {
            print "  ^ " end[1] " needs " end[2] " (" why[pair] \
                  "), of a higher room"
            n_up++
        }
    }
    for (m in files) {
        reach(m)
    }
    for (m in files) {
        n_files++
        n = 0
        text = ""
        for (k in files) {
            if ((m == k) || (((m, k) in reaches) && ((k, m) in reaches))) {
                n++
                text = text " " k
            }
        }
        largest = n > largest ? n : largest
        if (n > most) {
            print "  ^ " m " is one of a circle of " n " files that need " \
                  "each other:" text
        }
    }
    print n_files " files, " n_arrows " arrows, " n_up + 0 \
          " upwards, largest circle " largest
}
