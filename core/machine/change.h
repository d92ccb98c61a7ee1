/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How a change to a VM, running or not, took effect. */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

enum change_way {
    CHANGED_OFFLINE, /* The VM was not running. */
    CHANGED_ONLINE,  /* The running guest has it. */
    CHANGED_LATER,   /* The VM is running, and gets it at the next start. */
};

const char *change_way_text (enum change_way way);

#endif /* CORE_CHANGE_H */
