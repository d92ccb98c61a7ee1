/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One wrapper per operation of firmware; provider.h describes what each
 * adds. */
#ifndef CORE_FIRMWARE_H
#define CORE_FIRMWARE_H

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

int firmware_find (struct plugin *p, const struct hv_firmware_want *want,
                   struct hv_firmware_image *out, struct error *err);
int firmware_list (struct plugin *p, struct hv_list *out, struct error *err);

#endif /* CORE_FIRMWARE_H */
