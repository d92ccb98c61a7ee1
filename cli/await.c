/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* wait: until a guest can be reached in some way, is set up, or has shut
 * down. */
#include <errno.h>
#include <json-c/json_types.h>
#include <poll.h>
#include <string.h>

#include "cli/reach.h"
#include "common/cleanup.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/config/definition-find.h"
#include "core/machine/agent-exec.h"
#include "core/machine/agent.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define BETWEEN_LOOKS 200 /* ms */
#define GREETING 1000     /* ms: of an ssh server. */
#define PING 1000         /* ms: of the agent. */

enum event { SHUTDOWN, IP, SSH, AGENT, CLOUD_INIT };

/* All VMs have the same time together. */
static struct waiting {
    enum event event;
    const char *word;
    int64_t until, limit; /* ms */
    bool looked;          /* Once at least. */
} waiting;

/* A paused guest may be resumed. */
static int
agent_answers (struct cli *c, const char *name, struct error *err)
{
    struct error why = { 0 };

    if (agent_ping (&c->h, name, now_ms () + PING, &why) == 0) {
        return 1;
    }
    if (why.exit_code == EXIT_UNSUPPORTED || why.code == EPROTO) {
        *err = why;
        return -why.code;
    }
    return 0;
}

/* 'cloud-init status' exits with 2 if it is done and something could have been
 * better. */
static int
cloud_init_done (struct cli *c, const struct waiting *w, const char *name,
                 struct error *err)
{
    static const char *const words[] = { "cloud-init", "status", "--wait" };
    struct agent_exec x = { 0 };
    int rc = agent_answers (c, name, err);

    if (rc <= 0) {
        return rc;
    }
    for (size_t i = 0; i < ARRAY_SIZE (words); i++) {
        vec_add (&c->h.arena, &x.argv, words[i]);
    }
    rc = agent_exec_run (&c->h, name, &x, w->until, err);
    if (rc == -ETIMEDOUT) {
        *err = (struct error){ 0 };
        return 0;
    }
    if (rc == 0 && x.status != 0 && x.status != 2) {
        rc = fail (err, EREMOTEIO,
                   "%s: cloud-init has failed (hvctl exec %s -- cloud-init "
                   "status --long)",
                   name, name);
    }
    agent_exec_free (&x);
    return rc < 0 ? rc : 1;
}

/* Returns 1 if it has happened, 0 if not yet, or fails. */
static int
happened (struct cli *c, const struct waiting *w, const char *name,
          struct error *err)
{
    struct addresses addresses = { .quiet = w->looked };
    struct vec endpoints = { 0 };
    struct definition *def = NULL;
    struct vm_state s;

    if (w->event == SHUTDOWN) {
        state_read (&c->h, name, &s);
        return s.run == RUN_UNKNOWN ? state_unknown (&c->h, &s, err)
                                    : s.run <= RUN_STALE;
    }
    if (reach_load (c, name, &def, err) < 0) {
        return -err->code;
    }
    if (w->event == AGENT) {
        return agent_answers (c, name, err);
    }
    if (w->event == CLOUD_INIT) {
        return cloud_init_done (c, w, name, err);
    }
    addresses_read (c, &addresses);
    addresses_ask (c, name, &addresses);
    if (w->event == SSH) {
        reach_endpoints (&addresses, def, &endpoints);
        return reach_ssh (&endpoints, GREETING) != NULL;
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        if (addresses_find (&addresses, def->nics.p[i])) {
            return 1;
        }
    }
    return 0;
}

static int
too_late (const struct waiting *w, const char *name, struct error *err)
{
    static const char *const missing[] = {
        [SHUTDOWN] = "it is still running",
        [IP] = "no address of it is known",
        [SSH] =
            ("no ssh server answers, neither at a port that is forwarded to "
             "its port 22 nor at port 22 of an address that is known"),
        [AGENT] = "its guest agent does not answer",
        [CLOUD_INIT] = "cloud-init is not done, or no guest agent answers",
    };

    return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                      "%s: waited %.1f seconds for %s: %s", name,
                      (double)w->limit / 1000, w->word, missing[w->event]);
}

static int
parse_wait (struct cli *c, struct waiting *w, struct error *err)
{
    static const char *const words[] = { "shutdown", "ip", "ssh", "agent",
                                         "cloud-init" };
    const char *timeout = option_value (c, "timeout");

    w->word = option_value (c, "for");
    w->limit = 60000;
    if (!w->word) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "for what? --for shutdown, ip, ssh, agent or "
                          "cloud-init");
    }
    for (w->event = 0; w->event <= CLOUD_INIT; w->event++) {
        if (!strcmp (words[w->event], w->word)) {
            break;
        }
    }
    if (w->event > CLOUD_INIT) {
        return fail_exit (
            err, EXIT_USAGE, EINVAL,
            "--for %s is not known: it is shutdown, ip, ssh, agent "
            "or cloud-init",
            w->word);
    }
    if (timeout && !parse_duration (timeout, &w->limit)) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--timeout '%s' is not a duration such as 90s, 5m",
                          timeout);
    }
    w->until = now_ms () + w->limit;
    return 0;
}

/* Memory of each look is freed. */
static int
look (struct cli *c, const struct waiting *w, const char *name,
      struct error *err)
{
    struct arena own = { 0 };
    int rc;

    arena_swap (&c->h.arena, &own);
    rc = happened (c, w, name, err);
    arena_swap (&c->h.arena, &own);
    arena_free (&own);
    waiting.looked = true;
    return rc;
}

static int
each_wait (struct cli *c, const char *name, struct json_object *result,
           struct error *err)
{
    struct vm_state s;

    (void)result;
    state_read (&c->h, name, &s);
    if (s.run == RUN_STOPPED && !definition_exists (&c->h, name)) {
        return definition_missing (&c->h, name, err);
    }
    for (;;) {
        int rc = look (c, &waiting, name, err);

        if (rc != 0) {
            return rc < 0 ? rc : 0;
        }
        if (now_ms () >= waiting.until) {
            return too_late (&waiting, name, err);
        }
        poll (NULL, 0, BETWEEN_LOOKS);
        if (interrupt_came) {
            return fail_exit (err, EXIT_INTERRUPTED, EINTR, "%s: interrupted",
                              name);
        }
    }
}

int
cmd_wait (struct cli *c)
{
    return parse_wait (c, &waiting, &c->err) < 0 ? report (c)
                                                 : for_each_vm (c, each_wait);
}
