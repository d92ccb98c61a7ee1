/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How a change to a VM that is defined, and may be running, was made. */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

enum change_way {
    CHANGED_OFFLINE, /* It was not running. */
    CHANGED_ONLINE,  /* The guest has it. */
    CHANGED_LATER,   /* It runs, and gets it at its next start. */
};

const char *change_way_text (enum change_way way);

#endif /* CORE_CHANGE_H */
