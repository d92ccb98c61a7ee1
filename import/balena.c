/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/balena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/draft-note.h"

const char *
balena_value (struct import *im, const char *value)
{
    const struct {
        const char *name, *value;
    } vars[] = {
        { "{{guestId}}", im->fleet ? DRAFT_VAR "index" DRAFT_END : "0" },
        { "{{templateName}}", im->template },
    };
    char *text = NULL;
    const char *copy;
    size_t len, used;
    FILE *to = or_exit (open_memstream (&text, &len));

    /* Each occurrence: balenaVirt replaces the first only, which is a
     * mistake there. */
    for (; *value; value += used) {
        const char *add = NULL;

        used = 1;
        for (size_t i = 0; i < 2; i++) {
            if (!strncmp (value, vars[i].name, strlen (vars[i].name))) {
                used = strlen (vars[i].name);
                add = vars[i].value;
            }
        }
        if (add) {
            fputs (add, to);
        } else {
            fputc (*value, to);
        }
    }
    fclose (to);
    copy = arena_dup (im->a, text);
    free (text);
    return copy;
}

static bool
is (const struct tree *t, const char *key, const char *value)
{
    const struct tree *kid = tree_peek (t, key);

    return kid && kid->value && !strcmp (kid->value, value);
}

/* Marks a member whose value hvctl has anyway. */
static void
use_if (struct tree *t, const char *key, const char *value)
{
    if (is (t, key, value)) {
        tree_text (t, key);
    }
}

static bool
is_yes (struct tree *t, const char *key)
{
    const char *text = tree_text (t, key);

    return text && (!strcmp (text, "true") || !strcmp (text, "on"));
}

/* A flash memory is firmware: its code, or its variables. */
static void
add_flash (struct import *im, struct tree *t, struct balena *state)
{
    state->uefi = true;
    draft_note (im, t, "drive",
                "hvctl chooses UEFI firmware that fits, and the guest begins "
                "with fresh variables");
}

static void
add_drive (struct import *im, struct draft *d, struct tree *t,
           struct balena *state)
{
    const char *name = arena_format (im->a, "disk%d", state->disks);
    bool cdrom = is (t, "media", "cdrom");
    const char *file = tree_text (t, "file");
    const char *format = tree_text (t, "format");

    if (!file) {
        draft_note (im, t, "drive", "it has no 'file'");
        return;
    }
    if (!format && !cdrom) {
        draft_problem (im, t,
                       "a drive has no 'format', and the format of an image is "
                       "never guessed, because the guest could have written a "
                       "header that misleads: add format: raw or format: "
                       "qcow2");
        return;
    }
    state->disks++;
    t->used = true;
    tree_text (t, "media");
    tree_text (t, "index"); /* The order in the file is the same. */
    use_if (t, "if", "virtio");
    draft_set (im, d, "disk", name, cdrom ? "cdrom" : "image",
               draft_path (im, balena_value (im, file)));
    draft_set (im, d, "disk", name, "format", cdrom ? NULL : format);
    if (is_yes (t, "readonly") && !cdrom) {
        draft_set (im, d, "disk", name, "readonly", "yes");
    }
}

void
balena_drives (struct import *im, struct draft *d, struct tree *option,
               struct balena *state)
{
    bool list = option->kind == TREE_LIST;

    option->used = true;
    for (size_t i = 0; i < (list ? option->kids.n : 1); i++) {
        struct tree *t = list ? option->kids.p[i] : option;

        if (t->kind != TREE_MAP) {
            draft_note (im, t, "drive",
                        "it is a text: write it as keys and values");
        } else if (is (t, "if", "pflash")) {
            add_flash (im, t, state);
        } else {
            add_drive (im, d, t, state);
        }
    }
}

/* "tcp::2222-:22" is "tcp:0.0.0.0:2222:22". */
static const char *
forward (struct import *im, const char *rule)
{
    char protocol[4] = "tcp", address[40] = "", guest[40] = "";
    unsigned port, to;

    if (sscanf (rule, "%3[a-z]:%39[0-9.]:%u-%39[0-9.]:%u", protocol, address,
                &port, guest, &to)
            == 5
        || sscanf (rule, "%3[a-z]:%39[0-9.]:%u-:%u", protocol, address, &port,
                   &to)
               == 4
        || sscanf (rule, "%3[a-z]::%u-:%u", protocol, &port, &to) == 3) {
        return arena_format (im->a, "%s:%s:%u:%u", protocol,
                             *address ? address : "0.0.0.0", port, to);
    }
    return NULL;
}

/* Adds the forwarded ports of a user network: one text, or a list of them. */
static void
add_forward (struct import *im, struct draft *d, struct tree *t,
             const char *name)
{
    struct tree *rules = tree_peek (t, "hostfwd");
    const char *all = NULL;
    bool list = rules && rules->kind == TREE_LIST;

    if (!rules || rules->kids.n > 64) {
        return;
    }
    rules->used = true;
    for (size_t i = 0; i < (list ? rules->kids.n : 1); i++) {
        struct tree *r = list ? rules->kids.p[i] : rules;
        const char *one = r->value ? forward (im, r->value) : NULL;

        r->used = true;
        if (!one) {
            draft_note (im, r, "netdev.hostfwd",
                        "it is not PROTOCOL:ADDRESS:PORT-:PORT");
            continue;
        }
        all = all ? arena_format (im->a, "%s,%s", all, one) : one;
    }
    draft_set (im, d, "nic", name, "forward", all);
}

/* Without an address of its own, a NIC gets one of hvctl's. */
static void
add_mac (struct import *im, struct draft *d, struct tree *t, const char *name)
{
    const char *mac = tree_text (t, "macaddr");

    mac = mac ? mac : tree_text (t, "mac");
    if (mac && strstr (mac, "{{macAddress}}")) {
        draft_note (
            im, tree_peek (t, "macaddr") ? tree_peek (t, "macaddr") : t,
            "macaddr",
            "it follows from the MAC address of the host: to keep it, set "
            "identity = balena and identity_base to that address");
    } else if (mac && !im->fleet) {
        draft_set (im, d, "nic", name, "mac", mac);
    } else if (mac) {
        draft_note (im, t, "macaddr", "each guest needs one of its own");
    }
}

/* A NIC has a front end (nic, or device, which QEMU wants apart) and a back end
 * (bridge, user): this is one of them. */
static void
add_net (struct import *im, struct draft *d, struct tree *t,
         struct balena *state)
{
    const char *name = arena_format (im->a, "net%d", state->nics);
    const char *bridge = tree_text (t, "br");

    if (tree_peek (t, "nic")) {
        t->used = true;
        tree_take (t, "nic");
        use_if (t, "model", "virtio");
        add_mac (im, d, t, name);
        return;
    }
    if (tree_peek (t, "bridge")) {
        t->used = true;
        tree_take (t, "bridge");
        tree_text (t, "id");
        bridge = bridge ? bridge : "br0"; /* QEMU's default. */
        draft_set (im, d, "nic", name, "network",
                   draft_network (im, bridge, "bridge", "bridge", bridge, t));
        state->nics++;
    } else if (tree_peek (t, "user")) {
        t->used = true;
        tree_take (t, "user");
        tree_text (t, "id");
        draft_set (im, d, "nic", name, "network", "user");
        add_forward (im, d, t, name);
        state->nics++;
    }
}

void
balena_nets (struct import *im, struct draft *d, struct tree *option,
             struct balena *state)
{
    bool list = option->kind == TREE_LIST;

    option->used = list;
    for (size_t i = 0; i < (list ? option->kids.n : 1); i++) {
        struct tree *t = list ? option->kids.p[i] : option;

        if (t->kind == TREE_MAP) {
            add_net (im, d, t, state);
        }
    }
}
