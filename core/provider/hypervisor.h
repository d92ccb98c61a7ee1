/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One wrapper per operation of hypervisors; provider.h describes what each
 * adds. */
#ifndef CORE_HYPERVISOR_H
#define CORE_HYPERVISOR_H

#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

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

/* Fail like these, and like save, if the plugin does not have them: to be
 * checked before a change is begun. */
int hypervisor_can_pause (struct plugin *p, struct error *err);
int hypervisor_can_save (struct plugin *p, struct error *err);
int hypervisor_can_attach_disk (struct plugin *p, struct error *err);
int hypervisor_can_attach_nic (struct plugin *p, struct error *err);
int hypervisor_can_resize (struct plugin *p, struct error *err);
int hypervisor_can_resize_disk (struct plugin *p, struct error *err);

/* Fails with ENOTSUP if the running VM would refuse the change. */
int hypervisor_can_change (struct plugin *p, const struct hv_vm *vm,
                           const struct hv_change *change, struct error *err);

/* ABI 2; fail with ENOTSUP if the plugin does not have them. */
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

#endif /* CORE_HYPERVISOR_H */
