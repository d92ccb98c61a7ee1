/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Prints the core's tables of keys as hvctl.conf(5) writes them, for
 * test-docs-keys.sh: "disk size = SIZE", "vm cpus = NUMBER, default 1". */
#include <stdio.h>

#include "core/config/host.h"
#include "core/config/keys.h"

static void
print_table (const char *section, const struct hv_key *keys)
{
    static const char *const types[] = { "TEXT", "yes|no", "NUMBER", "SIZE",
                                         "TIME", "MAC",    "TEXT",   "TEXT" };

    for (; keys->name; keys++) {
        printf ("%s %s = %s%s%s%s\n", section, keys->name, types[keys->type],
                keys->fallback ? ", default " : "",
                keys->fallback ? keys->fallback : "",
                keys->required ? ", required" : "");
    }
}

int
main (void)
{
    print_table ("host", host_keys);
    print_table ("defaults", default_keys);
    print_table ("sandbox", sandbox_keys);
    print_table ("network", network_keys);
    print_table ("pool", pool_keys);
    print_table ("image", image_section_keys);
    print_table ("vm", vm_keys);
    print_table ("disk", disk_keys);
    print_table ("nic", nic_keys);
    print_table ("cloud_init", cloud_init_keys);
    return 0;
}
