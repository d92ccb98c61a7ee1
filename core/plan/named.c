/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/named.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "core/config/config.h"
#include "core/config/problem.h"
#include "core/config/settings.h"
#include "core/provider/storage.h"

static const char *
type_text (mode_t mode)
{
    return S_ISDIR (mode)    ? "a directory"
           : S_ISFIFO (mode) ? "a FIFO"
           : S_ISSOCK (mode) ? "a socket"
           : S_ISCHR (mode)  ? "a character device"
           : S_ISBLK (mode)  ? "a block device"
                             : "not a file";
}

const char *
named_fault (struct arena *a, const char *path, bool device, int *code)
{
    struct stat st;

    if (stat (path, &st) < 0) {
        *code = errno;
        return *code != ENOENT ? arena_format (a, "cannot be accessed: %s",
                                               strerror (*code))
               : lstat (path, &st) == 0
                   ? "is a symbolic link to something that does not exist"
                   : "does not exist";
    }
    if (!S_ISREG (st.st_mode) && !(device && S_ISBLK (st.st_mode))) {
        *code = EINVAL;
        return arena_format (a, "is %s, and must be a file%s",
                             type_text (st.st_mode),
                             device ? " or a block device" : "");
    }
    if (faccessat (AT_FDCWD, path, R_OK, AT_EACCESS) < 0) {
        *code = errno;
        return arena_format (a, "cannot be read: %s", strerror (*code));
    }
    if (!device && st.st_size == 0) {
        *code = EINVAL;
        return "is empty";
    }
    return NULL;
}

/* "FILE:3: kernel = /nope does not exist" */
static void
check_key (struct problems *p, const struct hv_options *s, const char *key,
           bool device, int *code)
{
    const char *path = settings_get (s, key), *fault;
    int first = 0;

    fault = path ? named_fault (p->arena, path, device, &first) : NULL;
    if (fault) {
        *code = *code ? *code : first;
        settings_problem (p, s, key, "%s%s%s%s = %s %s", s->kind ? "disk " : "",
                          s->kind ? s->name : "", s->kind ? ": " : "", key,
                          path, fault);
    }
}

static int
end_check (struct problems *p, int code, struct error *err)
{
    if (problem_fail (p, err) == 0) {
        return 0;
    }
    err->code = code;
    err->exit_code = code == EINVAL ? EXIT_CONFIG : 0;
    return -code;
}

int
named_check_boot (struct hvctl *h, const struct definition *def,
                  struct error *err)
{
    struct problems p = { .arena = &h->arena };
    int code = 0;

    check_key (&p, def->root, "kernel", false, &code);
    check_key (&p, def->root, "initrd", false, &code);
    return end_check (&p, code, err);
}

int
named_check_disk (struct hvctl *h, const struct disk_def *d, bool all,
                  struct error *err)
{
    struct problems p = { .arena = &h->arena };
    int code = 0;

    if (!d->base) {
        check_key (&p, d->section, "image", true, &code);
    }
    check_key (&p, d->section, "cdrom", true, &code);
    if (all) {
        check_key (&p, d->section, "backing", true, &code);
    }
    return end_check (&p, code, err);
}

int
named_check_layers (struct hvctl *h, const struct plan_disk *d,
                    struct error *err)
{
    const struct disk_def *def = d->def;

    for (size_t i = 0; d->disk.layers[i]; i++) {
        const char *path = d->disk.layers[i]->path, *fault;
        int code = 0;

        fault = named_fault (&h->arena, path, true, &code);
        /* It may appear with activate(). */
        if (fault && (code != ENOENT || !storage_has_activate (d->plugin))) {
            return fail_exit (err, code == EINVAL ? EXIT_CONFIG : 0, code,
                              "%s: disk %s: %s%s %s",
                              settings_where (&h->arena, def->section,
                                              definition_disk_key (def)),
                              def->name, i ? "its backing file " : "", path,
                              fault);
        }
    }
    return 0;
}

/* The size of the flash chip that a file represents, in bytes; 0 if it is
 * unknown. */
static uint64_t
flash_size (const char *path, const char *format)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char reason[QCOW2_REASON];
    struct qcow2_header header;
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return 0;
    }
    if (format && !strcmp (format, "qcow2")) {
        return qcow2_read (fd, &header, reason) ? header.size : 1;
    }
    return st.st_size ? (uint64_t)st.st_size : 1;
}

int
named_check_firmware (struct hvctl *h, const struct plan *plan,
                      struct error *err)
{
    const struct hv_firmware_image *image = &plan->image;
    const char *const files[] = { image->code, image->vars_template };
    uint64_t kept, fresh;

    for (size_t i = 0; i < ARRAY_SIZE (files); i++) {
        int code = 0;
        const char *fault =
            files[i] ? named_fault (&h->arena, files[i], false, &code) : NULL;

        if (fault) {
            return fail (err, code,
                         "the firmware file %s, found by plugin %s, %s",
                         files[i], plan->firmware->name, fault);
        }
    }
    if (!image->vars || !image->vars_template) {
        return 0;
    }
    kept = flash_size (image->vars, image->vars_format);
    fresh = flash_size (image->vars_template, image->vars_format);
    if (!kept || kept == fresh) {
        return 0;
    }
    return fail_exit (
        err, EXIT_CONFIG, ESTALE,
        "the VM's firmware variables, %s, differ in size (%llu bytes) from "
        "those of the firmware, %s (%llu): they were created for another "
        "firmware, and this one would not start with them; reinstall that "
        "firmware, or move the variables away, so that the VM gets new ones "
        "and loses its boot entries and keys",
        image->vars, (unsigned long long)kept, image->vars_template,
        (unsigned long long)fresh);
}
