/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The system calls that the sandbox knows, by group: data only.  filter.c
 * builds a filter from it. */
#ifndef CORE_GROUPS_H
#define CORE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's reaction to a call.  One that no rule matches kills the
 * process. */
enum call_class {
    CALL_ALLOW,    /* Always allowed. */
    CALL_STARTUP,  /* Until the seal; then it fails (ENOSYS). */
    CALL_ENOSYS,   /* Fails: the library falls back on another call. */
    CALL_EPERM,    /* Fails: tried, but not needed. */
    CALL_NOTHING,  /* Is not executed, and reports success. */
    CALL_NO_CHILD, /* Likewise: until the seal, the supervisor answers with
                    * the caller's own process ID. */
};

/* A call with an optional condition on one argument: that its low 32 bits are
 * one of 'values', or that (argument & mask) == value.  Several rules may
 * name one call: each matches independently.
 *
 * Only 32 bits are compared in a list, because the kernel reads an int there,
 * and the upper bits in a program's calls are noise (mostly a sign). */
struct call_rule {
    const char *name;
    const char *family; /* Of calls for one purpose (families.h), or null. */
    int nr;             /* libseccomp's, < 0: not on this machine. */
    enum call_class class;
    unsigned arg;
    const uint32_t *values; /* Null: mask and value count. */
    size_t n_values;
    uint64_t mask, value; /* Mask 0: no condition. */
    const char *why;      /* Where it is not obvious. */
};

struct call_group {
    const char *name;
    const char *summary;
    const struct call_rule *rules;
    size_t n_rules;
    bool beside; /* For processes beside the hypervisor. */
};

extern const struct call_group call_groups[];
extern const size_t n_call_groups;

/* Returns the group of that name, or null. */
const struct call_group *groups_find (const char *name);

/* Returns the name of the family that the call belongs to, or null. */
const char *groups_family (int nr);

/* Returns "allow", "start-up", "fails: ENOSYS", "fails: EPERM" or "does
 * nothing". */
const char *groups_class_name (enum call_class class);

#endif /* CORE_GROUPS_H */
