/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks that are made on an image. */
#ifndef CORE_IMAGE_BASE_H
#define CORE_IMAGE_BASE_H

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

/* Finds the image that a new volume is to be made on, and stores the path of
 * its contents; it is not removed until '*lock' is closed.  A volume without a
 * size gets that of the image. */
int image_base_find (struct hvctl *h, const struct disk_def *d,
                     struct hv_volume *vol, const char **path, int *lock,
                     struct error *err);

#endif /* CORE_IMAGE_BASE_H */
