/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/fleet.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/definition-text.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/settings.h"

#define MOST_MEMBERS 10000
#define LARGEST_INDEX UINT64_C (999999999)
#define INDEX_DIGITS 9
#define SMALL 8192 /* Bytes: nearly all definitions are. */

/* A file that was looked at. */
struct known {
    const char *name;
    struct stat st;
    struct fleet *fleet; /* Null: it is none. */
};

/* In an arena of its own: definition_look() frees the command's. */
struct fleets {
    struct arena arena;
    struct vec known; /* struct known *, by name */
};

/* ------------------------------------------------------------ One file */

static bool
is_boundary (int c)
{
    return !isalnum (c) && c != '_' && c != '-' && c != '.';
}

/* Most definitions are none of a fleet, and are not parsed to find out. */
static bool
may_have_count (const char *text)
{
    const char *at = text;

    while ((at = strstr (at, "count"))) {
        if ((at == text || is_boundary ((unsigned char)at[-1]))
            && is_boundary ((unsigned char)at[5])) {
            return true;
        }
        at += 5;
    }
    return false;
}

/* Reads a number; one with a variable would be another one for each member. */
static bool
read_number (struct fleet *f, const char *key, uint64_t least, uint64_t most,
             uint64_t *out)
{
    const struct setting *set = settings_find (f->root, key);

    if (!set) {
        return true;
    }
    if (set->pending) {
        problem (&f->broken, set->file, set->line,
                 "%s = \"%s\" contains a variable, but the members must be "
                 "known before their variables are: write a number",
                 key, set->written);
        return false;
    }
    if (!parse_uint (set->value, out) || *out < least || *out > most) {
        problem (&f->broken, set->file, set->line,
                 "%s = \"%s\" is not a number from %" PRIu64 " to %" PRIu64,
                 key, set->value, least, most);
        return false;
    }
    return true;
}

/* The last member has the longest name. */
static bool
check_names (struct fleet *f)
{
    const struct setting *count = settings_find (f->root, "count");
    struct error err = { 0 };
    uint64_t last = f->first + f->count - 1;

    if (last > LARGEST_INDEX) {
        problem (&f->broken, count->file, count->line,
                 "the last index would be %" PRIu64 ", and at most %" PRIu64
                 " is allowed: lower 'first'",
                 last, LARGEST_INDEX);
        return false;
    }
    if (name_validate (
            "VM", arena_format (f->broken.arena, "%s-%" PRIu64, f->name, last),
            &err)
        < 0) {
        problem (&f->broken, count->file, count->line,
                 "the name of a member is not valid: %s", err.text);
        return false;
    }
    return true;
}

static struct fleet *
parse (struct arena *a, const char *name, const char *file)
{
    struct fleet *f = arena_alloc (a, sizeof *f);
    bool count, first;

    f->broken.arena = f->equal.arena = a;
    f->name = arena_dup (a, name);
    f->file = arena_dup (a, file);
    f->root = config_parse (a, f->file, definition_kinds, &f->broken);
    if (!f->root) {
        return f;
    }
    if (!settings_find (f->root, "count")) {
        return NULL;
    }
    count = read_number (f, "count", 1, MOST_MEMBERS, &f->count);
    first = read_number (f, "first", 0, LARGEST_INDEX, &f->first);
    f->valid = count && first && check_names (f);
    return f;
}

struct fleet *
fleet_read (struct hvctl *h, const char *name, const char *file)
{
    CLEANUP_FREE char *text = file_read (file);
    struct fleet *f = text ? parse (&h->arena, name, file) : NULL;

    return f && (f->root || may_have_count (text)) ? f : NULL;
}

/* -------------------------------------------------- Those of the command */

static bool
is_same (const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino
           && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec
           && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Returns where in the list the name is, or belongs. */
static size_t
place_of (const struct vec *known, const char *name)
{
    size_t from = 0, to = known->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (strcmp (((const struct known *)known->p[middle])->name, name) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static struct known *
remember (struct fleets *all, const char *name)
{
    size_t at = place_of (&all->known, name);
    struct known *k = at < all->known.n ? all->known.p[at] : NULL;

    if (k && !strcmp (k->name, name)) {
        return k;
    }
    k = arena_alloc (&all->arena, sizeof *k);
    k->name = arena_dup (&all->arena, name);
    vec_add (&all->arena, &all->known, k);
    memmove (all->known.p + at + 1, all->known.p + at,
             (all->known.n - 1 - at) * sizeof *all->known.p);
    all->known.p[at] = k;
    return k;
}

static struct fleet *
look (struct hvctl *h, const char *name)
{
    CLEANUP_FREE char *file = xformat ("%s/%s.conf", h->host->vm_dir, name);
    CLEANUP_FREE char *text = NULL;
    struct known *k;
    struct stat st;

    if (stat (file, &st) < 0) {
        return NULL;
    }
    if (!h->fleets) {
        h->fleets = xalloc (sizeof *h->fleets);
    }
    k = remember (h->fleets, name);
    if (is_same (&k->st, &st)) {
        return k->fleet;
    }
    k->st = st;
    text = file_read (file);
    k->fleet = text && may_have_count (text)
                   ? parse (&h->fleets->arena, name, file)
                   : NULL;
    return k->fleet;
}

struct fleet *
fleet_find (struct hvctl *h, const char *name)
{
    struct error ignored = { 0 };
    struct fleet *f =
        name_validate ("VM", name, &ignored) == 0 ? look (h, name) : NULL;

    /* A member is a VM, whatever its file says: that is reported. */
    return f && !fleet_of (h, name) ? f : NULL;
}

/* Returns whether it is no fleet's; then its text is kept. */
static bool
keep_text (struct hvctl *h, int dir, const char *file, const char *name)
{
    struct error ignored = { 0 };
    size_t size = 0;
    CLEANUP_FREE char *text = file_load_in (dir, file, &size, &ignored);

    if (!text || may_have_count (text)) {
        return false;
    }
    definition_text_add (h, name, steal (&text), size);
    return true;
}

/* The same, for those who do not need the text: the beginning of a small file
 * is all of it. */
static bool
is_plain (int dir, const char *file)
{
    CLEANUP_CLOSE int fd =
        openat (dir, file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    char text[SMALL];
    ssize_t n = fd < 0 ? -1 : read (fd, text, sizeof text - 1);

    if (n < 0) {
        return true;
    }
    text[n] = '\0';
    return n < SMALL - 1 && !may_have_count (text);
}

struct fleet *
fleet_scan (struct hvctl *h, int dir, const char *file, const char *name)
{
    return (definition_text_is_kept (h) ? keep_text (h, dir, file, name)
                                        : is_plain (dir, file))
               ? NULL
               : fleet_find (h, name);
}

/* Returns the length of that name, or 0. */
static size_t
base_length (const char *vm, uint64_t *index)
{
    const char *hyphen = strrchr (vm, '-');
    const char *digits = hyphen ? hyphen + 1 : "";
    size_t len = strlen (digits);

    if (!len || len > INDEX_DIGITS || hyphen == vm
        || digits[strspn (digits, "0123456789")]
        || (len > 1 && *digits == '0')) {
        return 0;
    }
    *index = strtoull (digits, NULL, 10);
    return (size_t)(hyphen - vm);
}

const char *
fleet_name_of (struct arena *a, const char *vm, uint64_t *index)
{
    size_t len = base_length (vm, index);

    return len ? arena_dup_n (a, vm, len) : NULL;
}

struct fleet *
fleet_beside (struct hvctl *h, const char *vm, uint64_t *index)
{
    size_t len = base_length (vm, index);
    CLEANUP_FREE char *base = len ? xformat ("%.*s", (int)len, vm) : NULL;

    return base ? fleet_find (h, base) : NULL;
}

struct fleet *
fleet_of (struct hvctl *h, const char *vm)
{
    uint64_t index;
    struct fleet *f = fleet_beside (h, vm, &index);

    return f && fleet_has (f, index) ? f : NULL;
}

void
fleet_forget (struct hvctl *h)
{
    if (h->fleets) {
        arena_free (&h->fleets->arena);
        free (h->fleets);
        h->fleets = NULL;
    }
}

/* ------------------------------------------------------------ Its members */

bool
fleet_has (const struct fleet *f, uint64_t index)
{
    return f->valid && index >= f->first && index - f->first < f->count;
}

const char *
fleet_member (struct arena *a, const struct fleet *f, uint64_t i)
{
    return arena_format (a, "%s-%" PRIu64, f->name, f->first + i);
}

void
fleet_members (struct arena *a, const struct fleet *f, struct vec *names)
{
    for (uint64_t i = 0; f->valid && i < f->count; i++) {
        vec_add (a, names, fleet_member (a, f, i));
    }
}

const char *
fleet_range (struct arena *a, const struct fleet *f)
{
    const char *first = fleet_member (a, f, 0);

    return f->count == 1 ? first
                         : arena_format (a, "%s … %s", first,
                                         fleet_member (a, f, f->count - 1));
}

const char *
fleet_where (struct arena *a, const struct fleet *f, const char *key)
{
    return f->root ? settings_where (a, f->root, key) : f->file;
}

int
fleet_refuse (struct hvctl *h, const struct fleet *f, struct error *err)
{
    struct problems p = { .arena = &h->arena };

    problem_add_new (&p, &f->broken.lines);
    if (!f->valid && problem_fail (&p, err) < 0) {
        err->exit_code = EXIT_CONFIG;
        return -err->code;
    }
    return fail_exit (
        err, EXIT_NOT_FOUND, ENOENT, "%s is a fleet, not a VM: name %s%s",
        f->name, f->count == 1 ? "" : "one of ", fleet_range (&h->arena, f));
}

const char *
fleet_own_text (struct arena *a, const struct fleet *f, const char *vm)
{
    return arena_format (a,
                         "# %s: these values override those of fleet %s, which "
                         "are in %s.conf\n",
                         vm, f->name, f->name);
}

bool
fleet_has_key (const char *key)
{
    return !strcmp (key, "count") || !strcmp (key, "first");
}

/* The UUID of a member is that of "UUID/INDEX", in lower case.  This never
 * changes: guests have licences, leases and names by their UUIDs and MAC
 * addresses.  The name of the fleet is not part of it: it may be renamed. */
void
fleet_derive (struct arena *a, struct hv_options *root, uint64_t index)
{
    struct setting *set = settings_find (root, "uuid");
    const char *uuid = set && set->fleet && !set->pending
                           ? name_lower_uuid (a, set->value)
                           : NULL;

    if (uuid) {
        set->written = set->value;
        set->value =
            name_uuid (a, arena_format (a, "%s/%" PRIu64, uuid, index));
    }
}
