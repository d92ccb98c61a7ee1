/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The command line against the table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/select.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"

struct parser {
    struct cli *c;
    int argc;
    char **argv;
    int at;
    bool help, version;
};

static int
bad_usage (struct cli *c, const char *what, const char *word, const char *hint)
{
    fail_exit (&c->err, EXIT_USAGE, EINVAL, "%s '%s'%s%s; see hvctl help%s%s",
               what, word, hint ? ": " : "", hint ? hint : "",
               c->command ? " " : "", c->command ? c->command->name : "");
    return report (c);
}

int
usage_error (struct cli *c)
{
    const struct command *cmd = c->command;
    const char *options = "";

    for (const struct option_def *o = cmd->options; o->name; o++) {
        options = arena_format (&c->h.arena, "%s [--%s%s%s]", options, o->name,
                                o->arg ? " " : "", o->arg ? o->arg : "");
    }
    return fail_exit (&c->err, EXIT_USAGE, EINVAL, "usage: hvctl %s%s%s%s",
                      cmd->name, options, *cmd->usage ? " " : "", cmd->usage);
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
set_global (struct parser *p, const char *name, const char *value)
{
    struct cli *c = p->c;

    switch (*name) {
    case 'c':
        c->conf = value;
        return -1;
    case 'o':
        c->json = !strcmp (value, "json");
        return c->json || !strcmp (value, "table")
                   ? -1
                   : bad_usage (c, "unknown output format", value,
                                "it is table or json");
    case 'v':
        p->version |= !strcmp (name, "version");
        c->h.verbose += !strcmp (name, "verbose");
        return -1;
    default:
        p->help = true;
        return -1;
    }
}

static const char *
did_you_mean (struct cli *c, const char *dashes, const char *near)
{
    return near ? arena_format (&c->h.arena, "did you mean '%s%s'?", dashes,
                                near)
                : NULL;
}

static const char *
option_hint (struct cli *c, const char *word)
{
    const char *names[MAX_OPTIONS + 8] = { NULL };
    const char *elsewhere = option_elsewhere (c, word);
    size_t n = 0;

    for (const struct option_def *o = global_options; o->name; o++) {
        names[n++] = o->name;
    }
    for (const struct option_def *o =
             c->command && !(c->command->flags & CMD_DESTROYS)
                 ? c->command->options
                 : NULL;
         o && o->name; o++) {
        names[n++] = o->name;
    }
    return elsewhere ? elsewhere
                     : did_you_mean (c, "--", name_nearest (word, names));
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
        return bad_usage (
            c, "unknown option", word,
            option_hint (c, arena_dup_n (&c->h.arena, name,
                                         is_long ? len : strlen (name))));
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
        return set_global (p, o->name, value);
    }
    vec_add (&c->h.arena, &c->values[o - c->command->options],
             value ? value : "");
    return -1;
}

const struct command *
find_command (const char *const words[], size_t n, size_t *used)
{
    EACH_COMMAND (cmd) {
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

static bool
is_group (const char *word)
{
    size_t len = strlen (word);

    EACH_COMMAND (cmd) {
        if (!strncmp (cmd->name, word, len) && cmd->name[len] == ' ') {
            return true;
        }
    }
    return false;
}

/* Returns the command that was probably meant: one of the group, if it is not
 * null. Commands that destroy something are never suggested. */
static const char *
near_command (const char *group, const char *word)
{
    size_t len = group ? strlen (group) + 1 : 0;
    const char *names[128] = { NULL };
    size_t count = 0;

    EACH_COMMAND (cmd) {
        bool within = !group
                      || (!strncmp (cmd->name, group, len - 1)
                          && cmd->name[len - 1] == ' ');

        if (within && count < 127
            && !(cmd->flags & (CMD_HIDDEN | CMD_DESTROYS))) {
            names[count++] = cmd->name + len;
        }
    }
    return name_nearest (word, names);
}

/* "plugin" alone, or with an unknown command. */
static int
unknown_in_group (struct cli *c, const char *group, const char *word)
{
    size_t len = strlen (group);
    const char *list = "";
    const char *near = word ? near_command (group, word) : NULL;
    const char *hint = word ? command_elsewhere_in (group, word) : NULL;

    if (hint) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL, "unknown command '%s %s': %s",
                   group, word, hint);
        return report (c);
    }
    EACH_COMMAND (cmd) {
        if (!strncmp (cmd->name, group, len) && cmd->name[len] == ' ') {
            list = arena_format (&c->h.arena, "%s%s%s", list, *list ? ", " : "",
                                 cmd->name + len + 1);
        }
    }
    fail_exit (
        &c->err, EXIT_USAGE, EINVAL, "%s%s%s%s; the commands are hvctl %s %s",
        word
            ? arena_format (&c->h.arena, "unknown command '%s %s'", group, word)
            : arena_format (&c->h.arena, "%s: a command is missing", group),
        near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "",
        group, list);
    return report (c);
}

int
unknown_command (struct cli *c, const char *const words[], size_t n)
{
    const char *hint;

    if (is_group (words[0])) {
        return unknown_in_group (c, words[0], n > 1 ? words[1] : NULL);
    }
    hint = command_elsewhere (c, words[0]);
    return bad_usage (
        c, "unknown command", words[0],
        hint ? hint : did_you_mean (c, "", near_command (NULL, words[0])));
}

/* Counts the arguments in the usage: "NAME [SNAPSHOT]" 1 to 2, "[NAME NIC]" 0
 * to 2, "NAME…" 1 and more. */
static void
count_args (const char *usage, size_t *least, size_t *most)
{
    bool optional = false;

    *least = *most = 0;
    while (*usage) {
        size_t len = strcspn (usage, " ");

        optional |= *usage == '[';
        *least += !optional;
        optional &= usage[len - 1] != ']';
        *most = *most == SIZE_MAX || memmem (usage, len, "…", strlen ("…"))
                    ? SIZE_MAX
                    : *most + 1;
        usage += len + strspn (usage + len, " ");
    }
}

static int
check_args (struct cli *c)
{
    size_t least, most;

    if (c->json && (c->command->flags & CMD_NO_JSON)) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "'hvctl %s' has no JSON output: leave out -o json",
                   c->command->name);
        return report (c);
    }
    count_args (c->command->usage, &least, &most);
    least = select_is_given (c) ? 0 : least;
    if (c->args.n < least || c->args.n > most) {
        usage_error (c);
        return report (c);
    }
    return -1;
}

/* Errors before it are errors of the command line, too: so the output format is
 * determined first. */
static void
find_format (struct cli *c, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++) {
        const char *word = argv[i];
        const char *value = !strcmp (word, "-o") || !strcmp (word, "--output")
                                ? argv[i + 1]
                            : !strncmp (word, "--output=", 9) ? word + 9
                            : !strncmp (word, "-o", 2)        ? word + 2
                                                              : NULL;

        c->json |= value && !strcmp (value, "json");
    }
}

/* --help and --version, with any other arguments. */
static int
tell_about (struct parser *p, const struct vec *words)
{
    struct cli *c = p->c;
    size_t used;

    if (!p->help) {
        c->command = find_command ((const char *[]){ "version" }, 1, &used);
        return c->command->run (c);
    }
    return print_help_of (c, (const char *const *)words->p, words->n);
}

static int
no_command (struct cli *c)
{
    fail_exit (&c->err, EXIT_USAGE, EINVAL, "%s; see 'hvctl help'", USAGE_LINE);
    if (c->json) {
        return report (c);
    }
    err_out ("%s\nsee 'hvctl help'\n", USAGE_LINE);
    return exit_code_of (&c->err);
}

/* Options may stand before and after the words; after "--" all are words.
 * The command is known once enough words are there. */
int
parse_command_line (struct cli *c, int argc, char **argv)
{
    struct parser p = { c, argc, argv, 1, false, false };
    struct vec words = { 0 };
    size_t used = 0;
    bool only_words = false;

    find_format (c, argc, argv);
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
    if (p.help || p.version) {
        return tell_about (&p, &words);
    }
    if (!words.n) {
        return no_command (c);
    }
    if (!c->command) {
        return unknown_command (c, (const char *const *)words.p, words.n);
    }
    for (size_t i = used; i < words.n; i++) {
        vec_add (&c->h.arena, &c->args, words.p[i]);
    }
    return check_args (c);
}

static const struct vec *
find_values (const struct cli *c, const char *name)
{
    for (size_t i = 0; c->command->options[i].name; i++) {
        if (!strcmp (c->command->options[i].name, name)) {
            return &c->values[i];
        }
    }
    return NULL;
}

bool
may_have_option (const struct cli *c, const char *name)
{
    return find_values (c, name) != NULL;
}

const struct vec *
option_values (const struct cli *c, const char *name)
{
    const struct vec *values = find_values (c, name);

    if (!values) {
        abort ();
    }
    return values;
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
