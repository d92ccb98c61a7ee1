/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The network namespace of a VM's ports: that of the hvctl that started
 * it, which need not be that of the hvctl that stops it. */
#ifndef CORE_NETNS_H
#define CORE_NETNS_H

#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/provider/loaded.h"

/* Returns the ID of our own, or 0. */
int64_t netns_own (void);

/* Detaches a port in the namespace of that ID; 0: in ours.  A namespace that no
 * longer exists has taken its ports with it. */
int netns_detach (int64_t number, struct plugin *p, const struct hv_port *port,
                  struct error *err);

#endif /* CORE_NETNS_H */
