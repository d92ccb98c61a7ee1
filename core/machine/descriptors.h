/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Opens files, logs and sockets for a process, and verifies that nobody else
 * has them open. */
#ifndef CORE_DESCRIPTORS_H
#define CORE_DESCRIPTORS_H

#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/image-users.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

/* Opens every layer of a disk; files has a pair per layer. */
int descriptors_open_layers (struct hvctl *h, const char *vm,
                             const struct hv_disk *disk,
                             struct hv_files **files, struct error *err);
void descriptors_close_layers (const struct hv_disk *disk,
                               struct hv_files *files);

/* Opens one file, with enum hv_open_flags; a file to be written to must not
 * be in use. */
int descriptors_open (struct hvctl *h, const char *vm, const char *path,
                      uint32_t flags, struct error *err);

/* The same for a VM that is not running yet: so a file to be read must not be
 * written by a VM, either.  Its locks are checked; the second function, for all
 * such files, checks that no VM that dropped its locks has one of them, and
 * notes them as this VM's. */
int descriptors_open_first (struct hvctl *h, const char *vm, const char *path,
                            uint32_t flags, struct image_open *out,
                            struct error *err);
int descriptors_give (struct hvctl *h, const char *vm,
                      const struct image_open images[], size_t n,
                      struct error *err);

/* Opens a log of the VM, 'NAME.log'. */
int descriptors_open_log (struct hvctl *h, const char *vm, const char *name,
                          struct error *err);

/* Opens every file, log and socket of the launch, which listens in 'rundir'
 * (null: nowhere).  Ends of ports are left to the caller. */
int descriptors_open_all (struct hvctl *h, const char *vm, const char *rundir,
                          const struct hv_launch *l, int fds[],
                          struct error *err);

/* Removes the sockets that such a launch has left in 'rundir'. */
void descriptors_unlink (struct arena *a, const char *rundir,
                         const struct hv_launch *l);

/* Fails with EXIT_RUNNING if somebody has the volume open. */
int descriptors_check_idle (struct hvctl *h, struct plugin *p,
                            const struct hv_volume *vol, struct error *err);

/* The same, if its hypervisor has dropped the lock that plugins look at. */
int descriptors_check_hidden (struct hvctl *h, struct plugin *p,
                              const struct hv_volume *vol, struct error *err);

#endif /* CORE_DESCRIPTORS_H */
