/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks that do not start anything. */
#ifndef CORE_DOCTOR_HOST_H
#define CORE_DOCTOR_HOST_H

#include "core/learn/doctor.h"

/* Check host, plugins and configuration, without running anything. */
void doctor_host (struct doctor *d);
void doctor_plugins (struct doctor *d);
void doctor_configuration (struct doctor *d);

#endif /* CORE_DOCTOR_HOST_H */
