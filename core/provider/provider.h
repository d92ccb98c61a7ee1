/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The frame of the wrappers in hypervisor.c, network.c, storage.c and
 * firmware.c, one per operation of a plugin: it opens the plugin if needed,
 * sets the deadline, traces, gives null its meaning, and guarantees a message
 * that names the object and the plugin.  No other file uses the tables. */
#ifndef CORE_PROVIDER_H
#define CORE_PROVIDER_H

#include "core/base/error.h"
#include "core/provider/loaded.h"

/* Fails if 'p' is broken or its open() fails. */
int provider_usable (struct plugin *p, struct error *err);

/* Closes it, if it was opened. */
void provider_close (struct plugin *p);

#endif /* CORE_PROVIDER_H */
