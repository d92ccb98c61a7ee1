/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/sandbox/filter-head.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/cleanup.h"
#include "core/sandbox/families.h"
#include "core/base/error.h"
#include "core/sandbox/jail.h"

/* A word of what the kernel shows a filter. */
#define LOAD(offset) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offset)
#define LOW(member)                                                            \
    offsetof (struct seccomp_data, member)                                     \
        + (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0)
#define HIGH(member)                                                           \
    offsetof (struct seccomp_data, member)                                     \
        + (__BYTE_ORDER == __BIG_ENDIAN ? 0 : 4)
/* Continues if the accumulator is 'value', and else skips that many
 * instructions. */
#define IS(value, over) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, 0, over)

/* A vCPU runs until it exits to the hypervisor, thousands of times a second:
 * the ioctl for that is checked first, not after a hundred others.  Returns
 * whether it is allowed in any case. */
static bool
runs_processors (const struct filter_options *options)
{
    const uint64_t run[6] = { 0, KVM_RUN };

    return options->mode != SANDBOX_LEARN
           && filter_lets (options->groups, options->own, SCMP_SYS (ioctl), run,
                           false);
}

/* The one execution: of an open file, by a number that the limit of
 * descriptors makes impossible afterwards, and from an instruction that will
 * not be there (doc/sandbox.md).  libseccomp knows no addresses, so this comes
 * before its program.  Nor does it know calls that are newer than itself. */
void
filter_head (const struct filter_options *options, uint32_t other,
             struct sock_fprog *out)
{
    uint32_t low = (uint32_t)options->exec_address,
             high = (uint32_t)(options->exec_address >> 32);
    uint8_t known = options->exec_address != 0; /* 0: continues in any case. */
    /* These are wanted as well where forbidden system calls are recorded. */
    uint32_t newer =
        options->mode == SANDBOX_KILL ? SCMP_ACT_ERRNO (ENOSYS) : other;
    uint8_t fast = runs_processors (options) ? 4 : 0;
    const struct sock_filter head[FILTER_HEAD] = {
        LOAD (offsetof (struct seccomp_data, arch)),
        IS (seccomp_arch_native (), (uint8_t)(15 + fast)),
        LOAD (offsetof (struct seccomp_data, nr)),
        IS (SCMP_SYS (execveat), 10),
        LOAD (LOW (instruction_pointer)),
        IS (low, known * 7),
        LOAD (HIGH (instruction_pointer)),
        IS (high, known * 5),
        LOAD (LOW (args[0])),
        IS ((uint32_t)options->exec_fd, 3),
        LOAD (LOW (args[4])),
        IS (AT_EMPTY_PATH, 1),
        BPF_STMT (BPF_RET | BPF_K, SCMP_ACT_ALLOW),
        BPF_STMT (BPF_RET | BPF_K, other),
        /* Not execveat: the number is still loaded. */
        BPF_JUMP (BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 0, 2),
        BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, NUMBERS_END, 1, 0),
        BPF_STMT (BPF_RET | BPF_K, newer),
        /* The last four, if they are wanted. */
        IS (SCMP_SYS (ioctl), 3),
        LOAD (LOW (args[1])),
        IS (KVM_RUN, 1),
        BPF_STMT (BPF_RET | BPF_K, SCMP_ACT_ALLOW),
    };
    size_t n = ARRAY_SIZE (head) - 4 + fast;

    out->filter = xrealloc (out->filter, (out->len + n) * sizeof *out->filter);
    memmove (out->filter + n, out->filter, out->len * sizeof *out->filter);
    memcpy (out->filter, head, n * sizeof *head);
    out->len = (unsigned short)(out->len + n);
}
