/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Configuration for trial.c, as text. */
#ifndef CORE_TRIAL_TEXT_H
#define CORE_TRIAL_TEXT_H

#include "core/base/arena.h"
#include "core/config/config.h"
#include "core/config/definition.h"

/* Return a copy of a section 'plugin' of ours; the definition of a VM,
 * but with disks and networks of its own. */
const char *trial_plugin_text (struct arena *a, const struct hv_options *s);
const char *trial_vm_text (struct arena *a, const struct definition *def);

#endif /* CORE_TRIAL_TEXT_H */
