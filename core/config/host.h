/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The host configuration: hvctl.conf and the directories it implies. */
#ifndef CORE_HOST_H
#define CORE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"

#define SYSTEM_RUN_DIR "/run/hvctl"
#define USER_RUN_DIR "/run/user" /* Which the login makes, and removes. */

struct host {
    const char *file; /* Exists only if 'found'. */
    bool found;
    const char *conf_dir;   /* conf.d, beside it */
    struct vec conf_files;  /* char *: those in it that were read. */
    bool usable;            /* Its directories and user IDs are valid, whatever
                             * else is wrong. */
    bool root;              /* We run as root. */
    struct vec plugin_dirs; /* char * */
    const char *vm_dir;     /* vm.d, beside the file */
    const char *run_dir;    /* Sockets, locks, journals: empty after boot. */
    const char *state_dir;  /* Disks, firmware variables. */
    const char *log_dir;
    const char *image_keys; /* Keyrings: keys, beside the file. */
    const char *supervisor, *importer, *unpacker, *fetcher; /* Programs. */
    struct vec hypervisors; /* char *, in order of preference; may be
                             * empty */
    struct vec networks, pools, plugins; /* struct hv_options * */
    struct vec images;       /* Likewise: those that are known by a name; ... */
    const char *images_file; /* ...and others, which are installed. */
    struct vec templates;
    const struct hv_options *tree;                /* All that was read. */
    struct hv_options *defaults, *vars, *sandbox; /* Or null. */
    uint64_t uid_base, uid_count;       /* For the VMs' own user IDs. */
    bool require_full;                  /* For every VM's sandbox. */
    struct vec deny_groups, deny_calls; /* char *: of system calls */
};

/* The keys of hvctl.conf: the one table, also for the manual's test. */
extern const struct hv_key host_keys[], default_keys[], sandbox_keys[];

/* Reads hvctl.conf and conf.d.  A missing file is an error only if 'conf' was
 * given by the user. */
int host_load (struct hvctl *h, const char *conf, struct error *err);

/* The same for commands that running VMs depend on: problems with
 * networks, pools, plugins, defaults and the sandbox are warnings. */
int host_load_despite (struct hvctl *h, const char *conf, struct error *err);

/* Adds the networks, pools and templates of one more file, for this command
 * alone.  Fails with its problems. */
int host_add (struct hvctl *h, const char *path, struct error *err);

/* Return the section of that name, or null. */
const struct hv_options *host_network (const struct hvctl *h, const char *name);
const struct hv_options *host_pool (const struct hvctl *h, const char *name);
const struct hv_options *host_plugin (const struct hvctl *h, const char *name);
const struct hv_options *host_template (const struct hvctl *h,
                                        const char *name);

/* Fails with the exit code for not found; names the nearest one, and where it
 * is, or those that there are. */
int host_no_such (struct hvctl *h, const struct vec *sections, const char *kind,
                  const char *name, struct error *err);

#endif /* CORE_HOST_H */
