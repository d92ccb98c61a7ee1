/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Facts about libltdl 2.4.7 that shaped this: its error text is "file not
 * found" whatever happened, so plain dlopen() is asked for the reason; a bare
 * name would be looked up in LTDL_LIBRARY_PATH, so only absolute paths are
 * passed; it needs no .la file when the name ends in .so. */
#include "core/provider/loader.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <ltdl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "core/base/elf.h"
#include "core/base/error.h"
#include "core/base/trust.h"
#include "core/config/host.h"
#include "core/provider/calls.h"
#include "core/provider/guard.h"
#include "core/provider/plugin-index.h"
#include "core/provider/provider.h"
#include "core/provider/tables.h"

/* Constructors of libraries may take their time. */
#define LOAD_TIMEOUT 4000

/* The sizes of ABI 1: a plugin's tables are at least this long, and longer
 * tables begin with these members. */
#define SIZE_TO(type, member)                                                  \
    (offsetof (type, member) + sizeof (((type *)0)->member))
#define PLUGIN_MIN SIZE_TO (struct hv_plugin, firmware)
#define HYPERVISOR_MIN SIZE_TO (struct hv_hypervisor, resume)
#define NETWORK_MIN SIZE_TO (struct hv_network, detach)
#define STORAGE_MIN SIZE_TO (struct hv_storage, deactivate)
#define FIRMWARE_MIN SIZE_TO (struct hv_firmware, list)

static const char *
check_owner (struct plugin *p)
{
    struct error err = { 0 };

    if (stat (p->path, &p->file) < 0) {
        return arena_format (&p->h->arena, "cannot be read: %s",
                             strerror (errno));
    }
    return trust_stat (&p->file, p->path, &err) < 0
               ? arena_dup (&p->h->arena, err.text)
               : NULL;
}

/* The modules in it are looked at one by one. */
static const char *
check_way (struct hvctl *h, const char *dir)
{
    struct error err = { 0 };

    return trust_path (dir, &err) < 0 ? arena_dup (&h->arena, err.text) : NULL;
}

/* Copies a table of an older plugin, which may be shorter than ours. */
static void
adopt (void *ours, size_t our_size, const void *theirs, size_t their_size)
{
    memset (ours, 0, our_size);
    memcpy (ours, theirs, their_size < our_size ? their_size : our_size);
}

struct required {
    const char *name;
    bool present;
};

static const char *
missing_op (struct hvctl *h, const char *table, const struct required *ops)
{
    for (; ops->name; ops++) {
        if (!ops->present) {
            return arena_format (&h->arena, "%s.%s is required, but null",
                                 table, ops->name);
        }
    }
    return NULL;
}

static const char *
short_table (struct hvctl *h, const char *table, size_t size)
{
    return arena_format (&h->arena,
                         "its %s table has %zu bytes, less than in ABI 1",
                         table, size);
}

static const char *
adopt_hypervisor (struct plugin *p)
{
    struct hv_hypervisor *t = &p->hypervisor;
    const char *why;

    if (!p->info.hypervisor) {
        return NULL;
    }
    if (p->info.hypervisor->size < HYPERVISOR_MIN) {
        return short_table (p->h, "hypervisor", p->info.hypervisor->size);
    }
    adopt (t, sizeof *t, p->info.hypervisor, p->info.hypervisor->size);
    p->has_hypervisor = true;
    if (!t->pause != !t->resume) {
        return "hypervisor.pause and .resume must be set together";
    }
    if (!t->save != !t->restore || !t->save != !t->state_files) {
        return "hypervisor.state_files, .save and .restore must be set "
               "together";
    }
    why = calls_refused (&p->h->arena, t->calls);
    why = why ? why
              : tables_keys_fault (&p->h->arena, "hypervisor.keys", t->keys,
                                   false);
    why = why ? why : tables_support_fault (&p->h->arena, t->support);
    why = why ? why : tables_files_fault (&p->h->arena, t->state_files);
    if (why) {
        return why;
    }
    p->calls = t->calls;
    return missing_op (p->h, "hypervisor",
                       (struct required[]){ { "locate", t->locate },
                                            { "probe", t->probe },
                                            { "capabilities", t->capabilities },
                                            { "check", t->check },
                                            { "describe", t->describe },
                                            { "ready", t->ready },
                                            { "go", t->go },
                                            { "powerdown", t->powerdown },
                                            { "quit", t->quit },
                                            { "status", t->status },
                                            { NULL, false } });
}

static const char *
adopt_network (struct plugin *p)
{
    struct hv_network *t = &p->network;
    const char *why;

    if (!p->info.network) {
        return NULL;
    }
    if (p->info.network->size < NETWORK_MIN) {
        return short_table (p->h, "network", p->info.network->size);
    }
    adopt (t, sizeof *t, p->info.network, p->info.network->size);
    p->has_network = true;
    if (!t->helper != !t->settled) {
        return "network.helper and .settled must be set together";
    }
    why = tables_keys_fault (&p->h->arena, "network.keys", t->keys, true);
    why = why ? why : tables_word_fault (&p->h->arena, "network.type", t->type);
    if (why) {
        return why;
    }
    return missing_op (p->h, "network",
                       (struct required[]){ { "type", t->type },
                                            { "check", t->check },
                                            { "attach", t->attach },
                                            { "detach", t->detach },
                                            { NULL, false } });
}

static const char *
adopt_storage (struct plugin *p)
{
    struct hv_storage *t = &p->storage;
    const char *why;

    if (!p->info.storage) {
        return NULL;
    }
    if (p->info.storage->size < STORAGE_MIN) {
        return short_table (p->h, "storage", p->info.storage->size);
    }
    adopt (t, sizeof *t, p->info.storage, p->info.storage->size);
    p->has_storage = true;
    if (!t->activate != !t->deactivate) {
        return "storage.activate and .deactivate must be set together";
    }
    why = tables_keys_fault (&p->h->arena, "storage.keys", t->keys, true);
    why = why ? why : tables_word_fault (&p->h->arena, "storage.type", t->type);
    why = why ? why
              : tables_word_fault (&p->h->arena, "storage.format", t->format);
    if (why) {
        return why;
    }
    return missing_op (p->h, "storage",
                       (struct required[]){ { "type", t->type },
                                            { "chain", t->chain },
                                            { "create", t->create },
                                            { "destroy", t->destroy },
                                            { NULL, false } });
}

static const char *
adopt_firmware (struct plugin *p)
{
    struct hv_firmware *t = &p->firmware;

    if (!p->info.firmware) {
        return NULL;
    }
    if (p->info.firmware->size < FIRMWARE_MIN) {
        return short_table (p->h, "firmware", p->info.firmware->size);
    }
    adopt (t, sizeof *t, p->info.firmware, p->info.firmware->size);
    p->has_firmware = true;
    return missing_op (
        p->h, "firmware",
        (struct required[]){ { "find", t->find }, { NULL, false } });
}

/* Checks what the module exports, and copies it.  Returns an error text, or
 * null.  The order matters: only members that the size covers are read. */
static const char *
adopt_plugin (struct plugin *p, const struct hv_plugin *theirs)
{
    const char *why;

    if (theirs->abi < 1) {
        return "its ABI is 0: it was not built with hvctl/plugin.h";
    }
    if (theirs->abi > HV_ABI) {
        return arena_format (
            &p->h->arena,
            "it needs a newer hvctl (its ABI is %u, this hvctl has %d)",
            theirs->abi, HV_ABI);
    }
    if (theirs->size < PLUGIN_MIN) {
        return short_table (p->h, "plugin", theirs->size);
    }
    adopt (&p->info, sizeof p->info, theirs, theirs->size);
    if (!p->info.name || strcmp (p->info.name, p->name) != 0) {
        return arena_format (
            &p->h->arena,
            "it says its name is '%s', but its file is named for '%s'",
            p->info.name ? p->info.name : "", p->name);
    }
    if (!p->info.version || !p->info.license || !p->info.summary) {
        return "version, license and summary are required";
    }
    if (!p->info.hypervisor && !p->info.network && !p->info.storage
        && !p->info.firmware) {
        return "it contains no provider";
    }
    why = tables_keys_fault (&p->h->arena, "keys", p->info.keys, false);
    why = why ? why : adopt_hypervisor (p);
    why = why ? why : adopt_network (p);
    why = why ? why : adopt_storage (p);
    return why ? why : adopt_firmware (p);
}

/* Returns an error text, or null.  libltdl binds lazily: a missing function
 * would kill hvctl in the middle of a start.  Symbols that are bound stay
 * bound. */
static const char *
bind_now (struct plugin *p, void **handle)
{
    const char *why = elf_fault (&p->h->arena, p->path);
    char text[256];

    if (why) {
        return arena_format (&p->h->arena, "cannot be loaded: %s", why);
    }
    guard_enter (p->name, "loading", LOAD_TIMEOUT);
    if (sigsetjmp (guard_frame, 0)) {
        guard_escaped (text, sizeof text);
        return arena_format (&p->h->arena,
                             "when it was loaded, %s: this is a bug in the "
                             "plugin, or in a library that it needs",
                             text);
    }
    *handle = dlopen (p->path, RTLD_NOW | RTLD_LOCAL);
    guard_leave ();
    why = *handle ? NULL : dlerror ();
    return *handle ? NULL
                   : arena_format (&p->h->arena, "cannot be loaded: %s",
                                   why ? why : "dlopen() gives no reason");
}

static const char *
open_module (struct plugin *p)
{
    const struct hv_plugin *theirs;
    lt_dladvise advise;
    void *bound;
    const char *why = bind_now (p, &bound);

    if (why) {
        return why;
    }
    if (lt_dladvise_init (&advise) || lt_dladvise_local (&advise)) {
        return "libltdl cannot be initialised";
    }
    p->handle = lt_dlopenadvise (p->path, advise);
    lt_dladvise_destroy (&advise);
    dlclose (bound);
    if (!p->handle) {
        return arena_format (&p->h->arena, "cannot be loaded: %s",
                             lt_dlerror ());
    }
    theirs = lt_dlsym (p->handle, "hv_plugin");
    if (!theirs) {
        return "it has no symbol 'hv_plugin': it is not a plugin for hvctl";
    }
    return adopt_plugin (p, theirs);
}

/* "net_ovs.so" is the file of "net-ovs". */
static const char *
name_of (struct arena *a, const char *file)
{
    char *name = arena_dup_n (a, file, strlen (file) - strlen (".so"));

    for (char *c = name; *c; c++) {
        *c = *c == '_' ? '-' : *c;
    }
    return name;
}

static struct plugin *
find (struct hvctl *h, const char *name)
{
    for (size_t i = 0; i < h->plugins.n; i++) {
        struct plugin *p = h->plugins.p[i];

        if (!strcmp (p->name, name)) {
            return p;
        }
    }
    return NULL;
}

static void
load (struct plugin *p)
{
    p->broken = open_module (p);
    hvctl_debug (p->h, "plugin %s: %s", p->path, p->broken ? p->broken : "ok");
}

/* Returns whether the index must be written. */
static bool
know_one (struct hvctl *h, const char *dir, const char *file)
{
    struct plugin *p = arena_alloc (&h->arena, sizeof *p), *twin;

    p->h = h;
    p->ctx.host = &services;
    p->name = name_of (&h->arena, file);
    p->path = arena_format (&h->arena, "%s/%s", dir, file);
    twin = find (h, p->name);
    if (twin) {
        twin->known = false;
        twin->broken = p->broken = arena_format (
            &h->arena, "there are two plugins of this name: %s and %s",
            twin->path, p->path);
        return false;
    }
    p->options = host_plugin (h, p->name);
    vec_add (&h->arena, &h->plugins, p);
    p->broken = check_owner (p);
    if (p->broken || plugin_index_recall (p, &p->file)) {
        return false;
    }
    load (p);
    return !p->broken;
}

static bool
know_dir (struct hvctl *h, const char *dir)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct vec files = { 0 };
    const char *why = d ? check_way (h, dir) : strerror (errno);
    struct dirent *e;
    bool new = false;

    if (why) {
        hvctl_warn ("the plugins in %s are ignored: %s", dir, why);
        return false;
    }
    while ((e = readdir (d))) {
        size_t len = strlen (e->d_name);

        if (len > 3 && !strcmp (e->d_name + len - 3, ".so")) {
            vec_add (&h->arena, &files, arena_dup (&h->arena, e->d_name));
        }
    }
    vec_sort (&files);
    for (size_t i = 0; i < files.n; i++) {
        new |= know_one (h, dir, files.p[i]);
    }
    return new;
}

void
loader_know (struct hvctl *h)
{
    bool new = false;

    if (h->plugins_loaded) {
        return;
    }
    h->plugins_loaded = true;
    if (lt_dlinit ()) {
        hvctl_warn ("libltdl cannot be initialised: %s", lt_dlerror ());
        return;
    }
    for (size_t i = 0; i < h->host->plugin_dirs.n; i++) {
        new |= know_dir (h, h->host->plugin_dirs.p[i]);
    }
    if (new) {
        plugin_index_keep (h);
    }
    plugin_index_forget (h);
}

bool
loader_need (struct plugin *p)
{
    if (p->known) {
        p->known = p->has_network = p->has_storage = p->has_firmware = false;
        p->has_hypervisor = false;
        load (p);
    }
    return !p->broken;
}

void
loader_load (struct hvctl *h)
{
    loader_know (h);
    for (size_t i = 0; i < h->plugins.n; i++) {
        loader_need (h->plugins.p[i]);
    }
}

void
loader_close (struct hvctl *h)
{
    for (size_t i = 0; i < h->plugins.n; i++) {
        struct plugin *p = h->plugins.p[i];

        provider_close (p);
        services_close (p);
    }
    /* No lt_dlclose(): plugins may have brought threads and exit handlers of
     * their libraries, and valgrind wants their symbols. */
}

struct plugin *
loader_known (struct hvctl *h, const char *name)
{
    loader_know (h);
    return find (h, name);
}

struct plugin *
loader_find (struct hvctl *h, const char *name)
{
    struct plugin *p = loader_known (h, name);

    if (p) {
        loader_need (p);
    }
    return p;
}
