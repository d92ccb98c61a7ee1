/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One wrapper per operation of networks; provider.h describes what each
 * adds. */
#ifndef CORE_NETWORK_H
#define CORE_NETWORK_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/error.h"
#include "core/config/config.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"

int network_check (struct plugin *p, const struct hv_port *port,
                   struct hv_nic *out, struct error *err);

/* If it fails and p->unsure is set, the port may exist nevertheless. */
int network_attach (struct plugin *p, const struct hv_port *port,
                    const struct hv_nic *nic, int fds[], struct error *err);
int network_ready (struct plugin *p, const struct hv_port *port,
                   struct error *err);
int network_detach (struct plugin *p, const struct hv_port *port,
                    struct error *err);

bool network_has_sweep (const struct plugin *p);
int network_sweep (struct plugin *p, const struct hv_options *network,
                   const char *const live[], struct error *err);
bool network_has_helper (const struct plugin *p);
int network_helper (struct plugin *p, const struct hv_port *port,
                    const struct hv_nic *nic, struct hv_launch *out,
                    struct error *err);
int network_settled (struct plugin *p, const struct hv_port *port, int pid,
                     struct error *err);

#endif /* CORE_NETWORK_H */
