/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Unix sockets in the run directory of a VM. */
#ifndef CORE_SOCKET_H
#define CORE_SOCKET_H

#include <stdint.h>

#include "core/base/error.h"

/* Connects to 'NAME.sock' in the directory of a running VM, within 'ms'
 * milliseconds: a listener that hangs accepts no connection. */
#define CONNECT_TIMEOUT 5000
int socket_connect (const char *rundir, const char *name, int64_t ms,
                    struct error *err);

/* Binds and listens at 'rundir/NAME.sock'.  Paths may be longer than a
 * socket address allows. */
int socket_listen (const char *rundir, const char *name, struct error *err);

#endif /* CORE_SOCKET_H */
