/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The one execution.  The filter allows execveat() with one descriptor number,
 * which is invalid afterwards and cannot be reused, and only from here: the
 * kernel passes the filter the address behind the instruction that made the
 * call (seccomp(2), struct seccomp_data, instruction_pointer).  We are a copy
 * of hvctl when we make the call; the program that we become has other code
 * there, or none, and cannot map any.  So a second attempt kills the process,
 * as every other forbidden call does. It would fail without that, too (EBADF);
 * but the program's own filter might kill only the calling thread, as QEMU's
 * does, and leave the rest. */
#include "core/sandbox/jail-exec.h"

#include <errno.h>
#include <stdint.h>

#define EMPTY_PATH 0x1000 /* AT_EMPTY_PATH */

/* Only the call differs, and what its arguments need for it. */
#if defined(__x86_64__)
#define CALL_EXECVEAT                                                          \
    "    movl $322, %eax\n"                                                    \
    "    movq %rcx, %r10\n"                                                    \
    "    syscall\n"
#elif defined(__aarch64__)
#define CALL_EXECVEAT                                                          \
    "    mov x8, #281\n"                                                       \
    "    svc #0\n"
#elif defined(__riscv)
#define CALL_EXECVEAT                                                          \
    "    li a7, 281\n"                                                         \
    "    ecall\n"
#else
#error "say how execveat() is called on this machine"
#endif
__asm__(".pushsection .text\n"
        ".hidden jail_exec_call\n"
        ".globl jail_exec_call\n"
        ".type jail_exec_call, %function\n"
        "jail_exec_call:\n" CALL_EXECVEAT /* and behind it */
        ".hidden jail_exec_behind\n"
        ".globl jail_exec_behind\n"
        "jail_exec_behind:\n"
        "    ret\n"
        ".size jail_exec_call, . - jail_exec_call\n"
        ".popsection\n");

long jail_exec_call (int fd, const char *path, const char *const *argv,
                     const char *const *environment, long flags);
extern const char jail_exec_behind[];

uint64_t
jail_exec_address (void)
{
    return (uint64_t)(uintptr_t)jail_exec_behind;
}

void
jail_execveat (int fd, const char *const *argv, const char *const *environment)
{
    errno = (int)-jail_exec_call (fd, "", argv, environment, EMPTY_PATH);
}
