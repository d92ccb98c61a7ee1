/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/filter-head.h"

#include <endian.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#include "common/cleanup.h"

/* A word of what the kernel shows a filter. */
#define LOAD(offset) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offset)
#define LOW(member)                                                            \
    offsetof (struct seccomp_data, member)                                     \
        + (__BYTE_ORDER == __BIG_ENDIAN ? 4 : 0)
#define HIGH(member)                                                           \
    offsetof (struct seccomp_data, member)                                     \
        + (__BYTE_ORDER == __BIG_ENDIAN ? 0 : 4)
/* Goes on if it is 'value', else over so many instructions. */
#define IS(value, over) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, 0, over)

/* The one execution: of an open file, by a number that the limit of
 * descriptors makes impossible afterwards, and from an instruction that will
 * not be there (doc/sandbox.md).  libseccomp knows no addresses, so this comes
 * before its program. */
void
filter_head (const struct filter_options *options, uint32_t other,
             struct sock_fprog *out)
{
    uint32_t low = (uint32_t)options->exec_address,
             high = (uint32_t)(options->exec_address >> 32);
    uint8_t known = options->exec_address != 0; /* 0: goes on in any case. */
    const struct sock_filter head[] = {
        LOAD (offsetof (struct seccomp_data, arch)),
        IS (seccomp_arch_native (), 12),
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
    };
    size_t n = ARRAY_SIZE (head);

    out->filter = xrealloc (out->filter, (out->len + n) * sizeof *out->filter);
    memmove (out->filter + n, out->filter, out->len * sizeof *out->filter);
    memcpy (out->filter, head, sizeof head);
    out->len = (unsigned short)(out->len + n);
}
