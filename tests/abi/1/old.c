/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A plugin of ABI 1, compiled against the header of that time.  Every later
 * hvctl has to load it and to serve what it calls.  Its "volumes" show what
 * the services answered. */

#include "tests/abi/1/plugin.h"

#include <errno.h>

static const struct hv_key abi_1_pool_keys[] = {
    { "word", HV_STRING, "fallback", "any word", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static int
abi_1_chain (struct hv_ctx *ctx, const struct hv_volume *vol,
             struct hv_chain *out, struct hv_volume_info *info)
{
    if (!vol->path) {
        return hv_fail (ctx, ENOENT, "there is no volume '%s'", vol->name);
    }
    hv_layer (ctx, out, vol->path, "raw");
    info->size = info->allocated = 4096;
    return 0;
}

static int
abi_1_create (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    return hv_fail (ctx, EROFS, "ABI 1 was long ago");
}

static int
abi_1_destroy (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    return 0;
}

static int
abi_1_list (struct hv_ctx *ctx, const struct hv_options *options,
            struct hv_list *out)
{
    char *buffer = hv_alloc (ctx, 16);

    hv_log (ctx, HV_DEBUG, "%d ms left", (int)hv_remaining (ctx));
    hv_add (ctx, out, hv_option (ctx, options, "word"), NULL);
    hv_add (ctx, out, hv_format (ctx, "zeroed-%d", buffer[15]), "detail");
    return 0;
}

static const struct hv_storage abi_1_storage = {
    .size = sizeof (struct hv_storage),
    .type = "abi-1",
    .keys = abi_1_pool_keys,
    .chain = abi_1_chain,
    .create = abi_1_create,
    .destroy = abi_1_destroy,
    .list = abi_1_list,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof (struct hv_plugin),
    .name = "abi-1",
    .version = "1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "was compiled against ABI 1",
    .storage = &abi_1_storage,
};
