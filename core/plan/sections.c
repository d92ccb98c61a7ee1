/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/sections.h"

#include <errno.h>
#include <string.h>

#include "core/base/name.h"
#include "core/config/definition.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/plan/plan.h"
#include "core/plan/resolve.h"
#include "core/provider/loader.h"
#include "core/provider/provider.h"
#include "core/provider/services.h"

#define NOBODY "hvctl"
#define NO_NIC "lan"

/* There is no such NIC: it stands for any. */
static void
drop_nic (struct error *err)
{
    static const char prefix[] = "nic " NO_NIC ": ";
    char *at = strstr (err->text, prefix);

    if (at) {
        memmove (at, at + strlen (prefix), strlen (at + strlen (prefix)) + 1);
    }
}

int
sections_try_network (struct hvctl *h, const struct hv_options *network,
                      struct error *err)
{
    struct definition def = { .name = NOBODY,
                              .uuid = name_uuid (&h->arena, NOBODY) };
    struct nic_def nic = { .name = NO_NIC,
                           .section = network,
                           .network = network->name,
                           .queues = 1,
                           .ifname = NOBODY "-" NO_NIC };
    struct plan plan = { .def = &def };

    name_mac (def.uuid, nic.name, nic.mac);
    if (resolve_nic (h, &plan, &nic, err) < 0) {
        drop_nic (err);
    }
    return -err->code;
}

int
sections_try_pool (struct hvctl *h, const struct hv_options *pool,
                   struct error *err)
{
    struct hv_list list = { 0 };

    return resolve_pool (h, pool, &list, err) ? 0 : -err->code;
}

/* It may be for one that is installed later. */
static void
warn_of_unknown (struct hvctl *h, const struct hv_options *section)
{
    struct vec names = { 0 };

    for (size_t i = 0; i < h->plugins.n; i++) {
        const struct plugin *p = h->plugins.p[i];

        vec_add (&h->arena, &names, p->name);
    }
    hvctl_warn ("%s:%d: plugin %s: no plugin of that name is installed%s",
                section->file, section->line, section->name,
                name_suggest_of (&h->arena, section->name, &names));
}

static int
try_plugin (struct hvctl *h, const struct hv_options *section,
            struct error *err)
{
    struct plugin *p = loader_find (h, section->name);

    if (!p) {
        warn_of_unknown (h, section);
    }
    return !p || p->broken ? 0 : provider_usable (p, err);
}

/* The line of the setting that the message names, or else of the type. */
static int
line_of (const struct hv_options *s, const char *text)
{
    for (size_t i = 0; i < s->n_settings; i++) {
        const struct setting *set = &s->settings[i];

        if (strcmp (set->key, "type") != 0 && strcasestr (text, set->key)
            && strstr (text, set->value)) {
            return set->line;
        }
    }
    return settings_line (s, "type");
}

typedef int try_fn (struct hvctl *, const struct hv_options *, struct error *);

/* Is the section wrong, or has no plugin for it been found?  Other failures are
 * the host's, and reported by doctor. */
static bool
is_wrong (const struct hv_options *s, const struct error *err)
{
    return exit_code_of (err) == EXIT_CONFIG
           || (!s->keys && settings_get (s, "type"));
}

static void
check_all (struct hvctl *h, const struct vec *sections, try_fn *try,
           struct problems *p)
{
    for (size_t i = 0; i < sections->n; i++) {
        const struct hv_options *s = sections->p[i];
        struct error err = { 0 };
        const char *place;

        if (try (h, s, &err) == 0 || !is_wrong (s, &err)) {
            continue;
        }
        place = strstr (err.text, s->file);
        if (place) {
            problem_add (p, place);
        } else {
            problem (p, s->file, line_of (s, err.text), "%s %s: %s", s->kind,
                     s->name, err.text);
        }
    }
}

void
sections_check (struct hvctl *h, struct problems *p)
{
    check_all (h, &h->host->networks, sections_try_network, p);
    check_all (h, &h->host->pools, sections_try_pool, p);
    check_all (h, &h->host->plugins, try_plugin, p);
}

void
sections_check_plugins (struct hvctl *h, const struct definition *def,
                        struct problems *p)
{
    for (size_t i = 0; i < def->plugins.n; i++) {
        struct hv_options *s = def->plugins.p[i];
        const struct plugin *plugin = loader_find (h, s->name);

        if (plugin && plugin->has_hypervisor && !plugin->broken) {
            settings_check (s, plugin->hypervisor.keys, p);
        }
    }
}
