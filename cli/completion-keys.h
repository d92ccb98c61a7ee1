/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Completion of settings: keys from their tables, and then their values. */
#ifndef CLI_COMPLETION_KEYS_H
#define CLI_COMPLETION_KEYS_H

#include "cli/cli.h"

/* Offers the names of sections, behind 'before'. */
void completion_keys_names (const struct vec *sections, const char *before,
                            const char *what);

/* Offers what --set takes: "memory=", "nic.", "nic.lan.network=dmz".  'parts'
 * are the disks and NICs that the command line has so far: "nic.lan". */
void completion_keys_set (struct cli *c, const struct vec *parts,
                          const char *typed);

/* Offers the settings behind a comma of --disk or --nic:
 * "root:10G,pool=fast". */
void completion_keys_spec (struct cli *c, const char *kind, const char *typed);

/* Offers the names of images that can be imported by them; of images. */
void completion_keys_known_images (struct cli *c);
void completion_keys_images (struct cli *c);

#endif /* CLI_COMPLETION_KEYS_H */
