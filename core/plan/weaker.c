/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/weaker.h"

#include <string.h>

/* What was warned of in this command, once for all VMs. */
struct weaker_told {
    struct vec texts;
};

/* "a\nb\n" → "a; b" */
static const char *
one_line (struct arena *a, const char *lines)
{
    const char *text = NULL;

    while (lines && *lines) {
        size_t len = strcspn (lines, "\n");
        const char *line = arena_dup_n (a, lines, len);

        text = text ? arena_format (a, "%s; %s", text, line) : line;
        lines += len + (lines[len] == '\n');
    }
    return text;
}

const char *
weaker_text (struct arena *a, const struct plan *plan, const char *lines)
{
    const char *text = one_line (a, lines);

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (n->nic.kind == HV_NIC_USER && n->nic.why) {
            text = arena_format (a, "%s%snic %s: %s", text ? text : "",
                                 text ? "; " : "", n->def->name, n->nic.why);
        }
    }
    return text;
}

void
weaker_nic (struct arena *a, struct vm_state *s, const char *nic,
            const char *lines)
{
    while (lines && *lines) {
        size_t len = strcspn (lines, "\n");
        const char *line = arena_dup_n (a, lines, len);
        const char *known = s->weaker;

        if (!known || !strstr (known, line)) {
            s->weaker = arena_format (a, "%s%snic %s: %s", known ? known : "",
                                      known ? "; " : "", nic, line);
            s->sandbox = known ? s->sandbox : "weaker";
        }
        lines += len + (lines[len] == '\n');
    }
}

static bool
is_news (struct hvctl *h, const char *why)
{
    if (!h->told) {
        h->told = arena_alloc (&h->arena, sizeof *h->told);
    }
    if (vec_has (&h->told->texts, why)) {
        return false;
    }
    vec_add (&h->arena, &h->told->texts, why);
    return true;
}

void
weaker_tell (struct hvctl *h, const struct plan *plan, const struct vm_state *s)
{
    const struct hv_choice *choice = &plan->choice;

    if (choice->fallback && is_news (h, choice->accelerator_why)) {
        hvctl_warn ("%s runs under %s: %s", s->name, choice->accelerator,
                    choice->accelerator_why);
    }
    if (s->weaker && is_news (h, s->weaker)) {
        hvctl_warn ("%s: the sandbox is degraded: %s", s->name, s->weaker);
    }
}
