/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Completion: 'hvctl complete -- WORD…' prints the possible completions of the
 * last word, from the table of commands and the objects on this host; the
 * scripts of completion-scripts.c call it.  A line has a word and, after a tab,
 * its description; ":file" alone stands for file names. */
#include <string.h>

#include "cli/cli.h"
#include "cli/completion-keys.h"
#include "cli/list-row.h"
#include "cli/schema-print.h"
#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/config/definition.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/hvctl.h"
#include "core/machine/snapshot-set.h"
#include "core/plan/resolve.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"

struct typed {
    struct cli *c;
    const struct command *command;
    const char *group;              /* "volume", as long as it is alone. */
    const struct option_def *needs; /* The option whose value is being
                                     * completed. */
    struct vec args;                /* Before the last word. */
    struct vec parts;               /* Disks and NICs of options: "nic.lan". */
    struct vec labels;              /* Of all VMs. */
    const char *conf, *last;
    bool only_words;
};

static void
offer (const char *word, const char *what)
{
    out ("%s%s%s\n", word, what ? "\t" : "", what ? what : "");
}

/* ------------------------------------------------------- What there is */

/* A fleet's are not what rename takes; nor is a fleet what a command for one VM
 * takes, unless it says so. */
static void
offer_vms (const struct typed *t)
{
    const struct command *command = t->command;
    struct cli *c = t->c;
    struct vec names = { 0 };
    struct error ignored = { 0 };

    definition_names (&c->h, &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        if (command->run != cmd_rename || !fleet_of (&c->h, names.p[i])) {
            offer (names.p[i], "VM");
        }
    }
    if (t->needs
        || ((command->args == ARGS_VM || command->args == ARGS_VM_MORE)
            && !(command->flags & CMD_FLEET))) {
        return;
    }
    names.n = 0;
    definition_files (&c->h, &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        if (fleet_find (&c->h, names.p[i])) {
            offer (names.p[i], "fleet");
        }
    }
}

/* The VM of the first argument. */
static struct definition *
vm_of (struct typed *t)
{
    struct definition *def = NULL;
    struct error ignored = { 0 };

    return t->args.n
                   && definition_load (&t->c->h, t->args.p[0], &def, &ignored)
                          == 0
               ? def
               : NULL;
}

static void
offer_disks (struct typed *t, const char *after)
{
    const struct definition *def = vm_of (t);

    for (size_t i = 0; def && i < def->disks.n; i++) {
        out ("%s%s\tdisk\n", ((const struct disk_def *)def->disks.p[i])->name,
             after);
    }
}

static void
offer_nics (struct typed *t)
{
    const struct definition *def = vm_of (t);

    for (size_t i = 0; def && i < def->nics.n; i++) {
        offer (((const struct nic_def *)def->nics.p[i])->name, "NIC");
    }
}

static void
offer_snapshots (struct typed *t)
{
    struct definition *def = vm_of (t);
    struct vec list = { 0 }, failures = { 0 }, unable = { 0 };

    if (def) {
        snapshot_list (&t->c->h, def, &list, &failures, &unable);
    }
    for (size_t i = 0; i < list.n; i++) {
        offer (((const struct snapshot_entry *)list.p[i])->name, "snapshot");
    }
}

static void
offer_volume_snapshots (struct plugin *p, const struct hv_volume *vol)
{
    struct hv_list list = { 0 };
    struct error ignored = { 0 };

    if (storage_snapshots (p, vol, &list, &ignored) < 0) {
        return;
    }
    for (size_t i = 0; i < list.entries.n; i++) {
        const struct list_entry *e = list.entries.p[i];

        out ("%s/%s@%s\tsnapshot\n", vol->pool, vol->name, e->name);
    }
}

/* POOL/NAME, and snapshots as well if the usage has "@SNAPSHOT". */
static void
offer_volumes (struct cli *c, const char *usage, const char *last)
{
    const struct vec *pools = &c->h.host->pools;
    bool snapshots = strstr (usage, "@SNAPSHOT") && strchr (last, '@');

    for (size_t i = 0; i < pools->n; i++) {
        const struct hv_options *pool = pools->p[i];
        struct hv_volume vol = { .pool = pool->name, .options = pool };
        struct error ignored = { 0 };
        struct hv_list list = { 0 };
        struct plugin *p = resolve_pool (&c->h, pool, &list, &ignored);

        for (size_t k = 0; p && k < list.entries.n; k++) {
            vol.name = ((const struct list_entry *)list.entries.p[k])->name;
            if (snapshots) {
                offer_volume_snapshots (p, &vol);
            } else {
                out ("%s/%s\tvolume\n", pool->name, vol.name);
            }
        }
    }
}

/* ------------------------------------------------------------ Commands */

static void
offer_commands (const char *group)
{
    size_t len = group ? strlen (group) : 0;
    const char *before = "";

    EACH_COMMAND (cmd) {
        size_t first = strcspn (cmd->name, " ");

        if (cmd->flags & CMD_HIDDEN) {
            continue;
        }
        if (group) {
            if (!strncmp (cmd->name, group, len) && cmd->name[len] == ' ') {
                offer (cmd->name + len + 1, cmd->summary);
            }
        } else if (!cmd->name[first]) {
            offer (cmd->name, cmd->summary);
        } else if (strncmp (before, cmd->name, first + 1) != 0) {
            out ("%.*s\tcommands for %.*ss\n", (int)first, cmd->name,
                 (int)first, cmd->name);
        }
        before = cmd->name;
    }
}

static void
offer_options (const struct option_def *o)
{
    for (; o && o->name; o++) {
        out ("--%s\t%s\n", o->name, o->summary);
    }
}

/* "a b c" or "a|b|c" */
static void
offer_words (const char *words, const char *separator)
{
    while (*words) {
        size_t len = strcspn (words, separator);

        out ("%.*s\n", (int)len, words);
        words += len + (words[len] != '\0');
    }
}

/* "lan:" is followed by a network, and that by settings. */
static void
offer_networks (struct typed *t)
{
    const char *colon = strchr (t->last, ':');

    if (colon && !strpbrk (colon, ",=")) {
        completion_keys_names (&t->c->h.host->networks,
                               arena_format (&t->c->h.arena, "%.*s:",
                                             (int)(colon - t->last), t->last),
                               "network");
    }
    completion_keys_spec (t->c, "nic", t->last);
}

static void
look_for_labels (void *data, const struct definition *def)
{
    struct typed *t = data;

    for (size_t i = 0; def->labels && i < def->labels->n_settings; i++) {
        const char *key = def->labels->settings[i].key;

        vec_add (&t->c->h.arena, &t->labels,
                 arena_format (&t->c->h.arena, "%s=%s", key,
                               settings_get (def->labels, key)));
    }
}

static void
offer_labels (struct typed *t)
{
    struct vec names = { 0 };
    struct error ignored = { 0 };

    definition_names (&t->c->h, &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        definition_look (&t->c->h, names.p[i], look_for_labels, t, &ignored);
    }
    vec_sort (&t->labels);
    vec_drop_doubles (&t->c->h.arena, &t->labels);
    for (size_t i = 0; i < t->labels.n; i++) {
        offer (t->labels.p[i], "label");
    }
}

/* Those before the last comma are chosen. */
static void
offer_columns (struct typed *t)
{
    const char *comma = strrchr (t->last, ',');
    size_t len = comma ? (size_t)(comma + 1 - t->last) : 0;

    len += t->last[len] == '-'; /* --sort -memory: backwards. */
    for (size_t i = 0; list_column_name (i); i++) {
        out ("%.*s%s\n", (int)len, t->last, list_column_name (i));
    }
}

static void
offer_value (struct typed *t)
{
    const struct option_def *o = t->needs;
    const char *name = t->command ? t->command->name : "";

    if (!strcmp (o->name, "set")) {
        completion_keys_set (t->c, &t->parts, t->last);
    } else if (!strcmp (o->name, "nic")) {
        offer_networks (t);
    } else if (!strcmp (o->name, "disk") && !strcmp (name, "resize")) {
        offer_disks (t, "=");
    } else if (!strcmp (o->name, "disk") && !strcmp (o->arg, "DISK")) {
        offer_disks (t, "");
    } else if (!strcmp (o->name, "disk")) {
        completion_keys_spec (t->c, "disk", t->last);
    } else if (o->words && !strcmp (o->words, "VM")) {
        offer_vms (t);
    } else if (o->words && !strcmp (o->words, "FILE")) {
        out (":file\n");
    } else if (o->words && !strcmp (o->words, "LABEL")) {
        offer_labels (t);
    } else if (o->words && !strcmp (o->words, "COLUMNS")) {
        offer_columns (t);
    } else if (o->words && !strcmp (o->words, "TEMPLATE")) {
        completion_keys_names (&t->c->h.host->templates, "", "template");
    } else if (o->words) {
        offer_words (o->words, " ");
    }
}

/* The argument's name in the usage: "NAME", "POOL/NAME[@SNAPSHOT]". */
static const char *
usage_word (struct typed *t)
{
    const char *at = t->command->usage, *word = "";

    for (size_t i = 0; *at && i <= t->args.n; i++) {
        size_t len = strcspn (at, " ");

        word = arena_dup_n (&t->c->h.arena, at, len);
        if (i < t->args.n && !at[len]) {
            return strstr (word, "…") ? word + (*word == '[') : "";
        }
        at += len + strspn (at + len, " ");
    }
    return word + (*word == '[');
}

/* "volume list" are two words. */
static void
offer_documents (const char *first)
{
    size_t len = first ? strlen (first) : 0;
    const char *name;

    for (size_t i = 0; (name = schema_nth (i)); i++) {
        if (!first && !strstr (name, " --")) {
            out ("%.*s\tdocument\n", (int)strcspn (name, " "), name);
        } else if (first && !strncmp (name, first, len) && name[len] == ' '
                   && name[len + 1] != '-') {
            offer (name + len + 1, "document");
        }
    }
}

static void
offer_argument (struct typed *t)
{
    const char *word = usage_word (t);

    if (strchr (word, '|') && !strstr (word, "FILE")) {
        offer_words (word, "|]");
    } else if (!strncmp (word, "NAME", 4)) {
        if (t->command->args != ARGS_NEW_VM) {
            offer_vms (t);
        }
    } else if (!strncmp (word, "DISK", 4)) {
        offer_disks (t, "");
    } else if (!strncmp (word, "NIC", 3)) {
        offer_nics (t);
    } else if (!strncmp (word, "SNAPSHOT", 8)) {
        if (strcmp (t->command->name, "snapshot create") != 0) {
            offer_snapshots (t);
        }
    } else if (!strncmp (word, "SPEC", 4)) {
        if (!strcmp (t->command->name, "attach-nic")) {
            offer_networks (t);
        } else {
            completion_keys_spec (t->c, "disk", t->last);
        }
    } else if (!strncmp (word, "POOL/NAME", 9)) {
        offer_volumes (t->c, word, t->last);
    } else if (!strncmp (word, "POOL", 4)) {
        completion_keys_names (&t->c->h.host->pools, "", "pool");
    } else if (!strncmp (word, "PLUGIN", 6)) {
        loader_load (&t->c->h);
        for (size_t i = 0; i < t->c->h.plugins.n; i++) {
            offer (((struct plugin *)t->c->h.plugins.p[i])->name, "plugin");
        }
    } else if (!strncmp (word, "IMAGE", 5)) {
        completion_keys_images (t->c);
    } else if (!strncmp (word, "COMMAND", 7)) {
        offer_commands (t->args.n ? t->args.p[0] : NULL);
    } else if (!strncmp (word, "DOCUMENT", 8)) {
        offer_documents (t->args.n ? t->args.p[0] : NULL);
    } else if (!strncmp (word, "FILE", 4)) {
        if (strstr (word, "|NAME")) {
            completion_keys_known_images (t->c);
        }
        out (":file\n");
    }
}

/* --------------------------------------------------------- What is typed */

static const struct option_def *
option_of (const struct typed *t, const char *word)
{
    const struct option_def *const tables[] = { global_options,
                                                t->command ? t->command->options
                                                           : NULL };

    for (size_t i = 0; i < ARRAY_SIZE (tables); i++) {
        for (const struct option_def *o = tables[i]; o && o->name; o++) {
            if (word[1] == '-' ? !strcmp (word + 2, o->name)
                               : word[1] && word[1] == o->letter && !word[2]) {
                return o;
            }
        }
    }
    return NULL;
}

/* Remembers "nic.lan" of --nic lan:user. */
static void
take_value (struct typed *t, const char *option, const char *value)
{
    if (!strcmp (option, "config")) {
        t->conf = value;
    } else if (!strcmp (option, "disk") || !strcmp (option, "nic")) {
        vec_add (&t->c->h.arena, &t->parts,
                 arena_format (&t->c->h.arena, "%s.%.*s", option,
                               (int)strcspn (value, ":"), value));
    }
}

static void
take_word (struct typed *t, const char *word)
{
    size_t used;
    const char *two[] = { t->group ? t->group : word, word };

    if (t->needs) {
        take_value (t, t->needs->name, word);
        t->needs = NULL;
    } else if (!t->only_words && !strcmp (word, "--")) {
        t->only_words = true;
    } else if (!t->only_words && word[0] == '-' && word[1]) {
        t->needs = option_of (t, word);
        t->needs = t->needs && t->needs->arg ? t->needs : NULL;
    } else if (t->command) {
        vec_add (&t->c->h.arena, &t->args, word);
    } else {
        t->command = find_command (two, t->group ? 2 : 1, &used);
        t->group = t->command ? NULL : word;
    }
}

/* "--nic=lan:": the value of the option before it. */
static void
split_last (struct typed *t)
{
    const char *equal = strchr (t->last, '=');

    if (!t->needs && !t->only_words && !strncmp (t->last, "--", 2) && equal) {
        const struct option_def *o =
            option_of (t, arena_dup_n (&t->c->h.arena, t->last,
                                       (size_t)(equal - t->last)));

        t->needs = o && o->arg ? o : NULL;
        t->last = equal + 1;
    }
}

int
cmd_complete (struct cli *c)
{
    struct typed t = { .c = c, .last = "" };

    for (size_t i = 0; i + 1 < c->args.n; i++) {
        take_word (&t, c->args.p[i]);
    }
    if (c->args.n) {
        t.last = c->args.p[c->args.n - 1];
    }
    split_last (&t);
    /* Errors are of no use here. */
    if (hvctl_open (&c->h, t.conf ? t.conf : c->conf, &c->err) < 0) {
        return EXIT_ERROR;
    }
    if (t.needs) {
        offer_value (&t);
    } else if (*t.last == '-' && !t.only_words) {
        offer_options (t.command ? t.command->options : NULL);
        offer_options (global_options);
    } else if (!t.command) {
        offer_commands (t.group);
    } else {
        offer_argument (&t);
    }
    return EXIT_OK;
}
