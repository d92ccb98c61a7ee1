/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The members of a plan's JSON, and how each can change once a VM has been
 * started from it: one table, in which every key of a definition has a line. */
#ifndef CORE_PLAN_FIELDS_H
#define CORE_PLAN_FIELDS_H

#include <stdbool.h>

enum plan_change {
    PLAN_READ,     /* Not compared: derived, or read when it is needed. */
    PLAN_PART,     /* It has lines of its own. */
    PLAN_RESIZED,  /* A running VM can be resized, within limits. */
    PLAN_GROWS,    /* The size of a volume. */
    PLAN_AT_START, /* A start has to be made. */
    PLAN_NEVER,    /* It was fixed when the volume was created. */
};

enum plan_form { FORM_TEXT, FORM_FLAG, FORM_SIZE, FORM_NUMBER, FORM_SETTINGS };

struct plan_field {
    const char *part; /* "", "firmware", "disk", "nic" */
    const char *name; /* The member, or null: it has none. */
    const char *keys; /* Of the definition: "a b", or "" */
    enum plan_change how;
    enum plan_form form;
    /* Fields of the part, or of the VM, whose change implies this one: then it
     * is not reported, unless the definition has one of 'keys'... */
    const char *because;
    bool implied; /* ...or even if it does. */
};

/* Ended by a null 'part'. */
extern const struct plan_field plan_fields[];

/* Returns whether 'list', "a b", has the word. */
bool plan_fields_has (const char *list, const char *word);

#endif /* CORE_PLAN_FIELDS_H */
