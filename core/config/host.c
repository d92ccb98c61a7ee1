/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/size.h"
#include "common/cleanup.h"
#include "core/base/name.h"
#include "core/base/trust.h"
#include "core/config/host-programs.h"
#include "core/config/host-read.h"
#include "core/config/known-image.h"
#include "core/config/problem.h"
#include "core/config/settings.h"
#include "core/config/variable.h"
#include "core/sandbox/filter.h"
#include "core/sandbox/groups.h"

/* Far from what distributions, containers and systemd hand out, below the
 * 2^31 that some tools stumble over. */
#define UID_BASE "1879048192"
#define UID_COUNT "65536"
#define MOST_NAMED 32

const struct hv_key host_keys[] = {
    { "plugin_dir", HV_STRING, NULL,
      "directories of plugins: DIR, or {DIR, DIR}", false },
    { "hypervisors", HV_STRING, "qemu,cloud-hypervisor",
      "order of preference: {qemu, …}", false },
    { "vm_dir", HV_PATH, NULL, "VM definitions", false },
    { "run_dir", HV_PATH, NULL, "sockets, locks, journals", false },
    { "state_dir", HV_PATH, NULL, "disks and firmware variables", false },
    { "log_dir", HV_PATH, NULL, "logs of consoles and hypervisors", false },
    { "image_keys", HV_PATH, NULL, "keys that may vouch for images", false },
    { "uid_base", HV_UINT, UID_BASE, "first user ID for VMs", false },
    { "uid_count", HV_UINT, UID_COUNT, "number of user IDs", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key default_keys[] = {
    { "hypervisor", HV_STRING, "auto", "auto or a plugin's name", false },
    { "accelerator", HV_STRING, "auto", "auto, kvm, tcg", false },
    { "machine", HV_STRING, NULL, "the machine type", false },
    { "stop_timeout", HV_DURATION, "60s",
      "how long stop waits before it forces the VM off", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

const struct hv_key sandbox_keys[] = {
    { "require", HV_STRING, NULL,
      "full: do not start a VM in a degraded sandbox", false },
    { "deny_groups", HV_STRING, NULL,
      "groups of system calls that plugins must not use", false },
    { "deny_calls", HV_STRING, NULL, "system calls that plugins must not use",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const char *
env_dir (struct arena *a, const char *variable, const char *fallback)
{
    const char *value = getenv (variable), *home = getenv ("HOME");

    if (value && *value == '/') {
        return arena_format (a, "%s/hvctl", value);
    }
    return arena_format (a, "%s/%s/hvctl", home && *home ? home : "/",
                         fallback);
}

static bool
is_own_dir (const char *path)
{
    struct stat st;

    return path && *path == '/' && stat (path, &st) == 0 && S_ISDIR (st.st_mode)
           && st.st_uid == geteuid ();
}

/* Independent of the environment, which su and cron do not set: otherwise a
 * user would have two separate sets of VMs. */
static const char *
runtime_dir (struct arena *a)
{
    const char *usual = arena_format (a, USER_RUN_DIR "/%u", geteuid ());
    const char *said = getenv ("XDG_RUNTIME_DIR");

    return is_own_dir (usual) ? usual : said && *said == '/' ? said : NULL;
}

/* The places of the system for root, those of the XDG Base Directory
 * Specification for a user. */
static void
default_places (struct hvctl *h, struct host *host, const char *conf)
{
    struct arena *a = &h->arena;

    host->root = geteuid () == 0;
    if (host->root) {
        host->file = HVCTL_SYSCONFDIR "/hvctl/hvctl.conf";
        host->run_dir = SYSTEM_RUN_DIR;
        host->state_dir = HVCTL_LOCALSTATEDIR "/lib/hvctl";
        host->log_dir = HVCTL_LOCALSTATEDIR "/log/hvctl";
    } else {
        const char *runtime = runtime_dir (a);
        const char *state = env_dir (a, "XDG_STATE_HOME", ".local/state");

        host->file = arena_format (a, "%s/hvctl.conf",
                                   env_dir (a, "XDG_CONFIG_HOME", ".config"));
        host->run_dir = runtime ? arena_format (a, "%s/hvctl", runtime)
                                : arena_format (a, "%s/run", state);
        host->state_dir = env_dir (a, "XDG_DATA_HOME", ".local/share");
        host->log_dir = arena_format (a, "%s/log", state);
    }
    if (conf) {
        host->file = conf;
    }
}

static const char *
place (const struct hv_options *root, const char *key, const char *fallback)
{
    const char *value = settings_get (root, key);

    return value ? value : fallback;
}

static struct hv_options *
builtin (struct arena *a, const char *kind, const char *name, const char *type,
         const char *key, const char *value)
{
    struct hv_options *s = arena_alloc (a, sizeof *s);

    s->file = "(built in)";
    s->kind = kind;
    s->name = name;
    s->settings = arena_alloc (a, 3 * sizeof *s->settings);
    s->settings[s->n_settings++] =
        (struct setting){ .key = "type", .value = type, .file = s->file };
    if (key) {
        s->settings[s->n_settings++] =
            (struct setting){ .key = key, .value = value, .file = s->file };
    }
    return s;
}

static const struct hv_options *
find_section (const struct vec *sections, const char *name)
{
    for (size_t i = 0; i < sections->n; i++) {
        const struct hv_options *s = sections->p[i];

        if (!strcmp (s->name, name)) {
            return s;
        }
    }
    return NULL;
}

/* Network 'user' and pool 'default' exist without any configuration. */
static void
add_builtins (struct hvctl *h, struct host *host)
{
    struct arena *a = &h->arena;

    if (!find_section (&host->networks, "user")) {
        vec_add (a, &host->networks,
                 builtin (a, "network", "user", "user", NULL, NULL));
    }
    if (!find_section (&host->pools, "default")) {
        vec_add (a, &host->pools,
                 builtin (a, "pool", "default", "qcow2", "path",
                          arena_format (a, "%s/disks", host->state_dir)));
    }
}

/* A misspelt name would deny nothing, so it is an error. */
static void
read_policy (struct hvctl *h, struct hv_options *s, struct problems *p)
{
    struct host *host = h->host;
    const char *require = settings_get (s, "require");

    settings_check (s, sandbox_keys, p);
    host->require_full = require && !strcmp (require, "full");
    if (require && !host->require_full) {
        settings_problem (p, s, "require",
                          "require = %s: 'full' is the only value", require);
    }
    vec_split (&h->arena, settings_get (s, "deny_groups"), ',',
               &host->deny_groups);
    vec_split (&h->arena, settings_get (s, "deny_calls"), ',',
               &host->deny_calls);
    host->sandbox = s;
    for (size_t i = 0; i < host->deny_groups.n; i++) {
        const char *name = host->deny_groups.p[i];

        if (!groups_find (name)) {
            settings_problem (p, s, "deny_groups",
                              "there is no group of system calls '%s'", name);
        }
    }
    for (size_t i = 0; i < host->deny_calls.n; i++) {
        const char *name = host->deny_calls.p[i];

        if (!filter_is_call (name)) {
            settings_problem (p, s, "deny_calls",
                              "there is no system call '%s'", name);
        }
    }
}

static void
sort_sections (struct hvctl *h, const struct hv_options *root,
               struct problems *p)
{
    struct host *host = h->host;

    for (size_t i = 0; i < root->sections.n; i++) {
        struct hv_options *s = root->sections.p[i];

        if (!strcmp (s->kind, "template")) {
            vec_add (&h->arena, &host->templates, s);
            continue;
        }
        if (!strcmp (s->kind, "vars")) {
            variable_check_names (s, p);
            continue;
        }
        variable_expand_host (s, host->vars, p);
        if (!strcmp (s->kind, "defaults")) {
            size_t before = p->lines.n;

            /* A value that is not valid is not 0 for those who go on. */
            settings_check (s, default_keys, p);
            host->defaults = p->lines.n == before ? s : NULL;
            continue;
        }
        if (!strcmp (s->kind, "sandbox")) {
            read_policy (h, s, p);
            continue;
        }
        if (settings_unknown (s)) {
            continue;
        }
        if (!strcmp (s->kind, "image")) {
            known_image_check (s, p);
            vec_add (&h->arena, &host->images, s);
            continue;
        }
        if (strcmp (s->kind, "plugin") != 0 && !settings_get (s, "type")) {
            settings_problem (
                p, s, NULL, "%s %s: 'type' is missing: set type = %s", s->kind,
                s->name,
                *s->kind == 'n' ? "bridge, macvtap, user, …" : "qcow2, raw, …");
            continue;
        }
        vec_add (&h->arena,
                 *s->kind == 'n'            ? &host->networks
                 : strcmp (s->kind, "pool") ? &host->plugins
                                            : &host->pools,
                 s);
    }
}

/* Returns the path of that name beside the host configuration. */
static const char *
beside (struct hvctl *h, const char *name)
{
    const char *file = h->host->file, *slash = strrchr (file, '/');

    return slash ? arena_format (&h->arena, "%.*s/%s", (int)(slash - file),
                                 file, name)
                 : name;
}

static void
apply (struct hvctl *h, struct hv_options *root, struct problems *p,
       const struct problems *in_dir)
{
    struct host *host = h->host;

    host->tree = root;
    host->vars = host_read_section (root, "vars");
    variable_expand_host (root, host->vars, p);
    settings_check (root, host_keys, p);
    host->run_dir = place (root, "run_dir", host->run_dir);
    host->state_dir = place (root, "state_dir", host->state_dir);
    host->log_dir = place (root, "log_dir", host->log_dir);
    host->vm_dir = place (root, "vm_dir", beside (h, "vm.d"));
    host->image_keys = place (root, "image_keys", beside (h, "keys"));
    parse_uint (settings_get (root, "uid_base"), &host->uid_base);
    parse_uint (settings_get (root, "uid_count"), &host->uid_count);
    if (host->uid_base < 1000 || host->uid_count < 2
        || host->uid_base + host->uid_count > UINT32_MAX - 2) {
        settings_problem (
            p, root, "uid_base",
            "uid_base and uid_count must keep all user IDs between 1000 "
            "and 2^32, and uid_count must be at least 2");
    }
    /* The last user ID is for programs that are probed, not for VMs. */
    h->probe_uid = host->root ? host->uid_base + --host->uid_count : 0;
    vec_split (&h->arena, settings_get (root, "hypervisors"), ',',
               &host->hypervisors);
    host->usable = !p->lines.n;
    problem_add_new (p, &in_dir->lines);
    host_programs_find (h, root, p);
    sort_sections (h, root, p);
    add_builtins (h, host);
}

/* Checks the files and directories that root acts on, before it does. */
static int
check_places (const struct host *host, struct error *err)
{
    const char *const places[] = {
        host->file,    host->conf_dir,  host->vm_dir,
        host->run_dir, host->state_dir, host->log_dir
    };

    for (size_t i = 0; i < ARRAY_SIZE (places); i++) {
        if (trust_path (places[i], err) < 0) {
            return -err->code;
        }
    }
    for (size_t i = 0; i < host->conf_files.n; i++) {
        if (trust_path (host->conf_files.p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

int
host_load (struct hvctl *h, const char *conf, struct error *err)
{
    struct host *host = arena_alloc (&h->arena, sizeof *host);
    struct problems p = { .arena = &h->arena };
    struct problems in_dir = { .arena = &h->arena };
    struct hv_options *root;

    h->host = host;
    if (conf && *conf != '/') {
        char cwd[4096];

        if (!getcwd (cwd, sizeof cwd)) {
            return fail (err, errno, "cannot get the current directory: %m");
        }
        conf = arena_format (&h->arena, "%s/%s", cwd, conf);
    }
    default_places (h, host, conf);
    host->found = conf || access (host->file, F_OK) == 0 || errno != ENOENT;
    if (conf && access (conf, F_OK) < 0
        && (errno == ENOENT || errno == ENOTDIR)) {
        return fail_exit (err, EXIT_NOT_FOUND, errno, "cannot open %s: %m",
                          conf);
    }
    root = host_read (h, &p, &in_dir);
    if (root) {
        apply (h, root, &p, &in_dir);
    }
    if (problem_fail (&p, err) < 0) {
        err->exit_code = EXIT_CONFIG;
        return -err->code;
    }
    return check_places (host, err);
}

int
host_load_despite (struct hvctl *h, const char *conf, struct error *err)
{
    int rc = host_load (h, conf, err);

    if (rc == 0 || err->exit_code != EXIT_CONFIG || !h->host->usable) {
        return rc;
    }
    hvctl_warn ("%s", err->text);
    *err = (struct error){ 0 };
    return check_places (h->host, err);
}

int
host_add (struct hvctl *h, const char *path, struct error *err)
{
    struct problems p = { .arena = &h->arena };
    struct hv_options *root = host_read_file (h, path, &p);

    if (root) {
        sort_sections (h, root, &p);
    }
    return problem_fail (&p, err);
}

const struct hv_options *
host_network (const struct hvctl *h, const char *name)
{
    return find_section (&h->host->networks, name);
}

const struct hv_options *
host_pool (const struct hvctl *h, const char *name)
{
    return find_section (&h->host->pools, name);
}

const struct hv_options *
host_plugin (const struct hvctl *h, const char *name)
{
    return find_section (&h->host->plugins, name);
}

const struct hv_options *
host_template (const struct hvctl *h, const char *name)
{
    return find_section (&h->host->templates, name);
}

int
host_no_such (struct hvctl *h, const struct vec *sections, const char *kind,
              const char *name, struct error *err)
{
    struct vec names = { 0 };
    const char *near;

    for (size_t i = 0; i < sections->n; i++) {
        const struct hv_options *s = sections->p[i];

        vec_add (&h->arena, &names, s->name);
    }
    near = names.n ? name_nearest (name, (const char *const *)names.p) : NULL;
    return near ? fail_exit (
               err, EXIT_NOT_FOUND, ENOENT,
               "there is no %s '%s': did you mean '%s' (%s)?", kind, name, near,
               settings_where (&h->arena, find_section (sections, near), NULL))
                : fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                             "there is no %s '%s': there are %s", kind, name,
                             names.n ? name_list (&h->arena, &names, MOST_NAMED)
                                     : "none");
}
