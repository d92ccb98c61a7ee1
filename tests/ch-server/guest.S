/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A guest for the real cloud-hypervisor, as tests/guest/tiny.S is for QEMU.
 * It says hello, and does what its command line says:
 *
 *   wait      (default) powers off when the power button is pressed
 *   deaf      the same, but the power button does nothing
 *   poweroff  powers off
 *   triple    resets the machine, and so on for ever
 *
 * 32-bit code in a 64-bit ELF file: that is what the loader takes, and where
 * PVH enters (Xen, docs/misc/pvh.pandoc).  The power button is an event of
 * the ACPI GED; whatever else could interrupt is not set up, so that any
 * request for an interrupt is the button.  Ports: devices/src/acpi.rs (0x600, SLEEP_CONTROL,
 * S5 is 5), the reset is the keyboard controller's. */

#define COM1            0x3f8
#define SLEEP_CONTROL   0x600
#define POWER_OFF       0x34            /* SLP_EN, SLP_TYP 5 */
#define IOAPIC          0xfec00000
#define LAPIC_SPURIOUS  0xfee000f0
#define LAPIC_REQUESTS  0xfee00210      /* IRR, vectors 32 to 63. */
#define VECTOR          0x30
#define VECTOR_BIT      (1 << (VECTOR - 32))
#define CMDLINE         24              /* Offset in hvm_start_info. */

        .section .note.PVH, "a", @note
        .long 4, 4, 18                  /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz "Xen"
        .long start

        .text
        .code32
        .globl start
start:  cli
        cld
        movl $stack_top, %esp
        movl CMDLINE(%ebx), %ebp        /* From here on. */
        lgdt gdt_pointer
        ljmp $8, $1f
1:      movw $16, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        call setup_interrupts
        movl $hello, %esi
        call print
        movl $word_triple, %edi
        call cmdline_has
        je reset
        movl $word_poweroff, %edi
        call cmdline_has
        je power_off
        movl $word_deaf, %edi
        call cmdline_has
        je deaf
loop:   pause
        testl $VECTOR_BIT, LAPIC_REQUESTS
        jz loop
        movl $goodbye, %esi
        call print
power_off:
        movw $SLEEP_CONTROL, %dx
        movb $POWER_OFF, %al
        outb %al, %dx
deaf:   cli
        hlt
        jmp deaf
reset:  movb $0xfe, %al
        outb %al, $0x64
        jmp reset

/* Nothing is interrupted: what is asked for is looked at, since the KVM of
 * some nested machines fails to deliver it. */
setup_interrupts:
        movl $0x1ff, LAPIC_SPURIOUS     /* On, vector 255. */
        movl $5, %ecx                   /* Pins 5 to 23: not COM1's 4. */
1:      leal 0x10(,%ecx,2), %eax
        movl %eax, IOAPIC
        movl $VECTOR, IOAPIC + 0x10     /* Fixed, edge, to APIC 0, open. */
        incl %eax
        movl %eax, IOAPIC
        movl $0, IOAPIC + 0x10
        incl %ecx
        cmpl $24, %ecx
        jb 1b
        ret

/* Prints the text at esi. */
print:  movw $COM1, %dx
1:      lodsb
        testb %al, %al
        jz 2f
        outb %al, %dx
        jmp 1b
2:      ret

/* Sets ZF if the word at edi is in the command line. */
cmdline_has:
        movl %ebp, %esi
1:      movl %edi, %ebx
        movl %esi, %ecx
2:      movb (%ebx), %al
        testb %al, %al
        jz 3f
        cmpb %al, (%ecx)
        jne 4f
        incl %ebx
        incl %ecx
        jmp 2b
3:      ret
4:      cmpb $0, (%esi)
        je 5f
        incl %esi
        jmp 1b
5:      orb $1, %al                     /* No ZF. */
        ret

        .align 8
gdt:    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
        .word . - gdt - 1
        .long gdt
hello:  .asciz "hvctl tiny guest: hello\r\n"
goodbye:
        .asciz "hvctl tiny guest: goodbye\r\n"
word_deaf:
        .asciz "deaf"
word_poweroff:
        .asciz "poweroff"
word_triple:
        .asciz "triple"

        .bss
        .align 8
        .skip 4096
stack_top:

        .section .note.GNU-stack, "", @progbits
