/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/broker-list.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/machine/descriptors.h"
#include "core/machine/image-users.h"
#include "core/provider/services.h"
#include "core/state/state.h"

const char *
broker_list_path (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s/lent", state_dir (h, vm));
}

/* The first letter of a line: r and w by path, n and c by name. */
static char
kind_of (uint32_t flags)
{
    return flags & HV_BY_NAME ? (flags & HV_RDWR ? 'c' : 'n')
           : flags & HV_RDWR  ? 'w'
                              : 'r';
}

/* A line of the list.  The file is opened repeatedly, so it is identified by
 * what it is now, not by its path alone. */
static int
line_for (struct hvctl *h, const char *path, uint32_t flags, const char **line,
          struct error *err)
{
    struct stat st;

    if (path[0] != '/' || strchr (path, '\n')) {
        return fail (err, EINVAL,
                     "'%s' cannot be passed to the hypervisor: it must be an "
                     "absolute path, on one line",
                     path);
    }
    if (stat (path, &st) < 0) {
        return fail (err, errno, "%s: %m", path);
    }
    *line = arena_format (&h->arena, "%c %" PRIu64 ":%" PRIu64 " %s\n",
                          kind_of (flags), (uint64_t)st.st_dev,
                          (uint64_t)st.st_ino, path);
    return 0;
}

/* Each can be opened as requested, and is noted as the VM's. */
static int
check_lent (struct hvctl *h, const char *vm, const struct hv_launch *l,
            struct error *err)
{
    struct image_open *lent =
        arena_alloc (&h->arena, (l->lent.n + 1) * sizeof *lent);
    size_t n = 0;

    for (; n < l->lent.n; n++) {
        const struct launch_lent *f = l->lent.p[n];

        if (descriptors_open_first (h, vm, f->path, f->flags, &lent[n], err)
            < 0) {
            break;
        }
    }
    if (n == l->lent.n) {
        descriptors_give (h, vm, lent, n, err);
    }
    while (n > 0) {
        close_fd (lent[--n].fd);
    }
    return -err->code;
}

int
broker_list_write (struct hvctl *h, const struct plan *plan, struct error *err)
{
    const struct hv_launch *l = &plan->launch;
    const char *text = "", *line;

    for (size_t i = 0; i < l->lent.n; i++) {
        const struct launch_lent *f = l->lent.p[i];

        if (line_for (h, f->path, f->flags, &line, err) < 0) {
            return -err->code;
        }
        text = arena_format (&h->arena, "%s%s", text, line);
    }
    for (size_t i = 0; i < l->fds.n; i++) {
        const struct launch_fd *f = l->fds.p[i];

        if (f->kind == FD_LISTEN) {
            text = arena_format (&h->arena, "%sl %d %s.sock\n", text, f->number,
                                 f->name);
        }
    }
    return check_lent (h, plan->def->name, l, err) < 0
               ? -err->code
               : file_write (broker_list_path (h, plan->def->name), 0600, text,
                             err);
}

int
broker_list_add_disk (struct hvctl *h, const char *vm,
                      const struct hv_disk *disk, struct error *err)
{
    CLEANUP_FREE char *old = file_read (broker_list_path (h, vm));
    const char *text, *line;

    if (!old) {
        return 0;
    }
    text = old;
    for (size_t i = 0; disk->layers[i]; i++) {
        if (line_for (h, disk->layers[i]->path,
                      i == 0 && !disk->readonly ? HV_RDWR : HV_RDONLY, &line,
                      err)
            < 0) {
            return -err->code;
        }
        text = arena_format (&h->arena, "%s%s", text, line);
    }
    return file_write (broker_list_path (h, vm), 0600, text, err);
}

/* Is 'line' about 'path', brokered in that mode? */
static bool
is_about (const char *line, bool writing, const char *path)
{
    const char *space = line[0] && line[1] ? strchr (line + 2, ' ') : NULL;
    size_t len = strlen (path);

    return line[0] == (writing ? 'w' : 'r') && space
           && !strncmp (space + 1, path, len) && space[1 + len] == '\n';
}

/* Removes one line for each layer, since another disk may have the same one. */
int
broker_list_drop_disk (struct hvctl *h, const char *vm,
                       const struct hv_disk *disk, struct error *err)
{
    CLEANUP_FREE char *list = file_read (broker_list_path (h, vm));

    if (!list) {
        return 0;
    }
    for (size_t i = 0; disk->layers[i]; i++) {
        bool writing = i == 0 && !disk->readonly;
        char *line = list;

        while (*line && !is_about (line, writing, disk->layers[i]->path)) {
            line += strcspn (line, "\n");
            line += *line == '\n';
        }
        if (*line) {
            const char *next = line + strcspn (line, "\n") + 1;

            memmove (line, next, strlen (next) + 1);
        }
    }
    return file_write (broker_list_path (h, vm), 0600, list, err);
}

/* Removes the lines of files that are brokered by name. */
static void
drop_named (char *list)
{
    while (*list) {
        char *next = list + strcspn (list, "\n");

        next += *next == '\n';
        if ((list[0] == 'n' || list[0] == 'c') && list[1] == ' ') {
            memmove (list, next, strlen (next) + 1);
        } else {
            list = next;
        }
    }
}

int
broker_list_add_state (struct hvctl *h, const char *vm, const char *dir,
                       const char *const names[], struct error *err)
{
    CLEANUP_FREE char *list = file_read (broker_list_path (h, vm));
    const char *text = list, *line;

    if (!list) {
        return 0;
    }
    drop_named (list);
    for (; *names; names++) {
        if (line_for (h, arena_format (&h->arena, "%s/%s", dir, *names),
                      HV_RDWR | HV_BY_NAME, &line, err)
            < 0) {
            return -err->code;
        }
        text = arena_format (&h->arena, "%s%s", text, line);
    }
    return file_write (broker_list_path (h, vm), 0600, text, err);
}

int
broker_list_drop_state (struct hvctl *h, const char *vm, struct error *err)
{
    CLEANUP_FREE char *list = file_read (broker_list_path (h, vm));

    if (!list) {
        return 0;
    }
    drop_named (list);
    return file_write (broker_list_path (h, vm), 0600, list, err);
}
