/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Properties of this host that determine what a hypervisor can do on it. */
#ifndef CORE_HOST_FACTS_H
#define CORE_HOST_FACTS_H

#include "core/base/arena.h"

/* Returns them as text, which changes whenever one of them does: our user and
 * groups, the KVM device and whether we may open it, the
 * parameters of its modules, and the sysctls that affect the jail in
 * which a probe runs.  Takes about twenty system calls. */
const char *host_conditions (struct arena *a);

#endif /* CORE_HOST_FACTS_H */
