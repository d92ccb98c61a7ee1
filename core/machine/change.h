/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Changes to a VM that is defined and may be running: disks and NICs, size,
 * snapshots.  Each says how it was done. */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

enum change_way {
    CHANGED_OFFLINE, /* It was not running. */
    CHANGED_ONLINE,  /* The guest has it. */
    CHANGED_LATER,   /* It runs, and gets it at its next start. */
};

const char *change_way_text (enum change_way way);

#endif /* CORE_CHANGE_H */
