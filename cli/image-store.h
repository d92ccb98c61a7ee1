/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What several commands about images print. */
#ifndef CLI_IMAGE_STORE_H
#define CLI_IMAGE_STORE_H

#include "cli/cli.h"
#include "core/state/images.h"

/* Returns the members that all of them have. */
struct json_object *image_store_json (const struct image_record *image);

/* Returns what vouched for it, for people. */
const char *image_store_voucher (struct cli *c,
                                 const struct image_record *image);

#endif /* CLI_IMAGE_STORE_H */
