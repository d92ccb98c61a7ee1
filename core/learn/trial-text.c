/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/learn/trial-text.h"

const char *
trial_plugin_text (struct arena *a, const struct hv_options *s)
{
    const char *text = arena_format (a, "plugin %s {\n", s->name);

    for (size_t i = 0; i < s->n_settings; i++) {
        text = arena_format (a, "%s    %s = \"%s\"\n", text, s->settings[i].key,
                             s->settings[i].value);
    }
    return arena_format (a, "%s}\n", text);
}

static const char *
line (struct arena *a, const char *text, const char *key, const char *value)
{
    return value ? arena_format (a, "%s%s = \"%s\"\n", text, key, value) : text;
}

const char *
trial_vm_text (struct arena *a, const struct definition *def)
{
    const char *text =
        arena_format (a,
                      "memory = %lluM\ncpus = %u\nsecure_boot = %s\nrng = %s\n"
                      "agent = %s\n",
                      (unsigned long long)(def->memory >> 20), def->cpus,
                      def->secure_boot ? "yes" : "no", def->rng ? "yes" : "no",
                      def->agent ? "yes" : "no");

    text = line (a, text, "arch", def->arch);
    text = line (a, text, "hypervisor", def->hypervisor);
    text = line (a, text, "machine", def->machine);
    text = line (a, text, "accelerator", def->accelerator);
    text = line (a, text, "cpu", def->cpu);
    text = line (a, text, "kernel", def->kernel);
    text = line (a, text, "initrd", def->initrd);
    text = line (a, text, "append", def->append);
    text = line (a, text, "firmware", def->firmware);
    for (size_t i = 0; i < def->plugins.n; i++) {
        text = arena_format (a, "%s%s", text,
                             trial_plugin_text (a, def->plugins.p[i]));
    }
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (!d->cdrom) {
            text =
                arena_format (a, "%sdisk %s { size = 32M }\n", text, d->name);
        }
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];

        text = arena_format (a, "%snic %s { network = user }\n", text, n->name);
    }
    return text;
}
