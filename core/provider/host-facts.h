/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What of this host decides what a hypervisor can do on it. */
#ifndef CORE_HOST_FACTS_H
#define CORE_HOST_FACTS_H

#include "core/base/arena.h"

/* Returns it as text, which is another one when anything of it changes: who
 * we are and our groups, the device of KVM and whether we may open it, the
 * parameters of its modules, and the sysctls that decide about the jail in
 * which a probe runs.  Some twenty system calls. */
const char *host_conditions (struct arena *a);

#endif /* CORE_HOST_FACTS_H */
