/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Recovery of the entries of a change in progress; see unfinished.h.
 * It is completed if the rest can be done without asking anybody,
 * otherwise rolled back; both also work if it was already done. */
#ifndef CORE_RECOVERY_H
#define CORE_RECOVERY_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* A change that was interrupted before, and that this hvctl has completed. */
struct finished {
    const char *key;      /* The VM, or POOL@VOLUME. */
    const char *command;  /* As a person types it: "detach-disk". */
    const char *name;     /* The disk, NIC, snapshot of a VM, or null. */
    const char *snapshot; /* Of a volume; or null. */
};

/* Returns whether this hvctl has completed that.  Null is only equal to
 * null. */
bool recovery_has_finished (const struct hvctl *h, const struct finished *what);

struct recovery_step;

/* A change that is being completed or rolled back. */
struct recovery {
    struct hvctl *h;
    const struct recovery_step *const *steps; /* Lists of them, then null. */
    const char *key;                          /* The VM, where it is one. */
    struct vec entries;
    int64_t limit;    /* Of each operation, in milliseconds. */
    bool own;         /* It failed in this process: nothing is completed. */
    bool interrupted; /* The same, by a signal. */
    bool finished;    /* A later entry was completed: so earlier ones can be. */
    bool refused;     /* A later entry could not. */
    bool other;       /* The definition has changed since: likewise. */
    bool went_on;     /* The guest may have run. */
    bool left;        /* It takes longer than other commands may wait. */
    bool may_wait;    /* Objects in use may be released in a moment. */
    bool unreadable;  /* The definition is not valid for the moment. */
};

/* States of an entry: rollback is still to be done, or nearly done. */
#define RECOVERY_BACK "back"

/* Recovers 'e'.  Fails if that is to be tried again. */
typedef int recovery_op (struct recovery *r, struct json_object *e,
                         struct error *err);

/* The recovery of a kind of entry; a list ends in a null 'op'. */
struct recovery_step {
    const char *op;
    const char *command; /* The command that a person gave. */
    recovery_op *fn;
    bool once;  /* If it cannot be completed, it is left, and reported. */
    int asks;   /* The hypervisor: how many times as long as usual. */
    bool whole; /* The entry's name is that of the whole object. */
};

/* Return the text of an entry, or null; the entry that has that 'op', or
 * null. */
const char *recovery_text (const struct recovery *r, struct json_object *e,
                           const char *key);
struct json_object *recovery_find (const struct recovery *r, const char *op);

/* Return the change of 'key' as a person would write it; the same for one whose
 * entries have been read; the object of it, a VM or POOL/VOLUME. */
const char *recovery_begun (struct hvctl *h,
                            const struct recovery_step *const *steps,
                            const char *key);
const char *recovery_what (const struct recovery *r);
const char *recovery_shown (struct hvctl *h, const char *key);

/* Completes or rolls back the change of 'key', which the caller has locked
 * exclusively.  Fails if something of it remains. */
int recovery_now (struct hvctl *h, const struct recovery_step *const *steps,
                  const char *key, struct error *err);

/* Rolls back what has failed in this process.  The caller has the lock. */
void recovery_take_back (struct recovery *r);

/* Completes or rolls back all of it.  The caller has the lock. */
int recovery_settle (struct recovery *r, struct error *err);

/* Reads the VM's definition, or one from another file (null: none).  If it is
 * not valid, the entry is left until it is. */
struct definition;
int recovery_load (struct recovery *r, const char *file,
                   struct definition **def, struct error *err);

/* Leaves it to the next command for the VM. */
int recovery_later (struct recovery *r, struct error *err);

/* A hypervisor gets less time than for a command that addresses it;
 * and for a command about another VM, a moment only. */
#define RECOVERY_LIMIT 900
#define RECOVERY_OTHERS 200

#endif /* CORE_RECOVERY_H */
