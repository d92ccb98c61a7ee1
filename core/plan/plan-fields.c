/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/plan-fields.h"

#include <stddef.h>
#include <string.h>

/* In the order in which differences are reported; a line comes after those that
 * it depends on. */
const struct plan_field plan_fields[] = {
    { "", "uuid", "uuid", PLAN_AT_START, FORM_TEXT, "", false },
    { "", "arch", "arch", PLAN_AT_START, FORM_TEXT, "", false },
    { "", "hypervisor", "hypervisor", PLAN_AT_START, FORM_TEXT, "arch", false },
    { "", "machine", "machine", PLAN_AT_START, FORM_TEXT, "arch hypervisor",
      false },
    { "", "accelerator", "accelerator", PLAN_AT_START, FORM_TEXT,
      "arch hypervisor machine", false },
    { "", "cpu", "cpu", PLAN_AT_START, FORM_TEXT,
      "arch hypervisor machine accelerator", false },
    { "", "cpus", "cpus", PLAN_RESIZED, FORM_NUMBER, "", false },
    { "", "memory", "memory", PLAN_RESIZED, FORM_SIZE, "", false },
    { "", "kernel", "kernel", PLAN_AT_START, FORM_TEXT, "", false },
    { "", "initrd", "initrd", PLAN_AT_START, FORM_TEXT, "", false },
    { "", "append", "append", PLAN_AT_START, FORM_TEXT, "", false },
    { "", "rng", "rng", PLAN_AT_START, FORM_FLAG, "", false },
    { "", "agent", "agent", PLAN_AT_START, FORM_FLAG, "", false },
    { "", "settings", "", PLAN_AT_START, FORM_SETTINGS, "arch hypervisor",
      true },
    { "", "stop_timeout", "stop_timeout", PLAN_READ, FORM_TEXT, "", false },
    { "", NULL,
      "templates description autostart start_order start_delay "
      "identity identity_base",
      PLAN_READ, FORM_TEXT, "", false },
    { "", "version", "", PLAN_READ, FORM_TEXT, "", false },
    { "", "name", "", PLAN_READ, FORM_TEXT, "", false },
    { "", "definition", "", PLAN_READ, FORM_TEXT, "", false },
    { "", "rundir", "", PLAN_READ, FORM_TEXT, "", false },
    { "", "accelerator_why", "", PLAN_READ, FORM_TEXT, "", false },
    { "", "saved", "", PLAN_READ, FORM_TEXT, "", false },
    { "", "firmware", "", PLAN_PART, FORM_TEXT, "", false },
    { "", "cloud_init", "", PLAN_PART, FORM_TEXT, "", false },
    { "", "disks", "", PLAN_PART, FORM_TEXT, "", false },
    { "", "nics", "", PLAN_PART, FORM_TEXT, "", false },
    { "", "launch", "", PLAN_PART, FORM_TEXT, "", false },

    { "firmware", "plugin", "firmware", PLAN_AT_START, FORM_TEXT,
      "arch hypervisor machine", false },
    { "firmware", "secure_boot", "secure_boot", PLAN_AT_START, FORM_FLAG,
      "plugin", false },
    { "firmware", "code", "", PLAN_AT_START, FORM_TEXT,
      "arch hypervisor machine plugin secure_boot", true },
    { "firmware", "template", "", PLAN_AT_START, FORM_TEXT,
      "arch hypervisor machine plugin secure_boot code", true },
    { "firmware", "variables", "", PLAN_READ, FORM_TEXT, "", false },

    { "cloud_init", "seed", "seed", PLAN_AT_START, FORM_TEXT, "", false },
    { "cloud_init", "user", "user", PLAN_AT_START, FORM_TEXT, "", false },
    { "cloud_init", "ssh_keys", "ssh_keys", PLAN_AT_START, FORM_TEXT, "",
      false },
    { "cloud_init", "password_hash", "password_hash", PLAN_AT_START, FORM_TEXT,
      "", false },
    { "cloud_init", "hostname", "hostname", PLAN_AT_START, FORM_TEXT, "",
      false },
    { "cloud_init", "instance_id", "instance_id", PLAN_AT_START, FORM_TEXT, "",
      false },
    { "cloud_init", "user_data", "user_data", PLAN_AT_START, FORM_TEXT, "",
      false },
    { "cloud_init", "meta_data", "meta_data", PLAN_AT_START, FORM_TEXT, "",
      false },
    { "cloud_init", "network_config", "network_config", PLAN_AT_START,
      FORM_TEXT, "", false },
    { "cloud_init", "path", "", PLAN_READ, FORM_TEXT, "", false },

    /* Made of 'pool' and 'volume', or of the path of an image. */
    { "disk", "source", "pool volume image cdrom", PLAN_AT_START, FORM_TEXT, "",
      false },
    { "disk", "cdrom", "", PLAN_AT_START, FORM_FLAG, "source", true },
    { "disk", "readonly", "readonly", PLAN_AT_START, FORM_FLAG, "source cdrom",
      false },
    { "disk", "boot", "boot", PLAN_AT_START, FORM_NUMBER, "", false },
    { "disk", "serial", "serial", PLAN_AT_START, FORM_TEXT, "uuid", false },
    { "disk", "wwn", "wwn", PLAN_AT_START, FORM_TEXT, "uuid", false },
    { "disk", "format", "format", PLAN_AT_START, FORM_TEXT, "source", false },
    { "disk", "settings", "", PLAN_AT_START, FORM_SETTINGS, "source", true },
    { "disk", "plugin", "", PLAN_AT_START, FORM_TEXT, "source format settings",
      true },
    { "disk", "backing", "backing", PLAN_NEVER, FORM_TEXT, "source", true },
    { "disk", "backing_format", "backing_format", PLAN_NEVER, FORM_TEXT,
      "source backing", true },
    { "disk", "size", "size", PLAN_GROWS, FORM_SIZE, "", false },
    { "disk", "name", "", PLAN_READ, FORM_TEXT, "", false },
    { "disk", "pool", "", PLAN_READ, FORM_TEXT, "", false },
    { "disk", "volume", "", PLAN_READ, FORM_TEXT, "", false },
    { "disk", "layers", "", PLAN_READ, FORM_TEXT, "", false },

    { "nic", "network", "network", PLAN_AT_START, FORM_TEXT, "", false },
    { "nic", "mac", "mac", PLAN_AT_START, FORM_TEXT, "uuid", false },
    { "nic", "settings", "", PLAN_AT_START, FORM_SETTINGS, "network", true },
    { "nic", "plugin", "", PLAN_AT_START, FORM_TEXT, "network settings", true },
    { "nic", "queues", "queues", PLAN_AT_START, FORM_NUMBER, "network settings",
      false },
    { "nic", "mtu", "mtu", PLAN_AT_START, FORM_NUMBER, "network settings",
      false },
    { "nic", "boot", "boot", PLAN_AT_START, FORM_NUMBER, "", false },
    { "nic", "forward", "forward", PLAN_AT_START, FORM_TEXT, "", false },
    { "nic", "kind", "", PLAN_AT_START, FORM_TEXT,
      "network settings plugin queues mtu forward", true },
    /* MAC addresses, UUIDs and WWNs are derived from these. */
    { "nic", NULL, "address", PLAN_READ, FORM_TEXT, "", false },
    { "nic", "name", "", PLAN_READ, FORM_TEXT, "", false },
    { "nic", "interface", "", PLAN_READ, FORM_TEXT, "", false },
    { "nic", "why", "", PLAN_READ, FORM_TEXT, "", false },
    { "nic", "process", "", PLAN_READ, FORM_TEXT, "", false },

    { "launch", "program", "", PLAN_AT_START, FORM_TEXT, "arch hypervisor",
      true },
    { "launch", "arguments", "", PLAN_READ, FORM_TEXT, "", false },
    { "launch", "descriptors", "", PLAN_READ, FORM_TEXT, "", false },
    { "launch", "files", "", PLAN_READ, FORM_TEXT, "", false },
    { "launch", "lent", "", PLAN_READ, FORM_TEXT, "", false },
    { "launch", "groups", "", PLAN_READ, FORM_TEXT, "", false },
    { "launch", "own_calls", "", PLAN_READ, FORM_TEXT, "", false },
    { NULL, NULL, NULL, PLAN_READ, FORM_TEXT, NULL, false },
};

bool
plan_fields_has (const char *list, const char *word)
{
    size_t len = strlen (word);

    for (const char *at = list; (at = strstr (at, word)); at += len) {
        if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' ')) {
            return true;
        }
    }
    return false;
}
