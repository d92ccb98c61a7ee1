/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The beginning and the end of a command. */
#ifndef CORE_HVCTL_H
#define CORE_HVCTL_H

#include "core/base/context.h"
#include "core/base/error.h"

/* Prepares 'h'.  'conf' is the path given by the user or null. */
int hvctl_open (struct hvctl *h, const char *conf, struct error *err);

/* The same for a command that running VMs depend on; see
 * host_load_despite(). */
int hvctl_open_despite (struct hvctl *h, const char *conf, struct error *err);

void hvctl_close (struct hvctl *h);

#endif /* CORE_HVCTL_H */
