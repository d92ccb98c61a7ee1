/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "hvctl/plugin.h"

#define TABLE abi_1_current
#include "tests/abi/1/offsets.h"
