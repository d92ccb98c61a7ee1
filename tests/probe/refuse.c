/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plays a kernel that lacks something, or a container that forbids it: a
 * system call fails for a command and all that it starts.
 *
 *   refuse NAME[:ARG:MASK:VALUE] ERRNO COMMAND…
 *
 * The condition is (argument & mask) == value, of the low 32 bits; numbers as
 * C has them. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(offset) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offset)
#define IS(value, over) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, value, 0, over)

int
main (int argc, char **argv)
{
    char name[64];
    unsigned arg = 0;
    uint32_t mask = 0, value = 0;
    int code = argc > 3 ? atoi (argv[2]) : 0, nr;

    if (!code
        || sscanf (argv[1], "%63[^:]:%u:%i:%i", name, &arg, (int *)&mask,
                   (int *)&value)
               < 1
        || (nr = seccomp_syscall_resolve_name (name)) < 0 || arg > 5) {
        fprintf (stderr, "refuse NAME[:ARG:MASK:VALUE] ERRNO COMMAND…\n");
        return 2;
    }
    struct sock_filter filter[] = {
        LOAD (offsetof (struct seccomp_data, nr)),
        IS ((uint32_t)nr, 4),
        LOAD ((uint32_t)offsetof (struct seccomp_data, args) + 8 * arg),
        BPF_STMT (BPF_ALU | BPF_AND | BPF_K, mask),
        IS (value, 1),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

    /* Root may without; and then the flag does not hide a missing one. */
    if ((geteuid () != 0 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        || syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
        perror ("refuse");
        return 2;
    }
    execvp (argv[3], argv + 3);
    perror (argv[3]);
    return 127;
}
