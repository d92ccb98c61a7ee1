/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What is done about each entry of a change that was begun; see unfinished.h.
 * It is finished if all that is missing can be done without asking anybody,
 * else taken back; both also if it was done already. */
#ifndef CORE_RECOVERY_H
#define CORE_RECOVERY_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* A change that was interrupted before, and that this hvctl has finished. */
struct finished {
    const char *key;      /* The VM, or POOL@VOLUME. */
    const char *command;  /* As a person gives it: "detach-disk". */
    const char *name;     /* The disk, NIC, snapshot of a VM, or null. */
    const char *snapshot; /* Of a volume, or null. */
};

/* Has this hvctl finished that?  Null is only equal to null. */
bool recovery_has_finished (const struct hvctl *h, const struct finished *what);

struct recovery_step;

/* A change that is finished, or taken back. */
struct recovery {
    struct hvctl *h;
    const struct recovery_step *const *steps; /* Lists of them, then null. */
    const char *key;                          /* The VM, where it is one. */
    struct vec entries;
    int64_t limit;    /* Of each operation, in milliseconds. */
    bool own;         /* It has failed in this process: nothing is finished. */
    bool interrupted; /* The same, by a signal. */
    bool finished; /* A later entry could be finished: so can those before. */
    bool refused;  /* A later entry could not. */
    bool other;    /* The definition is another by now: likewise. */
    bool went_on;  /* The guest may have run. */
    bool left;     /* It takes longer than others may wait. */
    bool may_wait; /* What is in use may be let go of in a moment. */
};

/* An entry: it is taken back, and that is still to be done, or nearly done. */
#define RECOVERY_BACK "back"

/* Does what is to be done about 'e'.  Fails if it is to be tried again. */
typedef int recovery_op (struct recovery *r, struct json_object *e,
                         struct error *err);

/* What is known of an entry; a list ends in a null 'op'. */
struct recovery_step {
    const char *op;
    const char *command; /* That a person gave. */
    recovery_op *fn;
    bool once;  /* What cannot be finished stays as it is, and is told. */
    int asks;   /* The hypervisor: how many times as long as usual. */
    bool whole; /* The entry's name is of what goes with it. */
};

/* The text of an entry, or null; the entry that has that 'op', or null. */
const char *recovery_text (const struct recovery *r, struct json_object *e,
                           const char *key);
struct json_object *recovery_find (const struct recovery *r, const char *op);

/* The change of 'key' as a person would have said it; the same of one whose
 * entries have been read; what it is of, a VM or POOL/VOLUME. */
const char *recovery_begun (struct hvctl *h,
                            const struct recovery_step *const *steps,
                            const char *key);
const char *recovery_what (const struct recovery *r);
const char *recovery_shown (struct hvctl *h, const char *key);

/* Looks after the change of 'key', of which the caller has the lock alone.
 * Fails if something of it stays. */
int recovery_now (struct hvctl *h, const struct recovery_step *const *steps,
                  const char *key, struct error *err);

/* Takes back what has failed in this process.  The caller has the lock. */
void recovery_take_back (struct recovery *r);

/* Finishes or takes back all of it.  The caller has the lock. */
int recovery_settle (struct recovery *r, struct error *err);

/* Leaves it to who comes for the VM. */
int recovery_later (struct recovery *r, struct error *err);

/* A hypervisor is not waited for as long as by who asks for something of it;
 * and by who asks for something of another VM, for a moment only. */
#define RECOVERY_LIMIT 900
#define RECOVERY_OTHERS 200

#endif /* CORE_RECOVERY_H */
