/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/diff-line.h"

#include <inttypes.h>

#include "core/base/arena.h"

struct diff_line *
diff_add (struct hvctl *h, struct diff *d, const char *item, const char *key)
{
    struct diff_line *l = arena_alloc (&h->arena, sizeof *l);

    l->item = item;
    l->key = key;
    l->what = item && key ? arena_format (&h->arena, "%s %s", item, key)
                          : (item ? item : key);
    vec_add (&h->arena, &d->lines, l);
    return l;
}

const char *
diff_when_text (enum diff_when when)
{
    static const char *const texts[] = { "now", "at the next start",
                                         "impossible", "left", "now" };

    return texts[when];
}

size_t
diff_count (const struct diff *d, enum diff_when when)
{
    size_t n = 0;

    for (size_t i = 0; i < d->lines.n; i++) {
        n += ((const struct diff_line *)d->lines.p[i])->when == when;
    }
    return n;
}

const struct diff_line *
diff_first (const struct diff *d, enum diff_when when)
{
    for (size_t i = 0; i < d->lines.n; i++) {
        const struct diff_line *l = d->lines.p[i];

        if (l->when == when) {
            return l;
        }
    }
    return NULL;
}

const char *
diff_change_name (struct arena *a, const struct diff_line *l)
{
    return l->step == STEP_RESIZE
               ? arena_format (a, "%s %" PRIu64, l->key, l->size)
               : l->item;
}
