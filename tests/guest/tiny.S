/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A guest of our own: it boots in a tenth of a second, without firmware
 * features, disks or drivers, and does what its command line says.
 *
 *   wait      (default) echoes what is typed on the serial port, and powers
 *             off when the power button is pressed or ^D is typed
 *   deaf      the same, but the power button does nothing
 *   flood     says hello without end, and powers off by the button
 *   poweroff  says hello and powers off
 *   triple    says hello and crashes (triple fault: a reset)
 *
 * It is an ELF file for QEMU's -kernel (multiboot, "pc", "q35" and "microvm")
 * and for everything that boots PVH, like cloud-hypervisor.  Both enter in
 * 32-bit protected mode with paging off and flat segments.  (SeaBIOS sets up
 * the local APIC, a microvm's qboot does not.)
 *
 * Sources: Multiboot Specification 0.6.96 (header 3.1, state 3.2, information
 * 3.3); Xen docs/misc/pvh.pandoc and xen/include/public/arch-x86/hvm/
 * start_info.h; ACPI 6.4, 4.8.3 (PM1) and 4.8.3.7 (sleep control); the ports
 * and addresses are those of QEMU's firmware: PMBASE 0x600 (hw/i386 pc and
 * q35), GED at 0xfea00000 (include/hw/i386/microvm.h). */

#define COM1            0x3f8
#define PM1_STATUS      0x600
#define PM1_ENABLE      0x602
#define PM1_CONTROL     0x604
#define PM_BUTTON       (1 << 8)
#define PM_OFF          (1 << 13)       /* SLP_EN, SLP_TYP 0: S5 in QEMU */
#define GED_EVENTS      0xfea00000
#define GED_BUTTON      (1 << 1)
#define GED_SLEEP       0xfea00200
#define GED_OFF         0x34            /* SLP_EN, SLP_TYP 5 */

#define LAPIC_SPURIOUS  0xfee000f0
#define LAPIC_LINT0     0xfee00350

#define MB_MAGIC        0x1badb002
#define MB_FLAGS        0
#define MB_CMDLINE      16              /* Offset in the information. */
#define PVH_CMDLINE     24              /* Offset in hvm_start_info. */

        .section .note.PVH, "a", @note
        .long 4, 4, 18                  /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz "Xen"
        .long pvh_start

        .text
        .align 4
        .long MB_MAGIC, MB_FLAGS, -(MB_MAGIC + MB_FLAGS)

        .globl _start
_start:                                 /* By multiboot: ebx, information. */
        movl MB_CMDLINE(%ebx), %esi
        testl $4, (%ebx)                /* Is there a command line? */
        jnz start
        movl $empty, %esi
        jmp start
pvh_start:                              /* By PVH: ebx, hvm_start_info. */
        movl PVH_CMDLINE(%ebx), %esi
start:
        cli
        cld
        movl $stack_top, %esp
        movl %esi, %ebp                 /* The command line, from here on. */
        lgdt gdt_pointer
        ljmp $8, $1f
1:      movw $16, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        call setup_interrupts
        call setup_serial
        call setup_button

        movl $hello, %esi
        call print
        movl $word_triple, %edi
        call cmdline_has
        je triple
        movl $word_poweroff, %edi
        call cmdline_has
        je power_off
        movl $word_flood, %edi
        call cmdline_has
        je flood

        sti
loop:   call echo
        call button
        hlt
        jmp loop

flood:  movl $hello, %esi
        call print
        call button
        jmp flood

triple: lidt empty_idt
        int3

/* Every interrupt does nothing but wake 'hlt'.  Open are the timer, so that
 * the button is polled 18 times a second, and COM1. */
setup_interrupts:
        movl $idt, %edi
        movl $256, %ecx
1:      movl $handler, %eax
        movw %ax, (%edi)
        movw $8, 2(%edi)
        movw $0x8e00, 4(%edi)           /* Present, 32-bit interrupt gate. */
        shrl $16, %eax
        movw %ax, 6(%edi)
        addl $8, %edi
        loop 1b
        lidt idt_pointer
        movl $0x1ff, LAPIC_SPURIOUS     /* On, vector 255. */
        movl $0x700, LAPIC_LINT0        /* The 8259 comes through. */
        movl $pic_setup, %esi
        jmp out_table
handler:
        pushl %eax
        movb $0x20, %al                 /* End of interrupt. */
        outb %al, $0x20
        popl %eax
        iret

setup_serial:
        movl $serial_setup, %esi

/* Writes the table of (port, byte) at esi, which ends in port 0. */
out_table:
        lodsw
        movw %ax, %dx
        testw %ax, %ax
        jz 1f
        lodsb
        outb %al, %dx
        jmp out_table
1:      ret

/* A machine without PM1 is a microvm: its reads give all ones. */
setup_button:
        movw $PM1_CONTROL, %dx
        inw %dx, %ax
        cmpw $0xffff, %ax
        sete is_microvm
        movw $PM1_ENABLE, %dx
        movw $PM_BUTTON, %ax
        outw %ax, %dx
        ret

/* Has the button been pressed, and do we care? */
button: movl $word_deaf, %edi
        call cmdline_has
        je 2f
        cmpb $0, is_microvm
        jne 1f
        movw $PM1_STATUS, %dx
        inw %dx, %ax
        testw $PM_BUTTON, %ax
        jnz pressed
        ret
1:      testl $GED_BUTTON, GED_EVENTS
        jnz pressed
2:      ret
pressed:
        movl $goodbye, %esi
        call print

power_off:
        movw $COM1 + 5, %dx
1:      inb %dx, %al
        testb $0x40, %al                /* All sent? */
        jz 1b
        movw $PM1_CONTROL, %dx
        movw $PM_OFF, %ax
        outw %ax, %dx
        cmpb $0, is_microvm
        je 2f
        movb $GED_OFF, GED_SLEEP
2:      cli
        hlt
        jmp 2b

/* Prints the text at esi. */
print:  lodsb
        testb %al, %al
        jz 1f
        call put
        jmp print
1:      ret

put:    movb %al, %ah
        movw $COM1 + 5, %dx
1:      inb %dx, %al
        testb $0x20, %al                /* Room for a byte? */
        jz 1b
        movb %ah, %al
        movw $COM1, %dx
        outb %al, %dx
        ret

/* Sends back all that has been typed; a return as a new line. */
echo:   movw $COM1 + 5, %dx
        inb %dx, %al
        testb $1, %al
        jz 2f
        movw $COM1, %dx
        inb %dx, %al
        cmpb $4, %al                    /* ^D */
        je pressed
        cmpb $'\r', %al
        jne 1f
        call put
        movb $'\n', %al
1:      call put
        jmp echo
2:      ret

/* Sets ZF if the word at edi is in the command line.  (Anywhere: the words
 * are not parts of each other, nor of file names in the tests.) */
cmdline_has:
        movl %ebp, %esi
1:      movl %edi, %ebx
        movl %esi, %ecx
2:      movb (%ebx), %al
        testb %al, %al
        jz 3f                           /* All of the word was there: ZF. */
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
idt_pointer:
        .word 256 * 8 - 1
        .long idt
empty_idt:
        .word 0
        .long 0

        .macro port number, value
        .word \number
        .byte \value
        .endm
pic_setup:                              /* Vectors 0x20 and up. */
        port 0x20, 0x11
        port 0xa0, 0x11
        port 0x21, 0x20
        port 0xa1, 0x28
        port 0x21, 0x04
        port 0xa1, 0x02
        port 0x21, 0x01
        port 0xa1, 0x01
        port 0x21, 0xee                 /* All masked but 0 and 4. */
        port 0xa1, 0xff
        port 0x43, 0x34                 /* The timer: as slow as it gets. */
        port 0x40, 0
        port 0x40, 0
        .word 0
serial_setup:                           /* 115200 8n1, FIFO, interrupts. */
        port COM1 + 3, 0x80
        port COM1, 1
        port COM1 + 1, 0
        port COM1 + 3, 3
        port COM1 + 2, 7
        port COM1 + 4, 0x0b
        port COM1 + 1, 1
        .word 0

hello:  .ascii "hvctl tiny guest: hello\r\n"
empty:  .byte 0
goodbye:
        .asciz "hvctl tiny guest: goodbye\r\n"
word_deaf:
        .asciz "deaf"
word_poweroff:
        .asciz "poweroff"
word_flood:
        .asciz "flood"
word_triple:
        .asciz "triple"

        .bss
        .align 8
idt:    .skip 256 * 8
        .skip 4096
stack_top:
is_microvm:
        .skip 1

        .section .note.GNU-stack, "", @progbits
