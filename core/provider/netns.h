/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The network namespace in which a VM's ports are: that of the hvctl that
 * started it, which need not be that of who ends it. */
#ifndef CORE_NETNS_H
#define CORE_NETNS_H

#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/provider/loaded.h"

/* The number of our own, or 0. */
int64_t netns_own (void);

/* Detaches a port in the namespace of that number; 0: in ours.  One that is
 * gone has taken its ports along. */
int netns_detach (int64_t number, struct plugin *p, const struct hv_port *port,
                  struct error *err);

#endif /* CORE_NETNS_H */
