/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The interface between the files of the cloud-hypervisor plugin.
 *
 *   cloud-hypervisor.c   the tables; finding the program, its capabilities
 *   check.c              checks a definition against facts and host
 *   support.c            how the keys of a definition are handled
 *   describe.c           the command line
 *   config.c             a VM as the API's JSON, and the comparison of what
 *                        came back with what was sent
 *   api.c                the HTTP client
 *   control.c            ready, go, powerdown, quit, status, pause, resume
 *   hotplug.c            disks and NICs of a running VM
 *   resize.c             its processors, memory and disks; counters
 *   save.c               its state to files, and back
 *   firmware.c           the firmware provider
 *
 * Facts about the program are from its source, tag v53.0, and from runs of
 * it; the files named in comments are there. */
#ifndef PLUGINS_CLOUD_HYPERVISOR_CH_H
#define PLUGINS_CLOUD_HYPERVISOR_CH_H

#include <json-c/json.h>

#include "hvctl/plugin.h"
#include "plugins/common/hypervisor.h"

/* The first release in which the format of an image can be stated and is not
 * detected from what the guest wrote into it: a raw disk that contains the
 * header of a qcow2 image would give the guest any file of the host
 * (GHSA-jmr4-g2hv-mjj6).  v50.0 has no "image_type" in vmm/src/vm_config.rs,
 * v50.1 has. */
#define OLDEST_MAJOR 50
#define OLDEST_MINOR 1

/* Since this version "platform.uuid" is called "system_uuid". */
#define SYSTEM_UUID_MAJOR 53

/* See check_nic(). */
#define FIRST_WITH_TAPS_ELSEWHERE 52

/* --no-shutdown */
#define FIRST_TO_STAY 52

/* The listening socket of the serial port. */
#define CONSOLE "console"

#define MIB ((uint64_t)1 << 20)

/* The keys of a definition's section "cloud-hypervisor". */
extern const struct hv_key ch_vm_keys[];

/* The values of those, and what follows from them. */
struct growth {
    struct limits limits;
    bool virtio_mem; /* Else memory comes by ACPI. */
};

/* support.c */
extern const struct hv_support ch_support[];

/* cloud-hypervisor.c */
bool arch_is_host (const char *arch);

/* check.c */
int ch_check (struct hv_ctx *ctx, const struct hv_vm *vm,
              struct hv_choice *out);

/* Reads the section; it has been checked when describe() is called. */
int read_growth (struct hv_ctx *ctx, const struct hv_vm *vm,
                 struct growth *out);

/* describe.c */
int ch_describe (struct hv_ctx *ctx, const struct hv_vm *vm,
                 struct hv_launch *out);

/* config.c.  The caller must put the objects. */
struct json_object *vm_config (struct hv_ctx *ctx, const struct hv_vm *vm,
                               const struct growth *growth, int major);
struct json_object *disk_config (struct hv_ctx *ctx,
                                 const struct hv_disk *disk);
struct json_object *net_config (struct hv_ctx *ctx, const struct hv_nic *nic);

/* Returns the API's name for the format of a layer, or null. */
const char *image_type (const char *format);

/* Returns the path, "disks[0].readonly", of the first member of 'sent' that
 * is not in 'got' with the same value; null if all are.  Members that were
 * not sent do not matter. */
const char *first_difference (struct hv_ctx *ctx, struct json_object *sent,
                              struct json_object *got);

/* Returns the element of an array that has this "id", or null. */
struct json_object *find_by_id (struct json_object *array, const char *id);

/* Returns the difference between a machine's "config" and 'vm', for people, or
 * null if there is none.  Its maximum sizes do not matter. */
const char *find_mismatch (struct hv_ctx *ctx, const struct hv_vm *vm,
                           struct json_object *config);

/* control.c */
struct api;

/* Stores the version of the program that answers. */
int ch_ping (struct hv_ctx *ctx, struct api *api, int *major);

/* Stores vm.info's "state"; "" before vm.create. */
int query_state (struct hv_ctx *ctx, struct api *api, const char **state);

/* Stores the descriptors of a NIC's queues. */
int find_fds (struct hv_ctx *ctx, const struct hv_vm *vm,
              const struct hv_nic *nic, int *fds);

int ch_ready (struct hv_ctx *ctx, const struct hv_vm *vm);
int ch_go (struct hv_ctx *ctx, const struct hv_vm *vm);
int ch_powerdown (struct hv_ctx *ctx, const struct hv_vm *vm);
int ch_quit (struct hv_ctx *ctx, const struct hv_vm *vm);
int ch_status (struct hv_ctx *ctx, const struct hv_vm *vm,
               struct hv_status *out);
int ch_pause (struct hv_ctx *ctx, const struct hv_vm *vm);
int ch_resume (struct hv_ctx *ctx, const struct hv_vm *vm);

/* hotplug.c */
int ch_attach_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                    const struct hv_disk *disk, const struct hv_files *files);
int ch_detach_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                    const char *name);
int ch_can_change (struct hv_ctx *ctx, const struct hv_vm *vm,
                   const struct hv_change *change);
int ch_attach_nic (struct hv_ctx *ctx, const struct hv_vm *vm,
                   const struct hv_nic *nic, const int fds[]);
int ch_detach_nic (struct hv_ctx *ctx, const struct hv_vm *vm,
                   const char *name);

/* resize.c */
int ch_can_resize (struct hv_ctx *ctx, const struct hv_vm *vm, uint32_t cpus,
                   uint64_t memory);
int ch_resize (struct hv_ctx *ctx, const struct hv_vm *vm, uint32_t cpus,
               uint64_t memory);
int ch_resize_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                    const char *name, uint64_t size);
int ch_counters (struct hv_ctx *ctx, const struct hv_vm *vm,
                 struct hv_list *out);

/* save.c */
extern const char *const ch_state_files[];
int ch_save (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[]);
int ch_restore (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[]);

/* firmware.c */
extern const struct hv_firmware ch_firmware;

#endif /* PLUGINS_CLOUD_HYPERVISOR_CH_H */
