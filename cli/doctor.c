/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* doctor: does hvctl work on this host? */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "common/member.h"
#include "cli/cli.h"
#include "cli/document.h"
#include "core/base/output.h"
#include "core/learn/doctor.h"

static const char *const states[] = {
    [DOCTOR_OK] = "ok",
    [DOCTOR_DEGRADED] = "degraded",
    [DOCTOR_ABSENT] = "absent",
    [DOCTOR_FAILED] = "failed",
};

/* 'data' is the area that was printed last. */
static void
print_finding (const struct finding *f, void *data)
{
    const char **area = data;
    struct error ignored = { 0 };

    if (!*area || strcmp (*area, f->area) != 0) {
        out ("%s\n", f->area);
        *area = f->area;
    }
    out ("  %-8s  %-16s %s\n", states[f->state], f->what, f->text);
    if (f->remedy) {
        out ("  %-8s  %-16s -> %s\n", "", "", f->remedy);
    }
    output_flush (&ignored);
}

static void
print_end (const struct doctor *d)
{
    if (d->exit_code) {
        out ("\nNot everything that was tried works: see 'failed' above.\n");
    } else if (d->no_user_networks) {
        out ("\nVMs can run here, but not with a NIC in a network of type "
             "user, which hvctl.conf forbids: see 'policy' above.\n");
    } else if (d->degraded) {
        out ("\nVMs can run here.  %zu thing%s could be better: see 'degraded' "
             "above.\n",
             d->degraded, d->degraded == 1 ? "" : "s");
    } else {
        out ("\nVMs can run here.\n");
    }
}

static struct json_object *
findings_json (const struct doctor *d)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < d->findings.n; i++) {
        const struct finding *f = d->findings.p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "area", f->area);
        json_put_text_or_null (o, "check", f->what);
        json_put_text_or_null (o, "state", states[f->state]);
        json_put_text_or_null (o, "text", f->text);
        json_put_text_or_null (o, "remedy", f->remedy);
        json_object_array_add (all, o);
    }
    return all;
}

int
cmd_doctor (struct cli *c)
{
    const char *area = NULL;
    struct doctor d = { .h = &c->h,
                        .tell = c->json ? NULL : print_finding,
                        .data = &area };

    if (doctor_run (&d, &c->err) < 0) {
        return report (c);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_object_object_add (o, "findings", findings_json (&d));
        json_put_flag (o, "works", !d.exit_code);
        json_put_number (o, "machines", (int64_t)d.machines);
        json_put_number (o, "degraded", (int64_t)d.degraded);
        document_print (c, o);
    } else {
        print_end (&d);
    }
    return d.exit_code;
}
