/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A firmware of 64 KiB that does nothing but leave the guest: writes to a port
 * that nobody listens to, for ever, and one to QEMU's debug console after each
 * BLOCK of them.  tests/probe/cost.c times these. */
#define BLOCK   300
#define NOTHING 0x80
#define CONSOLE 0xe9

        .code16
        .text
        .globl _start
_start: movw $BLOCK, %cx
1:      outb %al, $NOTHING
        decw %cx
        jnz 1b
        outb %al, $CONSOLE
        jmp _start

        .org 0xfff0                     /* Where a processor begins. */
        jmp _start
        .org 0x10000
