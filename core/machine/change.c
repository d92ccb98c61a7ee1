/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/change.h"

const char *
change_way_text (enum change_way way)
{
    static const char *const texts[] = { "offline", "online", "next start" };

    return texts[way];
}
