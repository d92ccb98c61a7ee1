/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/unit/test-net-ovs-world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void
world_begin (struct world *w, int64_t limit, const char *const script[])
{
    memset (w, 0, sizeof *w);
    w->f = fake_new (&hv_plugin);
    fake_limit (w->f, limit);
    peer_start (&w->peer, script);
    assert_int_equal (
        section_read (&w->f->ctx,
                      fake_options (w->f, hv_plugin.network->keys, "bridge",
                                    "br0", "socket", w->peer.socket, NULL),
                      &w->settings),
        0);
    w->port = (struct ovs_port){ .settings = &w->settings,
                                 .name = "vm1-lan",
                                 .mark = "hvctl:vm1/lan",
                                 .vm = "vm1",
                                 .vm_id = "u",
                                 .iface_id = "u-lan",
                                 .mac = "52:54:00:01:02:03" };
    ovsdb_init (&w->db, &w->f->ctx, w->settings.socket, 0);
    assert_int_equal (ovsdb_open (&w->db), 0);
}

void
world_end (struct world *w)
{
    ovsdb_close (&w->db);
    peer_end (&w->peer);
    fake_free (w->f);
}

void
world_expect (struct world *w, int r, int result, const char *words)
{
    const char *reason = w->db.reason;

    if (r != result || !strstr (reason, words)) {
        fail_msg ("%d, %s; expected %d, %s", r, reason, result, words);
    }
    assert_int_equal (w->db.error, -result);
    for (const char *p = reason; *p; p++) {
        assert_true ((unsigned char)*p >= ' ');
    }
    assert_true (reason[strlen (reason) - 1] != '.');
}
