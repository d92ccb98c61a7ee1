/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The keys and sections of a definition: one table each, also for templates and
 * the manual. */
#ifndef CORE_KEYS_H
#define CORE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/config/config.h"

extern const struct hv_key vm_keys[], disk_keys[], nic_keys[],
    cloud_init_keys[];
extern const struct hv_key labels_keys[], vars_keys[]; /* Names are free. */
/* The core's own of networks and pools of hvctl.conf; others are the plugin's. */
extern const struct hv_key network_keys[], pool_keys[];
extern const struct hv_key image_section_keys[];
extern const struct section_kind definition_kinds[];

/* Returns the keys of a section of that kind, of the top level if it is null;
 * null: a plugin has them. */
const struct hv_key *keys_of (const char *kind);

/* Words that a key takes; other values than these are errors if 'only'. */
struct key_words {
    const char *kind, *key; /* The section, or null. */
    bool only;
    const char *words[6]; /* Ends in null. */
};

/* Returns the words of a key, or null. */
const struct key_words *keys_words (const char *kind, const char *key);

/* The numbers that a key takes: 0 if 'zero' is not null, which is what it
 * means, and from 'least' to 'most'. */
struct key_range {
    const struct hv_key *keys;
    const char *key;
    uint64_t least, most;
    const char *zero;
};

/* Returns that of a key of the table, or null if any number will do, or its
 * range is checked elsewhere. */
const struct key_range *keys_range (const struct hv_key *keys, const char *key);

#endif /* CORE_KEYS_H */
