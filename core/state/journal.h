/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Resources acquired for a VM, recorded before each step, one JSON object
 * per line.  A line truncated by a crash was written before its step
 * began, so it is dropped.  An entry contains everything that undoing it needs:
 * the configuration may have changed since. */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include <json-c/json_types.h>
#include <stdbool.h>
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

/* Appends "'pid' serves the NIC 'nic'", once it is started; pid 0: no
 * longer. */
int journal_helper (struct hvctl *h, const char *vm, const char *nic, pid_t pid,
                    uint64_t start_time, struct error *err);

/* Appends "'path' is temporary": it is removed. */
int journal_file (struct hvctl *h, const char *vm, const char *path,
                  struct error *err);

/* Lists the processes that should be running: struct helper_entry *. */
struct helper_entry {
    const char *nic;
    pid_t pid;
    uint64_t start_time;
};
void journal_helpers (struct hvctl *h, const char *vm, struct vec *out);

/* Adds the names of the NICs whose ports are attached; returns false if that
 * is not known. */
bool journal_ports (struct hvctl *h, const char *vm, struct vec *out);

/* Detaches the port of a NIC, as it was attached, and where.  journal_undo()
 * may do so again. */
int journal_undo_port (struct hvctl *h, const char *vm, const char *nic,
                       struct error *err);

/* Cancels the last entry: its step failed, and so acquired nothing.  Undoing
 * it could affect something that belongs to another VM. */
int journal_cancel (struct hvctl *h, const char *vm, struct error *err);

/* Undoes everything in the journal of 'vm', last entry first, continuing after
 * errors.  Returns 0, or the first error; then the journal is kept. */
int journal_undo (struct hvctl *h, const char *vm, struct error *err);

/* ---- For journals in other places: unfinished.h */

/* Appends a line to the file 'path'; releases 'entry'. */
int journal_append (struct hvctl *h, const char *path,
                    struct json_object *entry, struct error *err);

/* Returns a new entry "op by plugin 'p'", with the options of the object. */
struct json_object *journal_entry (const char *op, const struct plugin *p,
                                   const struct hv_options *options);
struct hv_options *journal_options (struct hvctl *h, struct json_object *entry,
                                    const struct hv_key *keys);

/* Reads the complete lines of a journal; none if there is no such file.  Fails
 * if it is another user's. */
int journal_lines (struct hvctl *h, const char *path, struct vec *lines,
                   struct error *err);

#endif /* CORE_JOURNAL_H */
