/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/abi/1/plugin.h"

#define TABLE abi_1_frozen
#include "tests/abi/1/offsets.h"
