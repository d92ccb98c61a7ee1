/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads a seccomp filter as the kernel would: with the arguments of one call,
 * or all ways that it can go for a number. */
#ifndef TESTS_PROBE_WALK_H
#define TESTS_PROBE_WALK_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sandbox/groups.h"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#define FOREIGN AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#define FOREIGN AUDIT_ARCH_ARM
#else
#error "say what this machine's calls are"
#endif

#define RET_USER_NOTIF 0x7fc00000U
#define NUMBERS 600

/* The actions that a walk can come to. */
enum {
    MAY_ALLOW = 1,
    MAY_NOTIFY = 2,
    MAY_FAIL = 4,
    MAY_KILL = 8,
    MAY_OTHER = 16, /* KILL_THREAD, TRAP, TRACE, LOG */
};

static inline unsigned
action_bit (uint32_t value)
{
    switch (value & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
        return MAY_ALLOW;
    case RET_USER_NOTIF:
        return MAY_NOTIFY;
    case SECCOMP_RET_ERRNO:
        return MAY_FAIL;
    case SECCOMP_RET_KILL_PROCESS:
        return MAY_KILL;
    }
    return MAY_OTHER;
}

static inline _Noreturn void
walk_lost (const char *what, size_t value)
{
    fprintf (stderr, "a filter has %s that is not expected: %zx\n", what,
             value);
    abort ();
}

/* Loads the word at 'offset' of struct seccomp_data; false: unknown. */
static inline bool
load (uint32_t offset, uint32_t arch, uint32_t nr, const uint64_t *args,
      uint32_t *value)
{
    size_t word = offset - offsetof (struct seccomp_data, args);

    if (offset == offsetof (struct seccomp_data, nr)) {
        *value = nr;
        return true;
    }
    if (offset == offsetof (struct seccomp_data, arch)) {
        *value = arch;
        return true;
    }
    if (offset > sizeof (struct seccomp_data) - 4) {
        walk_lost ("an offset", offset);
    }
    if (!args || offset < offsetof (struct seccomp_data, args)) {
        return false; /* Whatever instruction makes it. */
    }
    *value = (uint32_t)(args[word / 8] >> (word % 8 ? 32 : 0));
    return true;
}

static inline bool
jumps (uint16_t code, uint32_t a, uint32_t k)
{
    switch (BPF_OP (code)) {
    case BPF_JEQ:
        return a == k;
    case BPF_JGT:
        return a > k;
    case BPF_JGE:
        return a >= k;
    case BPF_JSET:
        return a & k;
    }
    walk_lost ("a jump", code);
}

/* Follows the program from 'pc'.  With 'args' there is one way; without, at
 * every test of an argument there are two. */
static inline unsigned
walk (const struct sock_fprog *p, size_t pc, uint32_t arch, uint32_t nr,
      const uint64_t *args, bool known, uint32_t a)
{
    for (;; pc++) {
        const struct sock_filter *i;

        if (pc >= p->len) {
            walk_lost ("the end", pc);
        }
        i = &p->filter[pc];
        switch (BPF_CLASS (i->code)) {
        case BPF_LD:
            known = load (i->k, arch, nr, args, &a);
            break;
        case BPF_ALU:
            if (BPF_OP (i->code) != BPF_AND) {
                walk_lost ("an operation", i->code);
            }
            a &= i->k;
            break;
        case BPF_RET:
            return action_bit (i->k);
        case BPF_JMP:
            if (BPF_OP (i->code) == BPF_JA) {
                pc += i->k;
            } else if (known) {
                pc += jumps (i->code, a, i->k) ? i->jt : i->jf;
            } else {
                return walk (p, pc + 1 + i->jt, arch, nr, args, false, 0)
                       | walk (p, pc + 1 + i->jf, arch, nr, args, false, 0);
            }
            break;
        default:
            walk_lost ("an instruction", i->code);
        }
    }
}

static inline unsigned
possible (const struct sock_fprog *p, uint32_t arch, uint32_t nr)
{
    return walk (p, 0, arch, nr, NULL, false, 0);
}

/* Calls for one purpose count once (core/sandbox/families.h): was one of this
 * call's family counted before it? */
static inline bool
is_counted (const bool *counted, uint32_t nr)
{
    const char *family = groups_family ((int)nr);

    for (uint32_t i = 0; family && i < nr; i++) {
        if (counted[i] && groups_family ((int)i)
            && !strcmp (groups_family ((int)i), family)) {
            return true;
        }
    }
    return false;
}

#endif /* TESTS_PROBE_WALK_H */
