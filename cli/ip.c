/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* ip: at which addresses a guest can be reached; wait: until it can, or until
 * it has shut down. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "cli/reach.h"
#include "common/mac.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/base/output.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define BETWEEN_LOOKS 200 /* ms */
#define GREETING 1000     /* ms: of an ssh server. */

static void
put_nic (struct cli *c, const struct nic_def *n, const struct vec *found,
         const char *name, struct json_object *all)
{
    char mac[MAC_TEXT];

    for (size_t i = 0; i < found->n; i++) {
        const struct address *a = found->p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text (o, "nic", n->name);
        json_put_text (o, "mac", format_mac (n->mac, mac));
        json_put_text (o, "address", a->text);
        json_put_text (o, "source", a->source);
        json_object_array_add (all, o);
        if (c->json) {
            continue;
        }
        if (has_option (c, "first")) {
            out ("%s\n", a->text);
            return;
        }
        out ("%s: nic %s: %s (%s)\n", name, n->name, a->text, a->source);
    }
}

static int
each_ip (struct cli *c, const char *name, struct json_object *result,
         struct error *err)
{
    struct json_object *all = json_object_new_array ();
    const struct addresses *addresses;
    struct definition *def;

    json_object_object_add (result, "addresses", all);
    if (reach_load (c, name, &def, err) < 0) {
        return -err->code;
    }
    addresses = addresses_known (c);
    for (size_t i = 0; i < def->nics.n; i++) {
        struct vec found = { 0 };

        addresses_of (addresses, def->nics.p[i], &found);
        put_nic (c, def->nics.p[i], &found, name, all);
        if (found.n && has_option (c, "first") && !c->json) {
            break;
        }
    }
    return json_object_array_length (all) ? 0 : reach_nowhere (c, def, err);
}

int
cmd_ip (struct cli *c)
{
    return for_each_vm (c, each_ip);
}

/* -------------------------------------------------------------------- wait */

enum event { SHUTDOWN, IP, SSH };

/* All VMs have the same time together. */
static struct waiting {
    enum event event;
    const char *word;
    int64_t until, limit; /* ms */
    bool looked;          /* Once at least. */
} waiting;

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
    addresses_read (c, &addresses);
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
    };

    return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                      "%s: waited %.1f seconds for %s: %s", name,
                      (double)w->limit / 1000, w->word, missing[w->event]);
}

static int
parse_wait (struct cli *c, struct waiting *w, struct error *err)
{
    static const char *const words[] = { "shutdown", "ip", "ssh" };
    const char *timeout = option_value (c, "timeout");

    w->word = option_value (c, "for");
    w->limit = 60000;
    if (!w->word) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "for what? --for shutdown, --for ip or --for ssh");
    }
    for (w->event = 0; w->event <= SSH; w->event++) {
        if (!strcmp (words[w->event], w->word)) {
            break;
        }
    }
    if (w->event > SSH) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--for %s is not known: it is shutdown, ip or ssh",
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
    const struct timespec pause = { .tv_nsec = BETWEEN_LOOKS * 1000000L };

    (void)result;
    for (;;) {
        int rc = look (c, &waiting, name, err);

        if (rc != 0) {
            return rc < 0 ? rc : 0;
        }
        if (now_ms () >= waiting.until) {
            return too_late (&waiting, name, err);
        }
        nanosleep (&pause, NULL);
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
