/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugins that the loader must refuse, and say why.  Compiled once for each
 * fault: BAD is one of the names below, and makes bad_BAD.so.  Without a fault
 * it is a good plugin, so that one sees that it is the fault that matters. */

#include <errno.h>
#include <stdlib.h>

#include "hvctl/plugin.h"

enum fault {
    none,
    symbol, /* No hv_plugin inside. */
    abi0,
    abi999,    /* Of the far future. */
    size,      /* hv_plugin shorter than ABI 1's. */
    table,     /* hv_storage shorter than ABI 1's. */
    null,      /* A required operation is missing. */
    half,      /* activate without deactivate. */
    empty,     /* No provider inside. */
    name,      /* Differs from the file's. */
    undefined, /* Calls what does not exist. */
    open,      /* Its open() fails. */
    /* Its table of system calls has one that nobody gets. */
    exec,
    files,
    space,  /* ioctl, all of it. */
    sti,    /* A request of it that types for others. */
    socket, /* Among good ones. */
    nosuch,
    nowhy,
    half_list,
    last_call = half_list,
    /* Loading it runs its code, and that does not return. */
    start_exit,
    start_crash,
    start_loop,
    /* The data of its tables. */
    key_type,
    key_name,
    key_twice,
    key_ours,
    key_default,
    key_path,
    key_summary,
    key_end,
    pool_type,
};

#define TEXT_(x) #x
#define TEXT(x) TEXT_ (x)

static int
bad_chain (struct hv_ctx *ctx, const struct hv_volume *vol,
           struct hv_chain *out, struct hv_volume_info *info)
{
    return hv_fail (ctx, ENOENT, "there is no volume '%s'", vol->name);
}

#if FAULT_UNDEFINED
int hvctl_has_no_such_function (struct hv_ctx *ctx);
#endif

static int
bad_change (struct hv_ctx *ctx, const struct hv_volume *vol)
{
#if FAULT_UNDEFINED
    return hvctl_has_no_such_function (ctx);
#else
    return hv_fail (ctx, ENOTSUP, "nothing can be changed");
#endif
}

static int
bad_open (struct hv_ctx *ctx)
{
    return BAD == open ? hv_fail (ctx, EACCES, "it does not feel like it") : 0;
}

#if FAULT_START
static void __attribute__ ((constructor)) bad_start (void)
{
    if (BAD == start_exit) {
        exit (0);
    }
    if (BAD == start_crash) {
        abort ();
    }
    while (BAD == start_loop) {
    }
}
#endif

#define MORE(n)                                                                \
    {                                                                          \
        "more" #n, HV_STRING, NULL, "one more", false                          \
    }
#define TEN(n)                                                                 \
    MORE (n##0), MORE (n##1), MORE (n##2), MORE (n##3), MORE (n##4),           \
        MORE (n##5), MORE (n##6), MORE (n##7), MORE (n##8), MORE (n##9)
#define HUNDRED(n)                                                             \
    TEN (n##0), TEN (n##1), TEN (n##2), TEN (n##3), TEN (n##4), TEN (n##5),    \
        TEN (n##6), TEN (n##7), TEN (n##8), TEN (n##9)

static const struct hv_key bad_keys[] = {
    { "path", HV_PATH, BAD == key_path ? "relative/path" : NULL,
      "the directory", false },
    { BAD == key_name    ? "no key; x"
      : BAD == key_twice ? "path"
      : BAD == key_ours  ? "provider"
                         : "count",
      BAD == key_type ? (enum hv_type)99 : HV_UINT,
      BAD == key_default ? "many" : NULL,
      BAD == key_summary ? NULL : "how many", false },
#if FAULT_KEY_END
    HUNDRED (1),
    HUNDRED (2),
    HUNDRED (3),
#endif
    { NULL, HV_STRING, NULL, NULL, false },
};

static const struct hv_storage bad_storage = {
    .size = BAD == table ? offsetof (struct hv_storage, create)
                         : sizeof (struct hv_storage),
    .type = BAD == pool_type ? "no type" : TEXT (BAD_NAME),
    .keys = bad_keys,
    .chain = bad_chain,
    .create = BAD == null ? NULL : bad_change,
    .destroy = bad_change,
    .activate = BAD == half ? bad_change : NULL,
};

static const uint32_t list[] = { 0x541b, BAD == sti ? 0x5412 : 0x5421 };

static const struct hv_call bad_calls[] = {
    { .name = "timerfd_create", .why = "this one is good" },
    { .name = "ioctl",
      .why = "and so is this one",
      .values = BAD == space ? NULL : list,
      .n_values = BAD == space ? 0 : 2,
      .argument = 1 },
    { .name = BAD == exec     ? "execve"
              : BAD == files  ? "openat"
              : BAD == socket ? "socket"
              : BAD == nosuch ? "no_such_call"
                              : "io_pgetevents",
      .why = BAD == nowhy ? NULL : "it would like to",
      .n_values = BAD == half_list ? 3 : 0 },
    { .name = NULL },
};

/* It is refused for its calls before its operations are looked at. */
static const struct hv_hypervisor bad_hypervisor = {
    .size = sizeof (struct hv_hypervisor),
    .calls = bad_calls,
};

#if FAULT_SYMBOL
#define SYMBOL hv_plugin_by_another_name
extern const struct hv_plugin SYMBOL __attribute__ ((visibility ("default")));
#else
#define SYMBOL hv_plugin
#endif

const struct hv_plugin SYMBOL = {
    .abi = BAD == abi0     ? 0
           : BAD == abi999 ? 999
                           : HV_ABI,
    .size = BAD == size ? offsetof (struct hv_plugin, keys)
                        : sizeof (struct hv_plugin),
    .name = BAD == name ? "another" : TEXT (BAD_NAME),
    .version = "1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "has a fault",
    .open = bad_open,
    .hypervisor = BAD >= exec && BAD <= last_call ? &bad_hypervisor : NULL,
    .storage = BAD == empty ? NULL : &bad_storage,
};
