/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What is done about each entry of a change that was begun; see unfinished.h.
 * It is finished if all that is missing can be done without asking anybody,
 * else taken back; both also if it was done already. */
#ifndef CORE_RECOVER_H
#define CORE_RECOVER_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Looks after the change of 'key', of which the caller has the lock alone.
 * Fails if something of it stays. */
int recover_now (struct hvctl *h, const char *key, struct error *err);

/* What change of the VM was begun, and is nobody's any more: "snapshot create
 * s1", as a person would have said it; or null.  Changes nothing. */
const char *recover_what (struct hvctl *h, const char *vm);

/* A change that was interrupted before, and that this hvctl has finished. */
struct finished {
    const char *key;      /* The VM, or POOL@VOLUME. */
    const char *command;  /* As a person gives it: "detach-disk". */
    const char *name;     /* The disk, NIC, snapshot of a VM, or null. */
    const char *snapshot; /* Of a volume, or null. */
};

/* Has this hvctl finished that?  Null is only equal to null. */
bool recover_has_finished (const struct hvctl *h, const struct finished *what);

/* Takes back a change of our own that failed, and ends it.  The caller has its
 * lock; 'err' stays what it is. */
void recover_failed (struct hvctl *h, const char *key);

/* ---- For recover.c and its neighbours */

struct recovery {
    struct hvctl *h;
    const char *key; /* The VM, where it is one. */
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

/* Does what is to be done about 'e'.  Fails if it is to be tried again. */
typedef int recover_op (struct recovery *r, struct json_object *e,
                        struct error *err);

/* The text of an entry, or null; the entry that has that 'op', or null. */
const char *recover_text (const struct recovery *r, struct json_object *e,
                          const char *key);
struct json_object *recover_find (const struct recovery *r, const char *op);

/* The change of 'key' as a person would have said it; what it is of, a VM or
 * POOL/VOLUME. */
const char *recover_begun (struct hvctl *h, const char *key);
const char *recover_shown (struct hvctl *h, const char *key);

/* Finishes or takes back all of it.  The caller has the lock. */
int recover_settle (struct recovery *r, struct error *err);

/* Leaves it to who comes for the VM. */
int recover_later (struct recovery *r, struct error *err);

/* A hypervisor is not waited for as long as by who asks for something of it;
 * and by who asks for something of another VM, for a moment only. */
#define RECOVER_LIMIT 900
#define RECOVER_OTHERS 200

#endif /* CORE_RECOVER_H */
