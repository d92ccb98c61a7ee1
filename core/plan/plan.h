/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A resolved definition: which plugin serves each role and why, the plugins'
 * answers, and the process that the hypervisor plugin describes.  Making a
 * plan changes nothing; a start carries it out. */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"
#include "core/sandbox/jail.h"

/* A candidate: a plugin that was considered for a role. */
struct candidate {
    const char *plugin, *version;
    bool serves;        /* It meets every requirement... */
    const char *reason; /* ...or which one it does not, or why it won. */
    bool absent;        /* It, or its program, is not installed. */
};

/* A requirement of the definition for a role, and where it comes from. */
struct requirement {
    const char *need; /* "disk:qcow2" */
    const char *from; /* "disk root", "memory" */
    const char *key;  /* "disk.format", "memory" */
    const char *file; /* Null: implied. */
    int line;
};

struct role {
    const char *name;        /* "hypervisor", "disk root", "nic lan" */
    const char *wants;       /* For people: "type qcow2". */
    struct plugin *winner;   /* Or null. */
    struct vec candidates;   /* struct candidate * */
    struct vec requirements; /* struct requirement * */
    struct error err;        /* The reason, if there is no winner. */
};

struct plan_disk {
    const struct disk_def *def;
    struct plugin *plugin;
    struct hv_volume volume;
    struct hv_disk disk;
    struct hv_volume_info info;
    struct vec below;   /* Its lower layers, as found by layers_check()... */
    bool below_changed; /* ...and whether some of that is new. */
};

struct plan_nic {
    const struct nic_def *def;
    struct plugin *plugin;
    struct hv_port port;
    struct hv_nic nic;
    struct hv_launch helper; /* The process that serves it; see helper.h. */
};

struct plan {
    struct definition *def;
    struct vec roles;       /* struct role * */
    struct vec disks, nics; /* struct plan_disk *, struct plan_nic * */
    struct vec disk_views, nic_views; /* The arrays in hv_vm. */
    struct plan_seed *seed;           /* Or null. */
    struct plugin *hypervisor;
    const char *program;
    struct hv_choice choice;
    struct plugin *firmware; /* Or null. */
    struct hv_firmware_image image;
    struct hv_vm vm;
    struct hv_launch launch;  /* By descriptor. */
    struct hv_launch command; /* By path: for pasting. */
    struct vec beside;        /* struct hv_launch *: of NICs, by path, too. */
};

/* Returns the command lines for pasting into a shell: the hypervisor's,
 * preceded by those that it depends on. */
const char *plan_command (struct hvctl *h, const struct plan *plan);

#endif /* CORE_PLAN_H */
