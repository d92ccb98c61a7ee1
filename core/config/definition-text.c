/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/definition-text.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

#define MOST (2 << 20) /* Bytes of all texts: a list has its limit. */

struct text {
    const char *name;
    char *text; /* Null: it has been taken. */
    size_t size;
};

struct definition_texts {
    struct text *all; /* In the order in which they were added. */
    size_t n, room;
    size_t bytes;
    size_t next; /* Behind the one that was taken last. */
};

void
definition_text_keep (struct hvctl *h)
{
    if (!h->texts) {
        h->texts = xalloc (sizeof *h->texts);
    }
}

bool
definition_text_is_kept (const struct hvctl *h)
{
    return h->texts != NULL;
}

void
definition_text_add (struct hvctl *h, const char *name, char *text, size_t size)
{
    struct definition_texts *t = h->texts;

    if (t->bytes + size > MOST) {
        free (text);
        return;
    }
    if (t->n == t->room) {
        t->room = t->room ? t->room * 2 : 64;
        t->all = xrealloc (t->all, t->room * sizeof *t->all);
    }
    t->all[t->n++] = (struct text){ name, text, size };
    t->bytes += size;
}

static int
compare (const void *name, const void *text)
{
    return strcmp (name, ((const struct text *)text)->name);
}

/* They are added in the order of their names, and mostly taken so. */
static struct text *
find (const struct definition_texts *t, const char *name)
{
    struct text *next = t->next < t->n ? &t->all[t->next] : NULL;

    return next && !strcmp (next->name, name) ? next
           : t->n ? bsearch (name, t->all, t->n, sizeof *t->all, compare)
                  : NULL;
}

char *
definition_text_take (struct hvctl *h, const char *name, size_t *size)
{
    struct text *found = h->texts ? find (h->texts, name) : NULL;
    char *text = found ? found->text : NULL;

    if (text) {
        *size = found->size;
        found->text = NULL;
        h->texts->next = (size_t)(found - h->texts->all) + 1;
    }
    return text;
}

void
definition_text_forget (struct hvctl *h)
{
    for (size_t i = 0; h->texts && i < h->texts->n; i++) {
        free (h->texts->all[i].text);
    }
    if (h->texts) {
        free (h->texts->all);
        free (h->texts);
        h->texts = NULL;
    }
}
