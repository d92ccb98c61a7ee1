/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Availability of KVM, for plugins. */
#ifndef PLUGINS_COMMON_KVM_H
#define PLUGINS_COMMON_KVM_H

#include "hvctl/plugin.h"

/* Returns the reason why KVM cannot be used, as far as that can be determined
 * without running anything, or null. */
const char *kvm_missing (struct hv_ctx *ctx);

#endif /* PLUGINS_COMMON_KVM_H */
