/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A loaded plugin: its properties, and the operation in progress. */
#ifndef CORE_LOADED_H
#define CORE_LOADED_H

#include <stdbool.h>
#include <sys/stat.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"

struct plugin {
    struct hv_ctx ctx; /* First: services find us by it. */
    struct hvctl *h;
    const char *name; /* "net-bridge"; a broken one has it, too. */
    const char *path;
    const char *broken; /* Why it cannot be used, or null. */
    struct stat file;
    bool known; /* From the index, and not loaded yet: of 'info' and the tables
                 * only version, types and format are set. */
    void *handle;

    /* Copies, zeroed after what an older plugin has; see has_*. */
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
    const char *facts_of;             /* Its architecture and path, or null. */
    const struct vec *held; /* struct held_fd *: of the VM that it starts, or
                             * null. */
    struct error err;       /* Of the operation in progress. */
    bool failed;
    const char *misuse; /* How it broke the contract, or null. */
    bool unsure;        /* The last operation broke the contract: its
                         * effects must be undone. */
};

/* Return the plugin that calls a service; its memory. */
struct plugin *loaded_plugin (struct hv_ctx *ctx);
struct arena *loaded_arena (struct hv_ctx *ctx);

#endif /* CORE_LOADED_H */
