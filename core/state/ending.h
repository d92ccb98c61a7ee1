/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How the last run of a VM ended, and who made it end.
 *
 *   RUN/vm/NAME/end     written by the supervisor: "signal 9 1763701234", and an
 *                       ender if it has killed the process itself
 *   RUN/vm/NAME/ender   who is about to make it end, below
 *   STATE/vm/NAME/last  both, once the VM is released
 *
 * 'last' is removed when a guest is let run: so the end of an older run is
 * never taken for that of the last one, whoever is killed, and whatever is
 * full. */
#ifndef CORE_ENDING_H
#define CORE_ENDING_H

#include <stdint.h>

#include "core/base/context.h"
#include "core/state/state.h"

/* Who makes it end. */
#define ENDER_ASKED "asked"   /* hvctl asks its guest: it may be deaf. */
#define ENDER_OBEYED "obeyed" /* Its guest, which was asked, has shut down. */
#define ENDER_GUEST "guest"   /* Its guest has shut down by itself. */
#define ENDER_HVCTL "hvctl"   /* hvctl, as its guest did not react. */
#define ENDER_QUIT "quit"     /* hvctl, which did not ask its guest. */
#define ENDER_SAVED "saved"   /* hvctl, after it was saved. */

/* Notes that, before it is done. */
void ending_note (struct hvctl *h, const char *name, const char *ender);

/* The VM's guest has shut down, which hvctl may have asked for. */
void ending_note_guest (struct hvctl *h, const char *name);

/* It goes on after all. */
void ending_take_back (struct hvctl *h, const char *name);

/* A run begins: what is known is of an older one. */
void ending_forget (struct hvctl *h, const char *name);

/* Keeps how the run ended beyond the run directory, if anybody saw it. */
void ending_keep (struct hvctl *h, const char *name, const struct vm_state *s);

/* How the last run ended, as a phrase, or null if that is not known, and when,
 * in seconds. */
const char *ending_last (struct hvctl *h, const char *name, int64_t *when);

#endif /* CORE_ENDING_H */
