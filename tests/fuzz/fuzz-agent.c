/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes the guest's side of the agent's protocol: all of it is up to the
 * guest. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <json-c/json.h>

#include "common/base64.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/machine/agent-address.h"
#include "core/machine/agent-wire.h"

/* The reply to a command is the guest's alone, but that to a sync has a number
 * that cannot be known beforehand: so a session begins with it. */
static void
talk (const uint8_t *data, size_t len)
{
    struct json_object *result = NULL;
    struct error err = { 0 };
    struct arena a = { 0 };
    struct vec addresses = { 0 };
    struct agent_wire *w;
    int fds[2], rc;

    if (!fuzz_connect (data, len, fds)) {
        return;
    }
    w = agent_wire_new_at (fds[0], 6);
    rc = agent_wire_call (w, "guest-network-get-interfaces", NULL, 1 << 16,
                          now_ms () + 5000, &result, &err);
    if (rc < 0) {
        MUST (rc == -ECONNRESET || rc == -EPROTO || rc == -EREMOTEIO
              || rc == -ENOENT);
        fuzz_check_text (err.text, sizeof err.text);
    } else {
        agent_address_take (&a, result, &addresses);
        for (size_t i = 0; i < addresses.n; i++) {
            const struct agent_address *g = addresses.p[i];

            fuzz_check_text (g->text, 64);
            fuzz_check_text (g->mac, 18);
        }
    }
    json_object_put (result);
    agent_wire_free (w);
    close (fds[1]);
    arena_free (&a);
}

/* What is decoded is as long as it can be, and encoded the same again. */
static void
decode (const uint8_t *data, size_t len)
{
    char *bytes = NULL, *again;
    size_t n;

    if (base64_decode ((const char *)data, len, &bytes, &n)) {
        MUST (n <= len / 4 * 3);
        again = base64_encode (bytes, n);
        MUST (again && strlen (again) == len);
        free (again);
        free (bytes);
    }
    again = base64_encode (data, len);
    MUST (again && base64_decode (again, strlen (again), &bytes, &n));
    MUST (n == len && !memcmp (bytes, data, n));
    free (again);
    free (bytes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    talk (data, len);
    decode (data, len);
    return 0;
}
