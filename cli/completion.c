/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Completions for bash, zsh and fish, made from the table. */
#include <string.h>

#include "cli/cli.h"

static void
words_bash (const char *indent)
{
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        if (cmd->flags & CMD_HIDDEN) {
            continue;
        }
        printf ("%s'%s') opts='", indent, cmd->name);
        for (const struct option_def *o = cmd->options; o->name; o++) {
            printf ("--%s ", o->name);
        }
        printf ("'; kind=%d ;;\n", cmd->args);
    }
}

/* The first command of the next group ("plugin list"), from 'cmd' on, or the
 * end of the table. */
static const struct command *
next_group (const struct command *cmd)
{
    for (; cmd->name; cmd++) {
        size_t len = strcspn (cmd->name, " ");

        if (cmd->name[len]
            && (cmd == commands
                || strncmp (cmd[-1].name, cmd->name, len + 1) != 0)) {
            break;
        }
    }
    return cmd;
}

/* "list show", of the group that 'cmd' begins; between 'separator's. */
static void
group_words (const struct command *cmd, const char *separator)
{
    size_t len = strcspn (cmd->name, " ") + 1;
    const struct command *first = cmd;

    for (; cmd->name && !strncmp (cmd->name, first->name, len); cmd++) {
        printf ("%s%s", cmd == first ? "" : separator, cmd->name + len);
    }
}

static int
group_len (const struct command *cmd)
{
    return (int)strcspn (cmd->name, " ");
}

/* The values an option takes, per command and option. */
static void
values_bash (const char *indent)
{
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        for (const struct option_def *o = cmd->options; o->name; o++) {
            if (o->words && strcmp (o->words, "FILE") == 0) {
                printf ("%s'%s --%s') COMPREPLY=($(compgen -f -- \"$cur\")); "
                        "return ;;\n",
                        indent, cmd->name, o->name);
            } else if (o->words) {
                printf ("%s'%s --%s') COMPREPLY=($(compgen -W '%s' -- "
                        "\"$cur\")); return ;;\n",
                        indent, cmd->name, o->name, o->words);
            }
        }
    }
}

static void
command_words (void)
{
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        size_t len = strcspn (cmd->name, " ");

        if (!(cmd->flags & CMD_HIDDEN)
            && (cmd == commands || strncmp (cmd[-1].name, cmd->name, len + 1)
                || cmd->name[len] == '\0')) {
            printf ("%.*s ", (int)len, cmd->name);
        }
    }
}

static void
completion_bash (void)
{
    puts ("# bash completion for hvctl, made by 'hvctl completion bash'\n"
          "_hvctl ()\n{\n"
          "    local cur prev cmd='' opts='' kind=0 w i");
    printf ("    local groups=' ");
    for (const struct command *g = next_group (commands); g->name;
         g = next_group (g + 1)) {
        printf ("%.*s ", group_len (g), g->name);
    }
    puts ("'\n"
          "    cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    COMPREPLY=()\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        w=${COMP_WORDS[i]}\n"
          "        case $w in\n"
          "            -c|-o|--config|--output) ((i++)) ;;\n"
          "            -*) ;;\n"
          "            *) if [ -z \"$cmd\" ]; then cmd=$w\n"
          "               elif [[ $groups == *\" $cmd \"* ]]; then "
          "cmd=\"$cmd $w\"; fi ;;\n"
          "        esac\n"
          "    done\n"
          "    case \"$prev\" in\n"
          "        -o|--output) COMPREPLY=($(compgen -W 'table json' -- "
          "\"$cur\")); return ;;\n"
          "        -c|--config) COMPREPLY=($(compgen -f -- \"$cur\")); return "
          ";;\n"
          "    esac\n"
          "    case \"$cmd $prev\" in");
    values_bash ("        ");
    puts ("    esac\n    if [ -z \"$cmd\" ]; then");
    printf ("        COMPREPLY=($(compgen -W '--config --output --verbose "
            "--help ");
    command_words ();
    puts ("' -- \"$cur\")); return\n    fi");
    for (const struct command *g = next_group (commands); g->name;
         g = next_group (g + 1)) {
        printf ("    if [ \"$cmd\" = %.*s ]; then COMPREPLY=($(compgen -W '",
                group_len (g), g->name);
        group_words (g, " ");
        puts ("' -- \"$cur\")); return; fi");
    }
    puts ("    case \"$cmd\" in");
    words_bash ("        ");
    printf ("    esac\n"
            "    if [[ $cur == -* ]]; then\n"
            "        COMPREPLY=($(compgen -W \"$opts --config --output "
            "--verbose --help\" -- \"$cur\"))\n"
            "    elif [ $kind -ge %d ] && [ $kind -le %d ]; then\n"
            "        COMPREPLY=($(compgen -W \"$(hvctl list --names "
            "2>/dev/null)\" -- \"$cur\"))\n"
            "    fi\n}\ncomplete -F _hvctl hvctl\n",
            ARGS_VM, ARGS_VM_MORE);
}

/* A colon and a bracket mean something to zsh. */
static void
print_zsh (const char *s)
{
    for (; *s; s++) {
        if (strchr ("[]:'", *s)) {
            fputs (*s == '\'' ? "'\\'" : "\\", stdout);
        }
        putchar (*s);
    }
}

static void
completion_zsh (void)
{
    puts ("#compdef hvctl\n# zsh completion for hvctl, made by 'hvctl "
          "completion zsh'\n"
          "_hvctl_vms () { local -a vms; vms=(${(f)\"$(hvctl list --names "
          "2>/dev/null)\"}); _describe vm vms }\n"
          "_hvctl () {\n  local -a cmds; cmds=(");
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        if (!(cmd->flags & CMD_HIDDEN) && !strchr (cmd->name, ' ')) {
            printf ("    '%s:", cmd->name);
            print_zsh (cmd->summary);
            puts ("'");
        }
    }
    for (const struct command *g = next_group (commands); g->name;
         g = next_group (g + 1)) {
        printf ("    '%.*s:", group_len (g), g->name);
        group_words (g, ", ");
        puts ("'");
    }
    puts ("  )\n"
          "  if (( CURRENT == 2 )); then _describe command cmds; return; fi\n"
          "  case \"$words[2]\" in");
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        if ((cmd->flags & CMD_HIDDEN) || strchr (cmd->name, ' ')) {
            continue;
        }
        printf ("    %s) _arguments", cmd->name);
        for (const struct option_def *o = cmd->options; o->name; o++) {
            printf (" '--%s%s[", o->name, o->arg ? "=" : "");
            print_zsh (o->summary);
            putchar (']');
            if (o->words && !strcmp (o->words, "FILE")) {
                fputs (":file:_files", stdout);
            } else if (o->arg) {
                printf (":%s:(%s)", o->arg, o->words ? o->words : "");
            }
            putchar ('\'');
        }
        puts (cmd->args >= ARGS_VM && cmd->args <= ARGS_VM_MORE
                  ? " '*:vm:_hvctl_vms' ;;"
                  : " ;;");
    }
    for (const struct command *g = next_group (commands); g->name;
         g = next_group (g + 1)) {
        printf ("    %.*s) compadd ", group_len (g), g->name);
        group_words (g, " ");
        puts (" ;;");
    }
    puts ("  esac\n}\n_hvctl \"$@\"");
}

static void
print_fish (const char *s)
{
    for (; *s; s++) {
        if (*s == '\'' || *s == '\\') {
            putchar ('\\');
        }
        putchar (*s);
    }
}

static void
completion_fish (void)
{
    puts ("# fish completion for hvctl, made by 'hvctl completion fish'\n"
          "complete -c hvctl -f");
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        size_t len = strcspn (cmd->name, " ");

        if (cmd->flags & CMD_HIDDEN) {
            continue;
        }
        if (cmd->name[len]) {
            printf ("complete -c hvctl -n '__fish_use_subcommand' -a %.*s\n"
                    "complete -c hvctl -n '__fish_seen_subcommand_from "
                    "%.*s' -a %s -d '",
                    (int)len, cmd->name, (int)len, cmd->name,
                    cmd->name + len + 1);
        } else {
            printf ("complete -c hvctl -n '__fish_use_subcommand' -a %s -d '",
                    cmd->name);
        }
        print_fish (cmd->summary);
        puts ("'");
        for (const struct option_def *o = cmd->options; o->name; o++) {
            printf ("complete -c hvctl -n '__fish_seen_subcommand_from "
                    "%.*s' -l %s %s",
                    (int)len, cmd->name, o->name, o->arg ? "-r " : "");
            if (o->words && !strcmp (o->words, "FILE")) {
                printf ("-F ");
            } else if (o->words) {
                printf ("-a '%s' ", o->words);
            }
            fputs ("-d '", stdout);
            print_fish (o->summary);
            puts ("'");
        }
        if (cmd->args >= ARGS_VM && cmd->args <= ARGS_VM_MORE
            && !cmd->name[len]) {
            printf ("complete -c hvctl -n '__fish_seen_subcommand_from %s' "
                    "-a '(hvctl list --names 2>/dev/null)'\n",
                    cmd->name);
        }
    }
}

int
cmd_completion (struct cli *c)
{
    const char *shell = c->args.n == 1 ? c->args.p[0] : "";

    if (!strcmp (shell, "bash")) {
        completion_bash ();
    } else if (!strcmp (shell, "zsh")) {
        completion_zsh ();
    } else if (!strcmp (shell, "fish")) {
        completion_fish ();
    } else {
        hvctl_warn ("which shell?  hvctl completion bash, zsh or fish");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}
