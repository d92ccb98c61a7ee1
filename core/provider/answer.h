/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks of plugins' results, which are untrusted like all external input:
 * for provider.c and its parts only.  Each function
 * returns the problem, as a text that follows the operation's name, or null. */
#ifndef CORE_ANSWER_H
#define CORE_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/arena.h"
#include "core/provider/services.h"

const char *answer_program (struct arena *a, const char *program);
const char *answer_choice (const struct hv_choice *choice);
const char *answer_status (struct arena *a, const struct hv_status *status);
const char *answer_chain (struct arena *a, const struct hv_chain *chain);
const char *answer_launch (struct arena *a, const struct hv_vm *vm,
                           const struct hv_launch *l);
const char *answer_helper (struct arena *a, const struct hv_port *port,
                           const struct hv_launch *l);
const char *answer_nic (struct arena *a, const struct hv_port *port,
                        const struct hv_nic *nic);
const char *answer_firmware (struct arena *a,
                             const struct hv_firmware_image *image);

/* Names of volumes and snapshots; with 'times', each detail is a time. */
const char *answer_names (struct arena *a, const struct hv_list *list,
                          bool times);
/* Counters. */
const char *answer_numbers (struct arena *a, const struct hv_list *list);

/* The descriptors of a port that was attached; they become close-on-exec. */
const char *answer_fds (struct arena *a, const struct hv_nic *nic,
                        uint32_t queues, const int fds[]);

#endif /* CORE_ANSWER_H */
