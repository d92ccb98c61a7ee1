/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The command line against the table. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/config.h"

struct parser {
    struct cli *c;
    int argc;
    char **argv;
    int at;
};

static int
bad_usage (struct cli *c, const char *what, const char *word, const char *near)
{
    hvctl_warn ("%s '%s'%s%s%s; see hvctl help%s%s", what, word,
                near ? ": did you mean '" : "", near ? near : "",
                near ? "'?" : "", c->command ? " " : "",
                c->command ? c->command->name : "");
    return EXIT_USAGE;
}

static const struct option_def *
find_option (const struct option_def *options, const char *word, size_t len)
{
    for (; options->name; options++) {
        if ((len == 1 && options->letter == *word)
            || (strlen (options->name) == len
                && !strncmp (options->name, word, len))) {
            return options;
        }
    }
    return NULL;
}

static int
set_global (struct cli *c, const char *name, const char *value)
{
    switch (*name) {
    case 'c':
        c->conf = value;
        return -1;
    case 'o':
        c->json = !strcmp (value, "json");
        return c->json || !strcmp (value, "table")
                   ? -1
                   : bad_usage (c, "unknown output format", value, NULL);
    case 'v':
        c->h.verbose++;
        return -1;
    default:
        if (c->command) {
            print_help (c->command, stdout);
        } else {
            print_usage (stdout);
        }
        return EXIT_OK;
    }
}

static const char *
near_option (const struct cli *c, const char *word)
{
    const char *names[MAX_OPTIONS + 8] = { NULL };
    size_t n = 0;

    for (const struct option_def *o = global_options; o->name; o++) {
        names[n++] = o->name;
    }
    for (const struct option_def *o = c->command ? c->command->options : NULL;
         o && o->name; o++) {
        names[n++] = o->name;
    }
    return nearest (word, names);
}

/* One option, with its value: "--memory 1G", "--memory=1G", "-m 1G". */
static int
parse_option (struct parser *p)
{
    struct cli *c = p->c;
    const char *word = p->argv[p->at++];
    bool is_long = word[1] == '-';
    const char *name = word + 1 + is_long;
    size_t len = is_long ? strcspn (name, "=") : 1;
    const char *value = is_long && name[len] == '=' ? name + len + 1 : NULL;
    const struct option_def *o = find_option (global_options, name, len);
    bool global = o != NULL;

    if (!o && c->command) {
        o = find_option (c->command->options, name, len);
    }
    if (!o || (is_long && len == 1)) {
        return bad_usage (c, "unknown option", word,
                          is_long ? near_option (c, name) : NULL);
    }
    if (!is_long && name[1]) {
        if (o->arg) {
            value = name + 1;
        } else {
            /* -vv: the rest are options, too. */
            p->argv[--p->at] = arena_format (&c->h.arena, "-%s", name + 1);
        }
    }
    if (o->arg && !value) {
        value = p->at < p->argc ? p->argv[p->at++] : NULL;
    }
    if (o->arg && !value) {
        return bad_usage (c, "a value is missing after", word, NULL);
    }
    if (!o->arg && value) {
        return bad_usage (c, "no value is allowed in", word, NULL);
    }
    if (global) {
        return set_global (c, o->name, value);
    }
    vec_add (&c->h.arena, &c->values[o - c->command->options],
             value ? value : "");
    return -1;
}

const struct command *
find_command (const char *const words[], size_t n, size_t *used)
{
    for (const struct command *cmd = commands; cmd->name; cmd++) {
        size_t len = strcspn (cmd->name, " ");
        const char *second = cmd->name[len] ? cmd->name + len + 1 : NULL;

        if (n && strlen (words[0]) == len && !strncmp (words[0], cmd->name, len)
            && (!second || (n > 1 && !strcmp (words[1], second)))) {
            *used = second ? 2 : 1;
            return cmd;
        }
    }
    return NULL;
}

/* "plugin" alone, or with a word that is none of its commands. */
static const char *
group_commands (struct cli *c, const char *group)
{
    size_t len = strlen (group);
    const char *list = NULL;

    for (const struct command *cmd = commands; cmd->name; cmd++) {
        if (!strncmp (cmd->name, group, len) && cmd->name[len] == ' ') {
            list = arena_format (&c->h.arena, "%s%s%s", list ? list : "",
                                 list ? ", " : "", cmd->name);
        }
    }
    return list;
}

static int
unknown_command (struct cli *c, const char *const words[], size_t n)
{
    const char *list = group_commands (c, words[0]);
    const char *names[64] = { NULL };
    size_t count = 0;

    if (list) {
        hvctl_warn ("%s %s: there are %s", words[0], n > 1 ? words[1] : "what?",
                    list);
        return EXIT_USAGE;
    }
    for (const struct command *cmd = commands; cmd->name && count < 63; cmd++) {
        names[count++] = cmd->name;
    }
    return bad_usage (c, "unknown command", words[0],
                      nearest (words[0], names));
}

static int
check_args (struct cli *c)
{
    size_t n = c->args.n;
    bool ok = true;

    switch (c->command->args) {
    case ARGS_NONE:
        ok = n == 0;
        break;
    case ARGS_NEW_VM:
    case ARGS_VM:
    case ARGS_PLUGIN:
        ok = n == 1;
        break;
    case ARGS_VMS:
    case ARGS_VM_MORE:
        ok = n >= 1;
        break;
    case ARGS_ANY_VMS:
    case ARGS_WORDS:
        break;
    }
    if (!ok) {
        fprintf (stderr, "usage: hvctl %s %s\n", c->command->name,
                 c->command->usage);
        return EXIT_USAGE;
    }
    return -1;
}

/* Options may stand before and after the words; after "--" all are words.
 * The command is known once enough words are there. */
int
parse_command_line (struct cli *c, int argc, char **argv)
{
    struct parser p = { c, argc, argv, 1 };
    struct vec words = { 0 };
    size_t used = 0;
    bool only_words = false;

    while (p.at < argc) {
        const char *word = argv[p.at];
        int rc;

        if (!only_words && !strcmp (word, "--")) {
            only_words = true;
            p.at++;
        } else if (!only_words && word[0] == '-' && word[1]) {
            rc = parse_option (&p);
            if (rc >= 0) {
                return rc;
            }
        } else {
            vec_add (&c->h.arena, &words, word);
            p.at++;
            if (!c->command) {
                c->command =
                    find_command ((const char *const *)words.p, words.n, &used);
            }
        }
    }
    if (!words.n) {
        print_usage (stderr);
        return EXIT_USAGE;
    }
    if (!c->command) {
        return unknown_command (c, (const char *const *)words.p, words.n);
    }
    for (size_t i = used; i < words.n; i++) {
        vec_add (&c->h.arena, &c->args, words.p[i]);
    }
    return check_args (c);
}

const struct vec *
option_values (const struct cli *c, const char *name)
{
    for (size_t i = 0; c->command->options[i].name; i++) {
        if (!strcmp (c->command->options[i].name, name)) {
            return &c->values[i];
        }
    }
    abort ();
}

bool
has_option (const struct cli *c, const char *name)
{
    return option_values (c, name)->n > 0;
}

const char *
option_value (const struct cli *c, const char *name)
{
    const struct vec *v = option_values (c, name);

    return v->n ? v->p[v->n - 1] : NULL;
}
