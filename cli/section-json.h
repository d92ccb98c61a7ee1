/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sections of configuration files as JSON: all values are strings. */
#ifndef CLI_SECTION_JSON_H
#define CLI_SECTION_JSON_H

#include <json-c/json_types.h>
#include <stdbool.h>

struct hv_options;

/* Add the settings of a section; the sections in it, by kind and name.
 * 'effective': not those that a definition without templates and variables
 * omits. */
void section_json_settings (struct json_object *o, const struct hv_options *s,
                            bool effective);
void section_json_inner (struct json_object *o, const struct hv_options *s,
                         bool effective);

#endif /* CLI_SECTION_JSON_H */
