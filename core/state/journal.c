/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "common/mac.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/process.h"
#include "core/base/trust.h"
#include "core/provider/loader.h"
#include "core/provider/netns.h"
#include "core/provider/provider.h"
#include "core/provider/storage.h"
#include "core/state/others.h"
#include "core/state/state.h"

#define ATTACH "attach"
#define CANCEL "cancel"
#define DETACHED "detached" /* The port was; its entry stays. */
#define HELPER "helper"
#define TEMPORARY "file"

static const char *
journal_path (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s/journal", state_dir (h, vm));
}

/* Does the file end in an incomplete line?  Then a write was interrupted. */
static bool
is_cut_off (int fd)
{
    off_t size = lseek (fd, 0, SEEK_END);
    char last;

    return size > 0 && pread (fd, &last, 1, size - 1) == 1 && last != '\n';
}

int
journal_append (struct hvctl *h, const char *path, struct json_object *entry,
                struct error *err)
{
    CLEANUP_CLOSE int fd =
        open (path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    char *line = arena_format (
        &h->arena, "%s%s\n", fd >= 0 && is_cut_off (fd) ? "\n" : "",
        json_object_to_json_string_ext (entry, JSON_C_TO_STRING_PLAIN));
    size_t len = strlen (line);
    ssize_t n;

    json_object_put (entry);
    if (fd < 0) {
        return fail (err, errno, "cannot open %s: %m", path);
    }
    n = write (fd, line, len);
    if (n != (ssize_t)len) {
        errno = n < 0 ? errno : ENOSPC;
        return fail (err, errno, "cannot write %s: %m", path);
    }
    return 0;
}

static int
append (struct hvctl *h, const char *vm, struct json_object *entry,
        struct error *err)
{
    return journal_append (h, journal_path (h, vm), entry, err);
}

struct json_object *
journal_entry (const char *op, const struct plugin *p,
               const struct hv_options *options)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *settings = json_object_new_object ();

    json_put_text (o, "op", op);
    json_put_text (o, "plugin", p->name);
    for (size_t i = 0; options && i < options->n_settings; i++) {
        json_put_text (settings, options->settings[i].key,
                       options->settings[i].value);
    }
    json_object_object_add (o, "options", settings);
    return o;
}

int
journal_port (struct hvctl *h, const char *vm, const struct plugin *p,
              const struct hv_port *port, struct error *err)
{
    struct json_object *o = journal_entry (ATTACH, p, port->options);
    char mac[MAC_TEXT];

    json_put_text (o, "uuid", port->vm_uuid);
    json_put_text (o, "name", port->name);
    json_put_text (o, "network", port->network);
    json_put_text (o, "ifname", port->ifname);
    json_put_text (o, "mac", format_mac (port->mac, mac));
    json_put_number (o, "netns", netns_own ());
    return append (h, vm, o, err);
}

int
journal_volume (struct hvctl *h, const char *vm, const struct plugin *p,
                const struct hv_volume *vol, struct error *err)
{
    struct json_object *o = journal_entry ("activate", p, vol->options);

    json_put_text (o, "name", vol->name);
    json_put_text (o, "pool", vol->pool);
    json_put_text (o, "path", vol->path);
    json_put_text (o, "format", vol->format);
    return append (h, vm, o, err);
}

int
journal_helper (struct hvctl *h, const char *vm, const char *nic, pid_t pid,
                uint64_t start_time, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", HELPER);
    json_put_text (o, "name", nic);
    json_put_number (o, "pid", pid);
    json_put_number (o, "start", (int64_t)start_time);
    return append (h, vm, o, err);
}

int
journal_file (struct hvctl *h, const char *vm, const char *path,
              struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", TEMPORARY);
    json_put_text (o, "name", path);
    return append (h, vm, o, err);
}

int
journal_cancel (struct hvctl *h, const char *vm, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", CANCEL);
    return append (h, vm, o, err);
}

struct hv_options *
journal_options (struct hvctl *h, struct json_object *entry,
                 const struct hv_key *keys)
{
    struct hv_options *s = arena_alloc (&h->arena, sizeof *s);
    struct json_object *settings;

    s->keys = keys;
    if (!json_object_object_get_ex (entry, "options", &settings)
        || !json_object_is_type (settings, json_type_object)) {
        return s;
    }
    s->settings =
        arena_alloc (&h->arena, (size_t)json_object_object_length (settings)
                                    * sizeof *s->settings);
    json_object_object_foreach (settings, key, value) {
        struct setting *to = &s->settings[s->n_settings++];

        to->key = arena_dup (&h->arena, key);
        to->value = arena_dup (&h->arena, json_object_get_string (value));
    }
    return s;
}

static int
undo_port (struct hvctl *h, const char *vm, struct plugin *p,
           struct json_object *entry, struct error *err)
{
    const char *mac = json_get_text (&h->arena, entry, "mac");
    struct hv_port port = {
        .vm = vm,
        .vm_uuid = json_get_text (&h->arena, entry, "uuid"),
        .name = json_get_text (&h->arena, entry, "name"),
        .network = json_get_text (&h->arena, entry, "network"),
        .ifname = json_get_text (&h->arena, entry, "ifname"),
        .options = journal_options (h, entry, p->network.keys),
        .queues = 1,
    };

    if (!port.name || !port.ifname || !mac || !parse_mac (mac, port.mac)) {
        return fail (err, EINVAL, "the journal of %s is damaged", vm);
    }
    return netns_detach (json_get_number (entry, "netns"), p, &port, err);
}

static int
undo_volume (struct hvctl *h, const char *vm, struct plugin *p,
             struct json_object *entry, struct error *err)
{
    struct hv_volume vol = {
        .name = json_get_text (&h->arena, entry, "name"),
        .pool = json_get_text (&h->arena, entry, "pool"),
        .path = json_get_text (&h->arena, entry, "path"),
        .format = json_get_text (&h->arena, entry, "format"),
    };

    if (!vol.name || (!vol.path && !vol.pool)) {
        return fail (err, EINVAL, "the journal of %s is damaged", vm);
    }
    vol.options = vol.path ? NULL : journal_options (h, entry, p->storage.keys);
    return storage_deactivate (p, &vol, err);
}

static struct helper_entry
get_helper (struct hvctl *h, struct json_object *entry)
{
    return (struct helper_entry){
        .nic = json_get_text (&h->arena, entry, "name"),
        .pid = (pid_t)json_get_number (entry, "pid"),
        .start_time = (uint64_t)json_get_number (entry, "start"),
    };
}

static int
undo_helper (struct hvctl *h, struct json_object *entry, struct error *err)
{
    struct helper_entry e = get_helper (h, entry);

    return process_end (e.pid, e.start_time, others_left (h, PROCESS_END), err);
}

static int
undo_file (struct hvctl *h, struct json_object *entry, struct error *err)
{
    const char *path = json_get_text (&h->arena, entry, "name");

    return path && unlink_if_any (path) < 0
               ? fail (err, errno, "cannot remove %s: %m", path)
               : 0;
}

static int
undo_entry (struct hvctl *h, const char *vm, const char *line,
            struct error *err)
{
    struct json_object *entry = json_tokener_parse (line);
    const char *op, *name;
    struct plugin *p;
    int rc = 0;

    if (!entry) {
        return 0;
    }
    op = json_get_text (&h->arena, entry, "op");
    if (op && !strcmp (op, HELPER)) {
        rc = undo_helper (h, entry, err);
        json_object_put (entry);
        return rc;
    }
    if (op && !strcmp (op, TEMPORARY)) {
        rc = undo_file (h, entry, err);
        json_object_put (entry);
        return rc;
    }
    if (op && !strcmp (op, DETACHED)) {
        json_object_put (entry);
        return 0;
    }
    name = json_get_text (&h->arena, entry, "plugin");
    p = name ? loader_find (h, name) : NULL;
    if (!op || !name) {
        rc = fail (err, EINVAL, "the journal of %s is damaged", vm);
    } else if (!p) {
        rc = fail (err, ENOENT,
                   "plugin %s, which %s uses, is no longer installed: "
                   "install it again to clean up",
                   name, vm);
    } else if (provider_usable (p, err) < 0) {
        rc = -err->code;
    } else if (!strcmp (op, ATTACH) && p->has_network) {
        rc = undo_port (h, vm, p, entry, err);
    } else if (!strcmp (op, "activate") && p->has_storage) {
        rc = undo_volume (h, vm, p, entry, err);
    } else {
        rc = fail (err, EINVAL, "the journal of %s is damaged", vm);
    }
    json_object_put (entry);
    return rc;
}

/* An incomplete last line is ignored. */
static void
split_lines (struct hvctl *h, char *text, struct vec *lines)
{
    for (char *line = text; line && *line;) {
        char *end = strchr (line, '\n');

        if (!end) {
            break;
        }
        *end = '\0';
        vec_add (&h->arena, lines, line);
        line = end + 1;
    }
}

int
journal_lines (struct hvctl *h, const char *path, struct vec *lines,
               struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    struct stat st;

    if (lstat (path, &st) == 0
        && (!S_ISREG (st.st_mode) || trust_stat (&st, path, err) < 0)) {
        return fail (err, EPERM,
                     "%s is a journal that another user created, and is "
                     "ignored: inspect it, and remove it",
                     path);
    }
    text = file_read_large (path);
    split_lines (h, text ? arena_dup (&h->arena, text) : NULL, lines);
    return 0;
}

static struct helper_entry *
find_helper (const struct vec *list, const char *nic)
{
    for (size_t i = 0; i < list->n; i++) {
        struct helper_entry *e = list->p[i];

        if (!strcmp (e->nic, nic)) {
            return e;
        }
    }
    return NULL;
}

void
journal_helpers (struct hvctl *h, const char *vm, struct vec *out)
{
    CLEANUP_FREE char *text = file_read (journal_path (h, vm));
    struct vec lines = { 0 };

    split_lines (h, text, &lines);
    for (size_t i = 0; i < lines.n; i++) {
        struct json_object *entry = json_tokener_parse (lines.p[i]);
        const char *op = entry ? json_get_text (&h->arena, entry, "op") : NULL;
        struct helper_entry *e, now = { 0 };

        if (op && !strcmp (op, HELPER)) {
            now = get_helper (h, entry);
        }
        json_object_put (entry);
        if (!now.nic) {
            continue;
        }
        e = find_helper (out, now.nic);
        if (!e) {
            e = arena_alloc (&h->arena, sizeof *e);
            vec_add (&h->arena, out, e);
        }
        *e = now;
    }
}

/* Applies a line to the 'names' of attached ports; '*last' is that of the line
 * before. */
static void
count_port (struct hvctl *h, const char *line, const char **last,
            struct vec *names)
{
    struct json_object *entry = json_tokener_parse (line);
    const char *op = entry ? json_get_text (&h->arena, entry, "op") : NULL;
    const char *nic = op ? json_get_text (&h->arena, entry, "name") : NULL;

    json_object_put (entry);
    if (nic && !strcmp (op, ATTACH)) {
        *last = nic;
        if (!vec_has (names, nic)) {
            vec_add (&h->arena, names, nic);
        }
    } else if (nic && !strcmp (op, DETACHED)) {
        vec_drop (names, nic);
    } else if (op && !strcmp (op, CANCEL) && *last) {
        vec_drop (names, *last);
    } else {
        *last = NULL;
    }
}

bool
journal_ports (struct hvctl *h, const char *vm, struct vec *out)
{
    struct error ignored = { 0 };
    struct vec lines = { 0 };
    const char *last = NULL;

    if (access (state_dir (h, vm), R_OK) < 0
        || journal_lines (h, journal_path (h, vm), &lines, &ignored) < 0) {
        return false;
    }
    for (size_t i = 0; i < lines.n; i++) {
        count_port (h, lines.p[i], &last, out);
    }
    return true;
}

/* Is that the line of the NIC's port? */
static bool
is_port (struct hvctl *h, const char *line, const char *nic)
{
    struct json_object *entry = json_tokener_parse (line);
    const char *op = entry ? json_get_text (&h->arena, entry, "op") : NULL;
    const char *name = op ? json_get_text (&h->arena, entry, "name") : NULL;

    json_object_put (entry);
    return name && !strcmp (op, ATTACH) && !strcmp (name, nic);
}

static int
note_detached (struct hvctl *h, const char *vm, const char *nic,
               struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", DETACHED);
    json_put_text (o, "name", nic);
    return append (h, vm, o, err);
}

int
journal_undo_port (struct hvctl *h, const char *vm, const char *nic,
                   struct error *err)
{
    struct vec lines = { 0 };

    if (journal_lines (h, journal_path (h, vm), &lines, err) < 0) {
        return -err->code;
    }
    while (lines.n) {
        if (is_port (h, lines.p[--lines.n], nic)) {
            return undo_entry (h, vm, lines.p[lines.n], err) < 0
                           || note_detached (h, vm, nic, err) < 0
                       ? -err->code
                       : 0;
        }
    }
    return 0;
}

int
journal_undo (struct hvctl *h, const char *vm, struct error *err)
{
    const char *path = journal_path (h, vm);
    struct vec lines = { 0 };
    struct error first = { 0 };

    if (journal_lines (h, path, &lines, err) < 0) {
        return -err->code;
    }
    while (lines.n) {
        struct error one = { 0 };

        if (strstr (lines.p[lines.n - 1], "{\"op\":\"" CANCEL "\"")) {
            lines.n -= lines.n > 1 ? 2 : 1;
            continue;
        }
        if (undo_entry (h, vm, lines.p[--lines.n], &one) < 0 && !first.code) {
            first = one;
        }
    }
    if (first.code) {
        *err = first;
        return -first.code;
    }
    unlink (path);
    return 0;
}
