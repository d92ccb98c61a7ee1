/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* config.toml of virshle: its templates of VMs become templates.  VMs
 * themselves are in virshle's database only. */
#include <stdlib.h>
#include <string.h>

#include "common/size.h"
#include "import/draft-note.h"

/* The bridge of Open vSwitch that virshle makes. */
#define BRIDGE "br0"

static const char *const reasons[] = {
    "node",     "hvctl needs no other process",
    "peer",     "hvctl has no other hosts yet",
    "dhcp",     "hvctl has no DHCP server",
    "uuid",     "virshle does not use it",
    "mac",      "virshle does not use it",
    "ip",       "virshle does not use it",
    "extra",    "virshle does not use it",
    "readonly", "virshle does not use it",
    NULL
};

/* "2GiB"; a bare number is GiB, as older versions of virshle have it. */
static void
add_memory (struct import *im, struct draft *d, struct tree *t)
{
    const char *vram = tree_text (t, "vram");
    uint64_t n;

    if (vram && parse_uint (vram, &n)) {
        if (n > INT32_MAX) {
            draft_problem (im, tree_peek (t, "vram"), "vram: %s is too much",
                           vram);
            return;
        }
        draft_memory (im, d, tree_peek (t, "vram"), n << 30);
    } else if (vram && parse_size (vram, &n) && n) {
        draft_memory (im, d, tree_peek (t, "vram"), n);
    } else {
        draft_problem (im, t, "template %s: vram is missing, or no size",
                       d->name);
    }
}

/* virshle replaces '~', and hvctl does not: the directory of whoever imports is
 * written, since whoever starts the VM may have another one, or none. */
static const char *
expand_home (struct import *im, struct tree *t, const char *path)
{
    const char *home = getenv ("HOME");

    if (*path != '~') {
        return path;
    }
    if ((path[1] && path[1] != '/') || !home || *home != '/') {
        draft_problem (im, t,
                       "the home directory in %s is not known: write the path "
                       "without '~'",
                       path);
        return NULL;
    }
    path = arena_format (im->a, "%s%s", home, path + 1);
    draft_change (im, t, "path",
                  "'~' is your home directory, which may be another one than "
                  "virshle's: %s",
                  path);
    return path;
}

/* virshle copies the file for each VM: here it is the backing file of a
 * volume. */
static void
add_disk (struct import *im, struct draft *d, struct tree *disk)
{
    const char *name = tree_text (disk, "name");
    const char *path = tree_text (disk, "path");

    disk->used = true;
    if (!name || !path) {
        draft_problem (im, disk, "template %s: a disk has no name or no path",
                       d->name);
        return;
    }
    path = expand_home (im, tree_peek (disk, "path"), path);
    if (!path) {
        return;
    }
    name = draft_name (im, disk, "disk", name);
    if (draft_has (d, "disk", name)) {
        draft_problem (im, disk, "template %s: there are two disks %s", d->name,
                       name);
        return;
    }
    draft_set (im, d, "disk", name, "backing", draft_path (im, path));
    draft_set (im, d, "disk", name, "backing_format", "raw");
}

static void
add_net (struct import *im, struct draft *d, struct tree *net)
{
    const char *name = tree_text (net, "name");
    struct tree *type = tree_take (net, "type");
    bool tap = type && tree_take (type, "tap");
    bool vhost = type && tree_take (type, "vhost");

    net->used = true;
    if (!name) {
        draft_problem (im, net, "template %s: a net has no name", d->name);
        return;
    }
    if (!tap && !vhost) {
        draft_note (
            im, net, "template.vm.net",
            "net %s is neither tap nor vhost, and virshle gives no other "
            "one to a VM",
            name);
        return;
    }
    name = draft_name (im, net, "nic", name);
    if (draft_has (d, "nic", name)) {
        draft_problem (im, net, "template %s: there are two nets %s", d->name,
                       name);
        return;
    }
    draft_set (im, d, "nic", name, "network",
               draft_network (im, BRIDGE, "ovs", "bridge", BRIDGE, net));
    if (vhost) {
        draft_note (im, net, "template.vm.net.type.vhost",
                    "vhost-user is a property of a network of hvctl: set "
                    "vhost_user = yes there");
    }
}

static void
each (struct import *im, struct draft *d, struct tree *t, const char *key,
      void (*add) (struct import *, struct draft *, struct tree *))
{
    struct tree *all = tree_take (t, key);

    for (size_t i = 0; all && i < all->kids.n; i++) {
        im->at = all->kids.p[i];
        add (im, d, all->kids.p[i]);
    }
}

static void
add_template (struct import *im, struct tree *t)
{
    const char *name = tree_text (t, "name");
    struct draft *d;

    t->used = true;
    if (!name) {
        draft_problem (im, t, "a template has no name");
        return;
    }
    d = draft_host (im, "template", draft_name (im, t, "template", name), t);
    add_memory (im, d, t);
    draft_set (im, d, NULL, NULL, "cpus", tree_text (t, "vcpu"));
    draft_set (im, d, NULL, NULL, "identity", "virshle");
    each (im, d, t, "disk", add_disk);
    each (im, d, t, "net", add_net);
    draft_settle (im, d);
}

void
from_virshle (struct import *im, struct tree *const *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct tree *templates = tree_take (files[i], "template");
        struct tree *vms = templates ? tree_take (templates, "vm") : NULL;

        if (!vms || vms->kind != TREE_LIST) {
            draft_problem (
                im, files[i],
                "this is no configuration of virshle with templates: "
                "it has no [[template.vm]]");
            continue;
        }
        for (size_t k = 0; k < vms->kids.n; k++) {
            add_template (im, vms->kids.p[k]);
        }
        draft_note_unused (im, files[i], reasons);
    }
}
