/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/firmware.h"

#include <errno.h>

#include "core/provider/answer.h"
#include "core/provider/provider-call.h"

int
firmware_find (struct plugin *p, const struct hv_firmware_want *want,
               struct hv_firmware_image *out, struct error *err)
{
    CALL_AND (SHORT, "find", NULL, p->firmware.find (&p->ctx, want, out),
              answer_firmware (&p->h->arena, out));
}

int
firmware_list (struct plugin *p, struct hv_list *out, struct error *err)
{
    if (!p->firmware.list) {
        return 0;
    }
    CALL (SHORT, "list", NULL, p->firmware.list (&p->ctx, out));
}
