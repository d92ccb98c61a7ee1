/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Completion scripts for bash, zsh and fish; they call 'hvctl complete', which
 * is in completion.c. */
#include <string.h>

#include "cli/cli.h"
#include "core/base/output.h"

/* bash splits words at ':' and '=': so the line is split again here, and the
 * part before the last of them is not repeated. */
static const char bash[] =
    "# bash completion for hvctl, made by 'hvctl completion bash'\n"
    "_hvctl ()\n{\n"
    "    local line=${COMP_LINE:0:COMP_POINT} cur before word what\n"
    "    local -a words\n"
    "    read -ra words <<< \"$line\"\n"
    "    [[ $line == *[[:space:]] ]] && words+=('')\n"
    "    cur=${words[${#words[@]}-1]}\n"
    "    before=${cur%\"${cur##*[:=]}\"}\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r word what; do\n"
    "        if [ \"$word\" = :file ]; then\n"
    "            compopt -o filenames 2> /dev/null\n"
    "            COMPREPLY+=($(compgen -f -- \"${cur#\"$before\"}\"))\n"
    "        elif [[ $word == \"$cur\"* ]]; then\n"
    "            COMPREPLY+=(\"${word#\"$before\"}\")\n"
    "        elif [[ $cur == --*=* && $word == \"${cur#*=}\"* ]]; then\n"
    "            COMPREPLY+=(\"${word#\"${before#*=}\"}\")\n"
    "        fi\n"
    "    done < <(\"${words[0]}\" complete -- \"${words[@]:1}\" 2> /dev/null)\n"
    "    [[ ${#COMPREPLY[@]} = 1 && ${COMPREPLY[0]} == *[.=] ]] \\\n"
    "        && compopt -o nospace 2> /dev/null\n"
    "    return 0\n"
    "}\n"
    "complete -F _hvctl hvctl\n";

static const char zsh[] =
    "#compdef hvctl\n"
    "# zsh completion for hvctl, made by 'hvctl completion zsh'\n"
    "_hvctl () {\n"
    "    local line word\n"
    "    local -a found open\n"
    "    for line in ${(f)\"$($words[1] complete -- "
    "\"${(@)words[2,CURRENT]}\" 2> /dev/null)\"}; do\n"
    "        word=${line%%$'\\t'*}\n"
    "        if [[ $word == :file ]]; then\n"
    "            compset -P '*[=]'\n"
    "            _files\n"
    "        elif [[ $word == *[.=] ]]; then\n"
    "            open+=(\"${word//:/\\\\:}:${line#*$'\\t'}\")\n"
    "        elif [[ $line == *$'\\t'* ]]; then\n"
    "            found+=(\"${word//:/\\\\:}:${line#*$'\\t'}\")\n"
    "        else\n"
    "            found+=(\"${word//:/\\\\:}\")\n"
    "        fi\n"
    "    done\n"
    "    (( $#found )) && _describe hvctl found\n"
    "    (( $#open )) && _describe hvctl open -S ''\n"
    "}\n"
    "_hvctl \"$@\"\n";

static const char fish[] =
    "# fish completion for hvctl, made by 'hvctl completion fish'\n"
    "function __hvctl_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l current (commandline -ct)\n"
    "    for line in ($words[1] complete -- $words[2..-1] \"$current\" "
    "2> /dev/null)\n"
    "        if test \"$line\" = :file\n"
    "            __fish_complete_path \"$current\"\n"
    "        else\n"
    "            echo $line\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c hvctl -f -a '(__hvctl_complete)'\n";

int
cmd_completion (struct cli *c)
{
    const char *shell = c->args.p[0];
    const char *text = !strcmp (shell, "bash")   ? bash
                       : !strcmp (shell, "zsh")  ? zsh
                       : !strcmp (shell, "fish") ? fish
                                                 : NULL;

    if (!text) {
        usage_error (c);
        return report (c);
    }
    out ("%s", text);
    return EXIT_OK;
}
