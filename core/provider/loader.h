/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugins: found, checked, copied.  loader.c is the only file that knows
 * libltdl. */
#ifndef CORE_LOADER_H
#define CORE_LOADER_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/provider/services.h"

struct plugin {
    struct hv_ctx ctx; /* First: services find us by it. */
    struct hvctl *h;
    const char *name; /* "net-bridge"; also of a broken one. */
    const char *path;
    const char *broken; /* Why it can not be used, or null. */
    void *handle;

    /* Copies, zeroed behind what an older plugin knows; has_* tells. */
    struct hv_plugin info;
    struct hv_hypervisor hypervisor;
    struct hv_network network;
    struct hv_storage storage;
    struct hv_firmware firmware;
    bool has_hypervisor, has_network, has_storage, has_firmware;

    const struct hv_call *calls; /* Of the hypervisor, checked; or null. */
    bool opened;
    const struct hv_options *options; /* Its section in hvctl.conf. */
    struct json_object *facts;        /* Of the program in use, or null. */
    struct error err;                 /* Of the operation that goes on. */
    bool failed;
    const char *misuse; /* What it did against the contract, or null. */
    bool unsure;        /* The last operation failed against the contract: what
                         * it has done is to be undone. */
};

/* Loads every plugin of the plugin directories, once.  A bad one is kept as
 * broken: nothing is reported until somebody needs it. */
void loader_load (struct hvctl *h);
void loader_close (struct hvctl *h);

/* Null if there is none; it may be broken. */
struct plugin *loader_find (struct hvctl *h, const char *name);

/* Facts for 'plugin show': adds "storage.resize=yes" and the like. */
void loader_operations (struct hvctl *h, const struct plugin *p,
                        struct hv_list *out);

#endif /* CORE_LOADER_H */
