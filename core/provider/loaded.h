/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A plugin that was loaded: what is known of it, and of the operation that
 * goes on. */
#ifndef CORE_LOADED_H
#define CORE_LOADED_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"

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
    const struct vec *held; /* struct held_fd *: of the VM that it starts, or
                             * null. */
    struct error err;       /* Of the operation that goes on. */
    bool failed;
    const char *misuse; /* What it did against the contract, or null. */
    bool unsure;        /* The last operation failed against the contract: what
                         * it has done is to be undone. */
};

/* The plugin that asks a service; its memory. */
struct plugin *loaded_plugin (struct hv_ctx *ctx);
struct arena *loaded_arena (struct hv_ctx *ctx);

#endif /* CORE_LOADED_H */
