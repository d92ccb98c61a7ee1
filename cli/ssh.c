/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* ssh, ssh-config: OpenSSH, with what it has to know about a VM.  Host keys are
 * kept with the VM, so that they go with it, and those of another VM that has
 * had the address are no trouble. */
#include <errno.h>

#include "cli/reach.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/output.h"
#include "core/config/host.h"
#include "core/process/become.h"

#define PATIENCE 5000 /* ms: for an ssh server's greeting. */

/* Returns the file; its directory is there then, or null. */
static const char *
known_hosts (struct cli *c, const char *name, struct error *err)
{
    const char *dir =
        arena_format (&c->h.arena, "%s/vm/%s", c->h.host->state_dir, name);

    return file_make_dirs (dir, 0700, err) < 0
               ? NULL
               : arena_format (&c->h.arena, "%s/known_hosts", dir);
}

/* Stores where its ssh server answers. */
static int
find (struct cli *c, const char *name, const struct endpoint **out,
      struct error *err)
{
    struct vec endpoints = { 0 };
    struct definition *def;

    if (reach_load (c, name, &def, err) < 0) {
        return -err->code;
    }
    reach_endpoints (addresses_of_vm (c, name), def, &endpoints);
    if (!endpoints.n) {
        return reach_nowhere (c, def, err);
    }
    *out = reach_ssh (&endpoints, PATIENCE);
    return *out
               ? 0
               : fail_exit (
                   err, EXIT_TIMEOUT, ETIMEDOUT,
                   "%s: no ssh server answers at %s (hvctl wait --for "
                   "ssh %s waits for it)",
                   name, ((const struct endpoint *)endpoints.p[0])->host, name);
}

static const char *
setting (struct cli *c, const char *key, const char *value)
{
    return arena_format (&c->h.arena, "-o%s=%s", key, value);
}

/* Quotes for ssh's own parser, which has no escapes. */
static const char *
quoted (struct cli *c, const char *path)
{
    return arena_format (&c->h.arena, "\"%s\"", path);
}

int
cmd_ssh (struct cli *c)
{
    const char *name = c->args.p[0], *user = option_value (c, "user");
    struct arena *a = &c->h.arena;
    const struct endpoint *e;
    struct vec argv = { 0 };
    const char *hosts;

    if (find (c, name, &e, &c->err) < 0
        || !(hosts = known_hosts (c, name, &c->err))) {
        return report (c);
    }
    vec_add (a, &argv, "ssh");
    vec_add (a, &argv, setting (c, "HostKeyAlias", name));
    vec_add (a, &argv, setting (c, "UserKnownHostsFile", quoted (c, hosts)));
    vec_add (a, &argv, setting (c, "StrictHostKeyChecking", "accept-new"));
    vec_add (a, &argv, arena_format (a, "-p%u", e->port));
    if (user) {
        vec_add (a, &argv, arena_format (a, "-l%s", user));
    }
    vec_add (a, &argv, "--");
    vec_add (a, &argv, e->host);
    for (size_t i = 1; i < c->args.n; i++) {
        vec_add (a, &argv, c->args.p[i]);
    }
    become ((char *const *)argv.p, "openssh-client", &c->err);
    return report (c);
}

static int
each_config (struct cli *c, const char *name, struct json_object *result,
             struct error *err)
{
    const char *user = option_value (c, "user");
    const struct endpoint *e;
    const char *hosts;

    (void)result;
    if (find (c, name, &e, err) < 0 || !(hosts = known_hosts (c, name, err))) {
        return -err->code;
    }
    out ("Host %s\n"
         "    HostName %s\n"
         "    Port %u\n"
         "    HostKeyAlias %s\n"
         "    UserKnownHostsFile \"%s\"\n"
         "    StrictHostKeyChecking accept-new\n",
         name, e->host, e->port, name, hosts);
    if (user) {
        out ("    User %s\n", user);
    }
    return 0;
}

int
cmd_ssh_config (struct cli *c)
{
    return for_each_vm (c, each_config);
}
