/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Is there KVM?  For plugins. */
#ifndef PLUGINS_COMMON_KVM_H
#define PLUGINS_COMMON_KVM_H

#include "hvctl/plugin.h"

/* Returns why KVM cannot be used, as far as one can tell without running
 * anything, or null. */
const char *kvm_missing (struct hv_ctx *ctx);

#endif /* PLUGINS_COMMON_KVM_H */
