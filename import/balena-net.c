/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/balena-net.h"

#include <string.h>

#include "import/draft-note.h"

struct balena_net {
    const char *name; /* Of the NIC; null: it is left out. */
    const char *id;   /* Or null. */
};

/* "tcp::2222-:22" is "tcp:0.0.0.0:2222:22"; null: it is no such rule.  Ports
 * may have variables, and are checked with the definition. */
static const char *
forward (struct import *im, struct tree *r)
{
    const char *rule = balena_value (im, r->value ? r->value : "");
    const char *address = strchr (rule, ':');
    const char *port = address ? strchr (address + 1, ':') : NULL;
    const char *guest = port ? strchr (port, '-') : NULL;
    const char *to = guest ? strchr (guest, ':') : NULL;

    if (!to
        || (strncmp (rule, "tcp:", 4) && strncmp (rule, "udp:", 4)
            && *rule != ':')) {
        return NULL;
    }
    if (to > guest + 1) {
        draft_change (im, r, "hostfwd",
                      "it leads to the guest, whatever its address (%.*s) is",
                      (int)(to - guest - 1), guest + 1);
    }
    return arena_format (im->a, "%.*s:%.*s:%.*s:%s", 3,
                         *rule == ':' ? "tcp" : rule,
                         port > address + 1 ? (int)(port - address - 1) : 7,
                         port > address + 1 ? address + 1 : "0.0.0.0",
                         (int)(guest - port - 1), port + 1, to + 1);
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
        const char *one = forward (im, r);

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
    struct tree *node = tree_peek (t, "macaddr");
    const char *mac;

    node = node ? node : tree_peek (t, "mac");
    mac = node ? node->value : NULL;
    if (mac && strstr (mac, "{{macAddress}}")) {
        draft_note (
            im, node, node->key,
            "it follows from the MAC address of the host: to keep it, set "
            "identity = balena and identity_base to that address");
    } else if (mac && im->fleet && !strstr (mac, "{{guestId}}")) {
        draft_note (im, node, node->key,
                    "each guest needs one of its own, and has one that hvctl "
                    "derives");
    } else if (mac) {
        node->used = true;
        draft_set (im, d, "nic", name, "mac", balena_value (im, mac));
    }
}

/* Each NIC is a virtio one. */
static void
add_model (struct import *im, struct tree *t, const char *model,
           const char *name)
{
    if (model && strcmp (model, "virtio") != 0
        && strncmp (model, "virtio-net", 10) != 0) {
        draft_change (im, t, "model",
                      "NIC %s was of model %s, and is a virtio one here: the "
                      "guest needs the driver",
                      name, model);
    }
}

static void
add_front (struct import *im, struct draft *d, struct tree *t,
           const char *model, const char *name)
{
    model = model ? model : tree_text (t, "model");
    tree_text (t, "model");
    add_model (im, t, model, name);
    add_mac (im, d, t, name);
}

/* Marks the key that gives the type, and returns it. */
static const char *
type_of (struct tree *t)
{
    struct tree *first = t->kids.n ? t->kids.p[0] : NULL;
    const char *type = tree_text (t, "type");

    if (type || !first || first->value || first->kids.n) {
        return type ? type : "";
    }
    first->used = true;
    return first->key ? first->key : "";
}

static bool
add_back (struct import *im, struct draft *d, struct tree *t, const char *type,
          const char *name)
{
    const char *bridge;

    if (!strcmp (type, "bridge")) {
        bridge = tree_text (t, "br");
        bridge = bridge ? bridge : "br0"; /* QEMU's default. */
        draft_set (im, d, "nic", name, "network",
                   draft_network (im, bridge, "bridge", "bridge", bridge, t));
        return true;
    }
    if (!strcmp (type, "user")) {
        draft_set (im, d, "nic", name, "network", "user");
        add_forward (im, d, t, name);
        return true;
    }
    draft_note (im, t, *type ? type : "net",
                "its NIC is left out, since only bridges and user networks are "
                "carried over: add one of a network of hvctl");
    return false;
}

static void
add_net (struct import *im, struct draft *d, struct tree *t, const char *option,
         struct balena *state)
{
    struct balena_net *net = arena_alloc (im->a, sizeof *net);
    const char *type;

    im->at = t;
    balena_split (im, t, NULL);
    type = type_of (t);
    if (t->kind != TREE_MAP || !strcmp (type, "none")) {
        t->used = true; /* Just as without the option. */
        return;
    }
    if (!strcmp (type, "nic") && strcmp (option, "nic") != 0) {
        t->used = true;
        vec_add (im->a, &state->fronts, t);
        return;
    }
    net->id = tree_text (t, "id");
    net->name = arena_format (im->a, "net%zu", state->nets.n);
    vec_add (im->a, &state->nets, net);
    if (!add_back (im, d, t, type, net->name)) {
        net->name = NULL;
        return;
    }
    t->used = true;
    if (!strcmp (option, "nic")) {
        add_front (im, d, t, NULL, net->name);
    }
}

void
balena_net_add (struct import *im, struct draft *d, struct tree *option,
                struct balena *state)
{
    bool list = option->kind == TREE_LIST;

    option->used = list;
    for (size_t i = 0; i < (list ? option->kids.n : 1); i++) {
        add_net (im, d, list ? option->kids.p[i] : option, option->key, state);
    }
}

void
balena_net_device (struct import *im, struct tree *option, struct balena *state)
{
    bool list = option->kind == TREE_LIST;

    option->used = list;
    for (size_t i = 0; i < (list ? option->kids.n : 1); i++) {
        struct tree *t = list ? option->kids.p[i] : option;

        balena_split (im, t, "driver");
        if (tree_peek (t, "netdev")) {
            vec_add (im->a, &state->fronts, t);
        } else {
            draft_note (im, t, "device",
                        tree_peek (t, "drive")
                            ? "the hypervisor's plugin chooses the device of "
                              "a disk"
                            : "'hvctl import' carries over no devices but "
                              "network cards and disks");
        }
    }
}

/* Returns the network with that ID; without one, the next of which no front end
 * was found. */
static const struct balena_net *
net_of (const struct balena *state, const char *id, size_t next)
{
    for (size_t i = 0; id && i < state->nets.n; i++) {
        const struct balena_net *net = state->nets.p[i];

        if (net->id && !strcmp (net->id, id)) {
            return net;
        }
    }
    return !id && next < state->nets.n ? state->nets.p[next] : NULL;
}

void
balena_net_join (struct import *im, struct draft *d, struct balena *state)
{
    size_t next = 0;

    for (size_t i = 0; i < state->fronts.n; i++) {
        struct tree *t = state->fronts.p[i];
        const char *id = tree_text (t, "netdev");
        const struct balena_net *net = net_of (state, id, next);
        const char *driver = tree_text (t, "driver");

        next += !id;
        if (!net || !net->name) {
            draft_note (im, t, "nic",
                        "its network is missing, or is not carried over");
            continue;
        }
        im->at = t;
        driver = driver || !id ? driver : type_of (t);
        t->used = true;
        add_front (im, d, t, driver, net->name);
    }
}
