/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The text of a definition for a clone of its VM. */
#ifndef CORE_CLONE_TEXT_H
#define CORE_CLONE_TEXT_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/definition.h"

/* Returns whether the disk is one that a clone gets a copy of: a volume that is
 * written to.  Others are shared. */
bool clone_text_is_copied (const struct disk_def *d);

/* Returns 'text', the definition 'from', without what only one of two VMs can
 * have: names of volumes, MAC addresses, serial numbers, forwarded ports.  A
 * MAC address that cannot be derived anew is replaced by a random one.  'now'
 * is the same text, read under the clone's name; 'kept' is that of
 * pending_text().  Returns 'text' itself if nothing is left to change, null
 * if it could not be changed (textedit_fail). */
const char *clone_text (struct arena *a, const char *text,
                        const struct definition *from,
                        const struct definition *now, const struct vec *kept);

/* Adds each effective value in which the clone differs to 'changed',
 * "web.conf:7: nic lan: without mac = 52:54:00:12:34:56", and each that only
 * one of two VMs can have, and both do, to 'same'. */
void clone_text_compare (struct arena *a, const struct definition *from,
                         const struct definition *now, struct vec *changed,
                         struct vec *same);

#endif /* CORE_CLONE_TEXT_H */
