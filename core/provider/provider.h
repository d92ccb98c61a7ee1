/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One wrapper per operation of a provider: opens the plugin when needed, sets
 * the deadline, traces, gives null its meaning, and guarantees a message that
 * names the object and the plugin.  No other file touches the tables. */
#ifndef CORE_PROVIDER_H
#define CORE_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/provider/loader.h"
#include "core/provider/services.h"

/* Fails if 'p' is broken or its open() fails. */
int plugin_usable (struct plugin *p, struct error *err);

/* Closes it, if it was opened. */
void plugin_close (struct plugin *p);

int hypervisor_locate (struct plugin *p, const char *arch, const char **program,
                       struct error *err);
int hypervisor_probe (struct plugin *p, const char *arch, const char *program,
                      struct hv_list *facts, struct error *err);
int hypervisor_capabilities (struct plugin *p, const char *arch,
                             struct hv_list *out, struct error *err);
int hypervisor_check (struct plugin *p, const struct hv_vm *vm,
                      struct hv_choice *out, struct error *err);
int hypervisor_describe (struct plugin *p, const struct hv_vm *vm,
                         struct hv_launch *out, struct error *err);
int hypervisor_ready (struct plugin *p, const struct hv_vm *vm, int64_t timeout,
                      struct error *err);
int hypervisor_go (struct plugin *p, const struct hv_vm *vm, struct error *err);
int hypervisor_powerdown (struct plugin *p, const struct hv_vm *vm,
                          struct error *err);
int hypervisor_quit (struct plugin *p, const struct hv_vm *vm,
                     struct error *err);
int hypervisor_status (struct plugin *p, const struct hv_vm *vm,
                       struct hv_status *out, struct error *err);
int hypervisor_pause (struct plugin *p, const struct hv_vm *vm,
                      struct error *err);
int hypervisor_resume (struct plugin *p, const struct hv_vm *vm,
                       struct error *err);

/* Fail as these would, and as save does, if the plugin has them not: to be
 * known before a change is begun. */
int hypervisor_can_pause (struct plugin *p, struct error *err);
int hypervisor_can_save (struct plugin *p, struct error *err);

/* ABI 2; fail with ENOTSUP if the plugin has them not. */
int hypervisor_attach_disk (struct plugin *p, const struct hv_vm *vm,
                            const struct hv_disk *disk,
                            const struct hv_files *files, struct error *err);
int hypervisor_detach_disk (struct plugin *p, const struct hv_vm *vm,
                            const char *name, struct error *err);
int hypervisor_attach_nic (struct plugin *p, const struct hv_vm *vm,
                           const struct hv_nic *nic, const int fds[],
                           struct error *err);
int hypervisor_detach_nic (struct plugin *p, const struct hv_vm *vm,
                           const char *name, struct error *err);
int hypervisor_resize (struct plugin *p, const struct hv_vm *vm, uint32_t cpus,
                       uint64_t memory, struct error *err);
int hypervisor_resize_disk (struct plugin *p, const struct hv_vm *vm,
                            const char *name, uint64_t size, struct error *err);
int hypervisor_overlay_disk (struct plugin *p, const struct hv_vm *vm,
                             const struct hv_disk *disk,
                             const struct hv_files *files, struct error *err);
int hypervisor_counters (struct plugin *p, const struct hv_vm *vm,
                         struct hv_list *out, struct error *err);
int hypervisor_save (struct plugin *p, const struct hv_vm *vm, const int fds[],
                     struct error *err);
int hypervisor_restore (struct plugin *p, const struct hv_vm *vm,
                        const int fds[], struct error *err);

int network_check (struct plugin *p, const struct hv_port *port,
                   struct hv_nic *out, struct error *err);

/* If it fails and p->unsure, the port may be there all the same. */
int network_attach (struct plugin *p, const struct hv_port *port,
                    const struct hv_nic *nic, int fds[], struct error *err);
int network_ready (struct plugin *p, const struct hv_port *port,
                   struct error *err);
int network_detach (struct plugin *p, const struct hv_port *port,
                    struct error *err);

int network_sweep (struct plugin *p, const struct hv_options *network,
                   const char *const live[], struct error *err);
bool network_has_helper (const struct plugin *p);
int network_helper (struct plugin *p, const struct hv_port *port,
                    const struct hv_nic *nic, struct hv_launch *out,
                    struct error *err);
int network_settled (struct plugin *p, const struct hv_port *port, int pid,
                     struct error *err);

int storage_chain (struct plugin *p, const struct hv_volume *vol,
                   struct hv_chain *out, struct hv_volume_info *info,
                   struct error *err);
int storage_create (struct plugin *p, const struct hv_volume *vol,
                    struct error *err);
int storage_destroy (struct plugin *p, const struct hv_volume *vol,
                     struct error *err);
int storage_resize (struct plugin *p, const struct hv_volume *vol,
                    struct error *err);
int storage_list (struct plugin *p, const struct hv_options *pool,
                  struct hv_list *out, struct error *err);
bool storage_has_activate (const struct plugin *p);
int storage_activate (struct plugin *p, const struct hv_volume *vol,
                      struct error *err);
int storage_deactivate (struct plugin *p, const struct hv_volume *vol,
                        struct error *err);

int storage_snapshot (struct plugin *p, const struct hv_volume *vol,
                      const char *name, struct error *err);
int storage_snapshots (struct plugin *p, const struct hv_volume *vol,
                       struct hv_list *out, struct error *err);
int storage_revert (struct plugin *p, const struct hv_volume *vol,
                    const char *name, struct error *err);
int storage_forget (struct plugin *p, const struct hv_volume *vol,
                    const char *name, struct error *err);
int storage_promote (struct plugin *p, const struct hv_volume *vol,
                     struct error *err);
int storage_send (struct plugin *p, const struct hv_volume *vol,
                  const char *name, const char *from, int fd,
                  struct error *err);
int storage_receive (struct plugin *p, const struct hv_volume *vol,
                     const char *name, int fd, struct error *err);
int storage_clone (struct plugin *p, const struct hv_volume *vol,
                   const struct hv_volume *from, const char *name,
                   struct error *err);

int firmware_find (struct plugin *p, const struct hv_firmware_want *want,
                   struct hv_firmware_image *out, struct error *err);
int firmware_list (struct plugin *p, struct hv_list *out, struct error *err);

/* Is there a volume of that name, whole or broken?  Fails if nobody can tell.
 */
int storage_find (struct plugin *p, const struct hv_volume *vol, bool *found,
                  struct error *err);

#endif /* CORE_PROVIDER_H */
