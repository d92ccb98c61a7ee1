/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/identify.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/addresses.h"
#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/config/definition-find.h"
#include "core/machine/running.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* ------------------------------------------------------------- Arguments */

static bool
is_uuid (const char *word)
{
    size_t n = 0;

    for (; word[n]; n++) {
        bool hyphen = n == 8 || n == 13 || n == 18 || n == 23;

        if (hyphen ? word[n] != '-' : !isxdigit ((unsigned char)word[n])) {
            return false;
        }
    }
    return n == 36;
}

const char *
identify_form (const char *word)
{
    uint8_t mac[6];

    return is_uuid (word)          ? "UUID"
           : parse_mac (word, mac) ? "MAC address"
                                   : NULL;
}

static const char *
usual_mac (struct arena *a, const char *word)
{
    char text[MAC_TEXT];
    uint8_t mac[6];

    return parse_mac (word, mac) ? arena_dup (a, format_mac (mac, text)) : NULL;
}

/* Names may have the form of a UUID, or of a MAC address with hyphens. */
static bool
is_name (struct cli *c, const char *word)
{
    return !strchr (word, ':')
           && (definition_exists (&c->h, word)
               || access (state_dir (&c->h, word), F_OK) == 0);
}

static bool
has_mac (const struct vec *nics, const char *mac)
{
    for (size_t i = 0; i < nics->n; i++) {
        const struct nic_def *n = nics->p[i];
        char text[MAC_TEXT];

        if (!strcmp (format_mac (n->mac, text), mac)) {
            return true;
        }
    }
    return false;
}

/* Words of the command line that are to become names. */
struct word {
    void **at; /* In the command line. */
    const char *text, *mac;
    struct vec names; /* Of the VMs that have it. */
};

struct words {
    struct cli *c;
    struct word *words;
    size_t n;
    const char *name; /* Of the VM that is looked at. */
};

static void
look (void *data, const struct definition *def)
{
    struct words *w = data;

    for (size_t i = 0; i < w->n; i++) {
        struct word *word = &w->words[i];

        if (word->mac ? has_mac (&def->nics, word->mac)
                      : !strcasecmp (word->text, def->uuid)) {
            vec_add (&w->c->h.arena, &word->names, w->name);
        }
    }
}

/* A VM may run without a definition, or with another UUID and other MAC
 * addresses than the definition has by now. */
static void
look_at_running (struct words *w, const char *name)
{
    struct vm_state s = { .name = name };
    struct vec nics = { 0 };

    if (!state_read_words (&w->c->h, &s)) {
        return;
    }
    running_nics (&w->c->h, name, &nics);
    for (size_t i = 0; i < w->n; i++) {
        struct word *word = &w->words[i];

        if ((word->mac ? has_mac (&nics, word->mac)
                       : s.uuid && !strcasecmp (word->text, s.uuid))
            && !vec_has (&word->names, name)) {
            vec_add (&w->c->h.arena, &word->names, name);
        }
    }
}

static int
look_at_all (struct words *w)
{
    struct cli *c = w->c;
    struct vec names = { 0 }, live = { 0 };

    if (definition_names (&c->h, &names, &c->err) < 0) {
        return -c->err.code;
    }
    for (size_t i = 0; i < names.n; i++) {
        struct error ignored = { 0 };

        w->name = names.p[i];
        definition_look (&c->h, w->name, look, w, &ignored);
    }
    state_names (&c->h, &live);
    for (size_t i = 0; i < live.n; i++) {
        look_at_running (w, live.p[i]);
    }
    return 0;
}

static int
replace (struct words *w, struct word *word)
{
    struct cli *c = w->c;
    const char *form = identify_form (word->text);
    bool several =
        (c->command->args == ARGS_VMS || c->command->args == ARGS_ANY_VMS)
        && word->at >= c->args.p && word->at < c->args.p + c->args.n;

    if (word->names.n == 1) {
        *word->at = word->names.p[0];
        return 0;
    }
    if (!word->names.n) {
        return several ? 0
                       : fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                                    "no VM has the %s %s (hvctl find searches "
                                    "for a part of one)",
                                    form, word->text);
    }
    vec_sort (&word->names);
    return fail_exit (&c->err, EXIT_CONFIG, ENOTUNIQ,
                      "%zu VMs have the %s %s: use the name, which is one of "
                      "%s",
                      word->names.n, form, word->text,
                      name_list (&c->h.arena, &word->names, 8));
}

static void
add_words (struct words *w, const struct vec *from, size_t n)
{
    struct cli *c = w->c;

    for (size_t i = 0; i < n; i++) {
        const char *text = from->p[i];
        struct word word = { .at = &from->p[i],
                             .text = text,
                             .mac = usual_mac (&c->h.arena, text) };

        if (identify_form (text) && !is_name (c, text)) {
            w->words[w->n++] = word;
        }
    }
}

/* The arguments, and the options, that the table of commands says are VMs. */
static void
find_words (struct words *w)
{
    struct cli *c = w->c;
    const struct option_def *o = c->command->options;
    enum args kind = c->command->args;
    size_t n = kind == ARGS_VM || kind == ARGS_VM_MORE    ? c->args.n > 0
               : kind == ARGS_VMS || kind == ARGS_ANY_VMS ? c->args.n
                                                          : 0;
    size_t room = n;

    for (size_t i = 0; o[i].name; i++) {
        room += c->values[i].n;
    }
    w->words = arena_alloc (&c->h.arena, (room + 1) * sizeof *w->words);
    add_words (w, &c->args, n);
    for (size_t i = 0; o[i].name; i++) {
        if (o[i].words && !strcmp (o[i].words, "VM")) {
            add_words (w, &c->values[i], c->values[i].n);
        }
    }
}

int
identify_args (struct cli *c)
{
    struct words w = { .c = c };

    if (!(c->command->flags & CMD_HIDDEN)) {
        find_words (&w);
    }
    if (w.n && look_at_all (&w) < 0) {
        return -c->err.code;
    }
    for (size_t i = 0; i < w.n; i++) {
        if (replace (&w, &w.words[i]) < 0) {
            return -c->err.code;
        }
    }
    return 0;
}

/* --------------------------------------------------------------- Options */

static const char *
value_of (struct cli *c, const char *option)
{
    return may_have_option (c, option) ? option_value (c, option) : NULL;
}

int
identify_parse (struct cli *c, struct identify *out, struct error *err)
{
    const char *mac = value_of (c, "mac");
    struct in6_addr ignored;

    out->c = c;
    out->uuid = value_of (c, "uuid");
    out->ip = value_of (c, "ip");
    out->mac = mac ? usual_mac (&c->h.arena, mac) : NULL;
    if (mac && !out->mac) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--mac '%s' is not a MAC address such as "
                          "52:54:00:12:34:56 (hvctl find searches for a part "
                          "of one)",
                          mac);
    }
    if (out->uuid && !is_uuid (out->uuid)) {
        return fail_exit (
            err, EXIT_USAGE, EINVAL,
            "--uuid '%s' is not a UUID (hvctl find searches for a "
            "part of one)",
            out->uuid);
    }
    if (out->ip && inet_pton (AF_INET, out->ip, &ignored) != 1
        && inet_pton (AF_INET6, out->ip, &ignored) != 1) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--ip '%s' is not an IP address such as 192.168.1.5 "
                          "or fd00::5 (hvctl find searches for a part of one)",
                          out->ip);
    }
    return 0;
}

bool
identify_is_given (const struct identify *id)
{
    return id->uuid || id->mac || id->ip;
}

/* The kernel remembers the addresses of VMs that have stopped. */
static bool
has_address (const struct identify *id, const struct definition *def)
{
    struct vec nics = { 0 };
    struct vm_state s;

    running_nics (&id->c->h, def->name, &nics);
    nics = nics.n ? nics : def->nics;
    for (size_t i = 0; i < nics.n; i++) {
        struct vec found = { 0 };

        addresses_of (addresses_known (id->c), nics.p[i], &found);
        for (size_t k = 0; k < found.n; k++) {
            const struct address *address = found.p[k];

            if (!strcmp (address->text, id->ip)) {
                state_read (&id->c->h, def->name, &s);
                return s.run > RUN_UNKNOWN;
            }
        }
    }
    return false;
}

static bool
is_running_with (struct cli *c, const char *name, const char *mac)
{
    struct vec nics = { 0 };

    running_nics (&c->h, name, &nics);
    return has_mac (&nics, mac);
}

bool
identify_matches (const struct identify *id, const struct definition *def)
{
    return (!id->uuid || !strcasecmp (id->uuid, def->uuid))
           && (!id->mac || has_mac (&def->nics, id->mac)
               || is_running_with (id->c, def->name, id->mac))
           && (!id->ip || has_address (id, def));
}

int
identify_fail (const struct identify *id, bool more, bool named,
               struct error *err)
{
    const char *what = id->uuid  ? "UUID"
                       : id->mac ? "MAC address"
                                 : "IP address, as far as this host knows";
    const char *value = id->uuid ? id->uuid : id->mac ? id->mac : id->ip;
    bool single = !!id->uuid + !!id->mac + !!id->ip == 1 && !more;

    return single ? fail_exit (err, EXIT_NOT_FOUND, ENOENT, "%s has the %s: %s",
                               named ? "none of the VMs named" : "no VM", what,
                               value)
                  : fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                               "%s matches all of these options",
                               named ? "none of the VMs named" : "no VM");
}
