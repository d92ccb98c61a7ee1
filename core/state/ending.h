/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How a VM's last run ended, and who ended it.
 *
 *   RUN/vm/NAME/end     written by the supervisor: "signal 9 1763701234", and
 * an ender if it has killed the process itself RUN/vm/NAME/ender   who is about
 * to make it end, below STATE/vm/NAME/last  both, once the VM is released
 *
 * 'last' is removed when a guest starts to run: so the end of an older run is
 * never taken for that of the last one, whichever process is killed, and
 * whichever file system is full. */
#ifndef CORE_ENDING_H
#define CORE_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/state/state.h"

/* Who ends it. */
#define ENDER_ASKED "asked"   /* hvctl asks its guest: it may be deaf. */
#define ENDER_OBEYED "obeyed" /* Its guest, which was asked, has shut down. */
#define ENDER_GUEST "guest"   /* Its guest has shut down by itself. */
#define ENDER_HVCTL "hvctl"   /* hvctl, as its guest did not react. */
#define ENDER_QUIT "quit"     /* hvctl, which did not ask its guest. */
#define ENDER_SAVED "saved"   /* hvctl, after it was saved. */

/* Records who ends the run, before doing so. */
void ending_note (struct hvctl *h, const char *name, const char *ender);

/* Records that the guest has shut down, which hvctl may have asked for. */
void ending_note_guest (struct hvctl *h, const char *name);

/* Cancels that: the run continues. */
void ending_take_back (struct hvctl *h, const char *name);

/* Removes the record of an older run, when one begins. */
void ending_forget (struct hvctl *h, const char *name);

/* Keeps how the run ended outside the run directory, if that was recorded. */
void ending_keep (struct hvctl *h, const char *name, const struct vm_state *s);

/* Was the process of the last run killed by a signal? */
bool ending_by_signal (struct hvctl *h, const char *name);

/* Returns how the last run ended, as a phrase, or null if that is not known,
 * and when, in seconds. */
const char *ending_last (struct hvctl *h, const char *name, int64_t *when);

/* The same for a VM that has no run directory. */
const char *ending_kept (struct hvctl *h, const char *name, int64_t *when);

#endif /* CORE_ENDING_H */
