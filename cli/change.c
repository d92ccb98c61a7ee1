/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* attach-disk, detach-disk, attach-nic, detach-nic: they change the definition,
 * and the running guest, if possible; the message says which. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/edit.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/config/fleet.h"
#include "core/config/host.h"
#include "core/config/rewrite.h"
#include "core/config/textedit.h"
#include "core/machine/counters.h"
#include "core/machine/hotplug.h"
#include "core/machine/recover.h"
#include "core/machine/saved-check.h"
#include "core/provider/services.h"
#include "core/state/meant.h"
#include "core/state/unfinished.h"

static int
begin (struct cli *c, const char *name, struct edit *e, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    size_t len;

    if (name_validate ("VM", name, err) < 0
        || new_name_lock (&c->h, &name, 1, &e->locks, err) < 0
        || definition_load (&c->h, name, &e->before, err) < 0
        || saved_refuse_change (&c->h, e->before, err) < 0) {
        return -err->code;
    }
    e->name = name;
    e->path = rewrite_target (&c->h, definition_path (&c->h, name));
    e->temporary = rewrite_temporary (&c->h, e->path, name);
    text = file_read (e->path);
    len = text ? strlen (text) : 0;
    e->text = arena_format (&c->h.arena, "%s%s", len ? text : "",
                            len && text[len - 1] != '\n' ? "\n" : "");
    if (!text && e->before->fleet) {
        e->text = fleet_own_text (&c->h.arena, e->before->fleet, name);
    }
    e->was = meant_text (&c->h, text);
    return unfinished_definition (&c->h, name, e->temporary, e->path, text,
                                  err);
}

int
edit_begin (struct cli *c, const char *name, struct edit *e, struct error *err)
{
    int rc;

    e->locks = (struct new_name_locks){ 0 };
    rc = begin (c, name, e, err);
    if (rc < 0) {
        new_name_unlock (&e->locks);
    }
    return rc;
}

int
edit_check (struct cli *c, struct edit *e, const char *text, struct error *err)
{
    if ((!text && textedit_fail (err, e->path, e->name) < 0)
        || rewrite_begin (e->path, e->temporary, text, err) < 0) {
        return -err->code;
    }
    if (definition_load_file (&c->h, e->name, e->temporary, &e->after, err)
        < 0) {
        name_definition (c, e->temporary, e->name, err);
        return -err->code;
    }
    return 0;
}

int
edit_save (struct cli *c, struct edit *e, struct error *err)
{
    return meant_other_text (&c->h, e->path, e->was)
               ? fail (err, EBUSY,
                       "%s was changed in the meantime, and is kept as it is: "
                       "it takes effect at the VM's next start",
                       e->path)
               : rewrite_end (&c->h, e->temporary, e->path, err);
}

int
edit_end (struct cli *c, struct edit *e, int rc, struct error *err)
{
    if (rc < 0 && e->stays) {
        hvctl_warn (
            "the new device could not be removed from the running guest: %s "
            "keeps it until it stops, and a disk's volume is kept",
            e->name);
        unlink (e->temporary);
        unfinished_end (&c->h, e->name);
    } else if (rc < 0) {
        name_definition (c, e->temporary, e->name, err);
        recover_failed (&c->h, e->name);
    } else {
        unfinished_end (&c->h, e->name);
    }
    new_name_unlock (&e->locks);
    return rc;
}

int
edit_done (struct cli *c, const struct edit_words *words, enum change_way way)
{
    const char *name = c->args.p[0];

    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", name);
        json_put_text_or_null (o, "done", words->what);
        json_put_text_or_null (o, "way", change_way_text (way));
        document_print (c, o);
    } else if (way == CHANGED_LATER) {
        out ("%s of %s; %s: its hypervisor cannot do that while the VM is "
             "running\n",
             words->later[0], name, words->later[1]);
    } else {
        out ("%s: %s (%s)\n", name, words->what,
             way == CHANGED_ONLINE ? words->online : "it is not running");
    }
    return EXIT_OK;
}

/* The name before the colon of "data:10G". */
static const char *
spec_name (struct cli *c, const char *spec)
{
    return arena_dup_n (&c->h.arena, spec, strcspn (spec, ":"));
}

static const struct hv_options *
section_of (const struct definition *def, const char *kind, const char *name)
{
    const struct disk_def *d = definition_disk (def, name);
    const struct nic_def *n = definition_nic (def, name);

    return *kind == 'd' ? (d ? d->section : NULL) : n ? n->section : NULL;
}

static bool
is_shared (const struct hv_options *s)
{
    return s && (s->from || s->fleet);
}

/* "template xs (FILE:LINE)" */
static const char *
sharer (struct cli *c, const struct hv_options *s)
{
    return arena_format (
        &c->h.arena, "%s %s (%s:%d)", s->fleet ? "fleet" : "template",
        s->fleet ? s->fleet : s->from, s->from_file, s->from_line);
}

/* The new section would be merged with that of the template, or fleet. */
static int
refuse_second (struct cli *c, const struct edit *e, const char *kind)
{
    const char *name = spec_name (c, c->args.p[1]);
    const struct hv_options *s = section_of (e->before, kind, name);

    return is_shared (s)
               ? fail (&c->err, EEXIST,
                       "%s already has a %s '%s', by %s: choose another name",
                       e->name, kind, name, sharer (c, s))
               : 0;
}

/* Other VMs use the template, or are of the fleet; without the section of the
 * definition, theirs remains. */
static int
refuse_of_template (struct cli *c, const struct edit *e, const char *kind,
                    const char *name)
{
    const struct hv_options *s = section_of (e->before, kind, name);

    if (!is_shared (s)) {
        return 0;
    }
    return s->fleet
               ? fail_exit (&c->err, EXIT_CONFIG, EINVAL,
                            "%s %s of %s is from %s, and is not detached, "
                            "since all VMs of the fleet would lose it: change "
                            "it there (hvctl edit %s)",
                            kind, name, e->name, sharer (c, s), s->fleet)
               : fail_exit (&c->err, EXIT_CONFIG, EINVAL,
                            "%s %s of %s is from %s, and is not detached, "
                            "since that would change the template: change it "
                            "there, or the 'templates' of %s",
                            kind, name, e->name, sharer (c, s), e->name);
}

static int
plug_disk (struct cli *c, struct edit *e, enum change_way *way)
{
    const char *spec = c->args.p[1];
    struct text t = { c, e->text };
    struct error ignored = { 0 };
    const struct disk_def *disk;

    if (refuse_second (c, e, "disk") < 0
        || text_add_disk (&t, spec, &c->err) < 0
        || edit_check (c, e, t.s, &c->err) < 0) {
        return -c->err.code;
    }
    disk = definition_disk (e->after, spec_name (c, spec));
    /* This includes the pool "default". */
    if (file_make_dirs (c->h.host->state_dir, 0755, &c->err) < 0
        || make_volumes (c, e->name, &disk, 1, &c->err) < 0
        || unfinished_add (&c->h, e->name, "plug-disk", disk->name, &c->err) < 0
        || hotplug_attach_disk (&c->h, e->after, disk, way, &c->err) < 0) {
        return -c->err.code;
    }
    if (edit_save (c, e, &c->err) < 0) {
        e->stays =
            *way == CHANGED_ONLINE
            && hotplug_detach_disk (&c->h, e->after, disk, way, &ignored) < 0;
        return -c->err.code;
    }
    return 0;
}

static int
attach_disk (struct cli *c, enum change_way *way)
{
    struct edit e = { 0 };

    return edit_begin (c, c->args.p[0], &e, &c->err) < 0
               ? -c->err.code
               : edit_end (c, &e, plug_disk (c, &e, way), &c->err);
}

int
cmd_attach_disk (struct cli *c)
{
    static const struct edit_words words = {
        "the disk is attached",
        "the running guest has it",
        { "the disk is added to the definition",
          "the guest gets it at its next start" },
    };
    enum change_way way;

    if (attach_disk (c, &way) < 0) {
        return report (c);
    }
    warn_of_clashes (c, c->args.p[0]);
    return edit_done (c, &words, way);
}

static int
plug_nic (struct cli *c, struct edit *e, enum change_way *way)
{
    const char *spec = c->args.p[1];
    struct text t = { c, e->text };
    struct error ignored = { 0 };
    const struct nic_def *nic;

    if (refuse_second (c, e, "nic") < 0 || text_add_nic (&t, spec, &c->err) < 0
        || edit_check (c, e, t.s, &c->err) < 0) {
        return -c->err.code;
    }
    nic = definition_nic (e->after, spec_name (c, spec));
    if (unfinished_add (&c->h, e->name, "plug-nic", nic->name, &c->err) < 0
        || hotplug_attach_nic (&c->h, e->after, nic, way, &c->err) < 0) {
        return -c->err.code;
    }
    if (edit_save (c, e, &c->err) < 0) {
        e->stays =
            *way == CHANGED_ONLINE
            && hotplug_detach_nic (&c->h, e->after, nic, way, &ignored) < 0;
        return -c->err.code;
    }
    return 0;
}

static int
attach_nic (struct cli *c, enum change_way *way)
{
    struct edit e = { 0 };

    return edit_begin (c, c->args.p[0], &e, &c->err) < 0
               ? -c->err.code
               : edit_end (c, &e, plug_nic (c, &e, way), &c->err);
}

int
cmd_attach_nic (struct cli *c)
{
    static const struct edit_words words = {
        "the NIC is attached",
        "the running guest has it",
        { "the NIC is added to the definition",
          "the guest gets it at its next start" },
    };
    enum change_way way;

    if (attach_nic (c, &way) < 0) {
        return report (c);
    }
    warn_of_clashes (c, c->args.p[0]);
    return edit_done (c, &words, way);
}

static int
unplug (struct cli *c, struct edit *e, const char *kind, enum change_way *way)
{
    const char *name = c->args.p[1];
    const char *text = textedit_remove (&c->h.arena, e->text, kind, name, NULL);
    bool is_disk = *kind == 'd';

    if (refuse_of_template (c, e, kind, name) < 0) {
        return -c->err.code;
    }
    if (!text) {
        bool there = is_disk ? definition_disk (e->before, name) != NULL
                             : definition_nic (e->before, name) != NULL;

        return there ? textedit_fail (&c->err, e->path, e->name)
                     : definition_no_such (e->before, kind, name, &c->err);
    }
    if (edit_check (c, e, text, &c->err) < 0
        || unfinished_add (&c->h, e->name,
                           is_disk ? "unplug-disk" : "unplug-nic", name,
                           &c->err)
               < 0) {
        return -c->err.code;
    }
    return (is_disk ? hotplug_detach_disk (&c->h, e->before,
                                           definition_disk (e->before, name),
                                           way, &c->err)
                    : hotplug_detach_nic (&c->h, e->before,
                                          definition_nic (e->before, name), way,
                                          &c->err))
                       < 0
                   || edit_save (c, e, &c->err) < 0
               ? -c->err.code
               : 0;
}

static int
detach (struct cli *c, const char *kind, enum change_way *way)
{
    struct edit e = { 0 };

    return edit_begin (c, c->args.p[0], &e, &c->err) < 0
               ? -c->err.code
               : edit_end (c, &e, unplug (c, &e, kind, way), &c->err);
}

int
cmd_detach_disk (struct cli *c)
{
    static const struct edit_words words = {
        "the disk is detached; its volume or image is kept",
        "the running guest no longer has it",
        { "the disk is removed from the definition",
          "its volume or image is kept, and the guest keeps it until it "
          "stops" },
    };
    enum change_way way;

    if (detach (c, "disk", &way) < 0) {
        return report (c);
    }
    return edit_done (c, &words, way);
}

int
cmd_detach_nic (struct cli *c)
{
    static const struct edit_words words = {
        "the NIC is detached",
        "the running guest no longer has it",
        { "the NIC is removed from the definition",
          "the guest keeps it until it stops" },
    };
    enum change_way way;

    if (detach (c, "nic", &way) < 0) {
        return report (c);
    }
    return edit_done (c, &words, way);
}

int
cmd_counters (struct cli *c)
{
    static const char *const keys[] = { "counter", "#value", NULL };
    struct hv_list list = { 0 };
    struct table *t;

    if (counters_read (&c->h, c->args.p[0], &list, &c->err) < 0) {
        return report (c);
    }
    t = table_new (c, keys);
    for (size_t i = 0; i < list.entries.n; i++) {
        const struct list_entry *e = list.entries.p[i];

        table_row (t, (const char *[]){ e->name, e->detail });
    }
    table_print (t);
    return EXIT_OK;
}
