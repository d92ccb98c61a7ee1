/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Loading definitions, from any file, and the members of fleets. */
#ifndef CORE_DEFINITION_LOAD_H
#define CORE_DEFINITION_LOAD_H

#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"

/* Returns the fleet that the VM is a member of, or one that is invalid, so that
 * nobody knows; otherwise null.  Has compared its members. */
struct fleet *definition_fleet (struct hvctl *h, const char *name,
                                uint64_t *index);

/* The same as definition_load(), from any file. */
int definition_load_file (struct hvctl *h, const char *name, const char *file,
                          struct definition **out, struct error *err);

/* The same as if the fleet had that VM, which it no longer has. */
int definition_load_left (struct hvctl *h, struct fleet *f, const char *name,
                          uint64_t index, struct definition **out,
                          struct error *err);

/* The same of all VMs of a fleet, struct definition *, with their own files. */
int definition_load_members (struct hvctl *h, struct fleet *f, struct vec *out,
                             struct error *err);

/* Fails with every problem of a fleet and of its members, with their own
 * files. */
int definition_check_fleet (struct hvctl *h, struct fleet *f,
                            struct error *err);

#endif /* CORE_DEFINITION_LOAD_H */
