/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* JSON schemas of the files that people write: definitions and the host
 * configuration, as 'show -o json' prints them: all values are strings.  They
 * are made from the tables of keys of the core and of the plugins. */
#ifndef CLI_SCHEMA_CONFIG_H
#define CLI_SCHEMA_CONFIG_H

#include "cli/cli.h"

/* Return the schema of a definition, as it would be without templates and
 * variables; of the host configuration. */
struct json_object *schema_config_definition (struct cli *c);
struct json_object *schema_config_host (struct cli *c);

#endif /* CLI_SCHEMA_CONFIG_H */
