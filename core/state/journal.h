/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What has been acquired for a VM, written before each step, one JSON object
 * a line.  A line that a crash cut short was written before its step was
 * begun, so it is dropped.  An entry holds all that the undoing needs: the
 * configuration may have changed since. */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include <json-c/json_types.h>
#include <stdint.h>
#include <sys/types.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/provider/loaded.h"

/* Appends "attach 'port' by plugin 'p'". */
int journal_port (struct hvctl *h, const char *vm, const struct plugin *p,
                  const struct hv_port *port, struct error *err);

/* Appends "activate 'vol' by plugin 'p'". */
int journal_volume (struct hvctl *h, const char *vm, const struct plugin *p,
                    const struct hv_volume *vol, struct error *err);

/* Appends "'pid' serves the NIC 'nic'", once there is one; pid 0: no longer. */
int journal_helper (struct hvctl *h, const char *vm, const char *nic, pid_t pid,
                    uint64_t start_time, struct error *err);

/* Appends "'path' is only for now": it is removed. */
int journal_file (struct hvctl *h, const char *vm, const char *path,
                  struct error *err);

/* Lists those that there should be: struct helper_entry *. */
struct helper_entry {
    const char *nic;
    pid_t pid;
    uint64_t start_time;
};
void journal_helpers (struct hvctl *h, const char *vm, struct vec *out);

/* Detaches the port of a NIC, as it was attached, and where.  It may be so
 * again by journal_undo(). */
int journal_undo_port (struct hvctl *h, const char *vm, const char *nic,
                       struct error *err);

/* Takes the last entry back: its step failed, and so took nothing.  To undo
 * it all the same could hit what belongs to another. */
int journal_cancel (struct hvctl *h, const char *vm, struct error *err);

/* Undoes everything in the journal of 'vm', the last first, going on past
 * errors.  Returns 0, or the first error; then the journal is kept. */
int journal_undo (struct hvctl *h, const char *vm, struct error *err);

/* ---- For journals elsewhere: unfinished.h */

/* Appends a line to the file 'path'; 'entry' is put. */
int journal_append (struct hvctl *h, const char *path,
                    struct json_object *entry, struct error *err);

/* A new entry "op by plugin 'p'", with the options of the object. */
struct json_object *journal_entry (const char *op, const struct plugin *p,
                                   const struct hv_options *options);
struct hv_options *journal_options (struct hvctl *h, struct json_object *entry,
                                    const struct hv_key *keys);

/* Reads the whole lines of a journal; none if there is no such file.  Fails if
 * it is another user's. */
int journal_lines (struct hvctl *h, const char *path, struct vec *lines,
                   struct error *err);

#endif /* CORE_JOURNAL_H */
