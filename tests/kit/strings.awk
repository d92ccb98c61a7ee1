# SPDX-License-Identifier: LGPL-2.1-or-later
# The string literals of C sources, those joined that follow each other:
# "FILE<tab>TEXT".
function flush () { if (run != "") print FILENAME "\t" run; run = "" }
FNR == 1 { flush(); comment = 0 }
{
    line = $0
    if (line ~ /^ *# *include/) next
    while (line != "") {
        if (comment) {
            at = index (line, "*/")
            if (!at) break
            line = substr (line, at + 2); comment = 0; continue
        }
        c = substr (line, 1, 1)
        if (substr (line, 1, 2) == "/*") { comment = 1; line = substr (line, 3) }
        else if (c == "\"") {
            line = substr (line, 2)
            while (line != "" && (c = substr (line, 1, 1)) != "\"") {
                if (c == "\\") { c = substr (line, 1, 2); }
                run = run c; line = substr (line, length (c) + 1)
            }
            line = substr (line, 2)
        } else if (c == "'") {
            flush(); line = substr (line, substr (line, 2, 1) == "\\" ? 5 : 4)
        } else { if (c !~ /[ \t]/) flush(); line = substr (line, 2) }
    }
}
END { flush() }
