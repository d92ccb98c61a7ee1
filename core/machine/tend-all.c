/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/tend-all.h"

#include "core/base/context.h"
#include "core/base/name.h"
#include "core/machine/recover-all.h"
#include "core/machine/sweep.h"
#include "core/machine/tend.h"
#include "core/state/state.h"

void
tend_all (struct hvctl *h, const struct vec *mine)
{
    struct vec names = { 0 };

    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        tend_vm (h, names.p[i], name_is_among (mine, names.p[i]));
    }
    recover_all (h, mine);
    sweep_once (h);
}
