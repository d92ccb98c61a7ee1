/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A guest for the real cloud-hypervisor, as tests/guest/tiny.S is for QEMU.
 * It says hello, and does what its command line says:
 *
 *   wait      (default) powers off when the power button is pressed, and lets
 *             go of each PCI device that is to be unplugged
 *   count     the same, and says numbers, "count 0000002a", some each second
 *   deaf      does nothing of all that
 *   poweroff  powers off
 *   triple    resets the machine, and so on for ever
 *
 * 32-bit code in a 64-bit ELF file: that is what the loader takes, and where
 * PVH enters (Xen, docs/misc/pvh.pandoc).  Events are those of the ACPI GED;
 * whatever else could interrupt is not set up, so that any request for an
 * interrupt is one.  Which it is tells its register, the operation region GDST
 * (devices/src/acpi.rs); which PCI devices are to go tells PCST, where they are
 * ejected, too (vmm/src/device_manager.rs).  Where those are is looked up in
 * the DSDT, as text, for there is no interpreter here: at the end of 46 bits of
 * addresses, so that it needs paging to reach them.  Ports: devices/src/acpi.rs
 * (0x600, SLEEP_CONTROL, S5 is 5), the reset is the keyboard controller's. */

#define COM1            0x3f8
#define SLEEP_CONTROL   0x600
#define POWER_OFF       0x34            /* SLP_EN, SLP_TYP 5 */
#define IOAPIC          0xfec00000
#define LAPIC_SPURIOUS  0xfee000f0
#define LAPIC_REQUESTS  0xfee00210      /* IRR, vectors 32 to 63. */
#define VECTOR          0x30
#define VECTOR_BIT      (1 << (VECTOR - 32))

#define CMDLINE         24              /* Offsets in hvm_start_info, */
#define RSDP            32
#define RSDP_XSDT       24              /* and in tables of ACPI 6.4, 5.2. */
#define TABLE_LENGTH    4
#define TABLE_ENTRIES   36
#define FADT_DSDT       40
#define FADT_X_DSDT     140
#define OP_REGION       0x805b          /* 20.2.5.2 */
#define DWORD_PREFIX    0x0c
#define QWORD_PREFIX    0x0e

#define WINDOWS         0x80000000      /* Where they are seen: no RAM. */
#define LARGE_PAGE      0x83            /* Present, writable, 2 MiB. */
#define UNCACHED        0x10

#define EVENT_PCI       (1 << 2)        /* AcpiNotificationFlags */
#define EVENT_BUTTON    (1 << 3)
#define PCI_DOWN        4               /* In PCST: PCID, */
#define PCI_EJECT       8               /* and B0EJ. */

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
        movl RSDP(%ebx), %esi
        lgdt gdt_pointer
        ljmp $8, $1f
1:      movw $16, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        call set_up_paging
        call find_registers
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
loop:   movl $4096, %ecx
1:      pause
        decl %ecx
        jnz 1b
        call count
        testl $VECTOR_BIT, LAPIC_REQUESTS
        jz loop
        movl ged, %edx
        testl %edx, %edx                /* Not found: it is the button. */
        jz pressed
        movb (%edx), %bl                /* And forgets them. */
        testb $EVENT_BUTTON, %bl
        jnz pressed
        testb $EVENT_PCI, %bl
        jz loop
        movl pci, %edx
        movl PCI_DOWN(%edx), %eax
        testl %eax, %eax                /* One came: that needs a driver. */
        jz loop
        movl %eax, PCI_EJECT(%edx)
        movl $ejected, %esi
        call print
        jmp loop
pressed:
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

/* Every address is itself.  The tables are those of 64 bits: the KVM of some
 * nested machines knows no others. */
set_up_paging:
        movl $directories, %edi
        movl $LARGE_PAGE, %eax
        movl $4 * 512, %ecx
1:      movl %eax, (%edi)
        movl $0, 4(%edi)
        addl $8, %edi
        addl $0x200000, %eax
        decl %ecx
        jnz 1b
        movl $pointers + 3, level4
        movl $directories + 3, %eax
        movl $pointers, %edi
        movl $4, %ecx
2:      movl %eax, (%edi)
        movl $0, 4(%edi)
        addl $8, %edi
        addl $4096, %eax
        decl %ecx
        jnz 2b
        movl %cr4, %eax
        orl $0x20, %eax                 /* PAE */
        movl %eax, %cr4
        movl $level4, %eax
        movl %eax, %cr3
        movl $0xc0000080, %ecx          /* EFER */
        rdmsr
        orl $0x100, %eax                /* LME */
        wrmsr
        movl %cr0, %eax
        orl $0x80000000, %eax           /* PG */
        movl %eax, %cr0
        ret

/* Sets 'ged' and 'pci' to what the tables say, whose first one is at esi. */
find_registers:
        movl RSDP_XSDT(%esi), %esi
        movl TABLE_LENGTH(%esi), %ecx
        addl %esi, %ecx                 /* Its end. */
        addl $TABLE_ENTRIES, %esi
1:      cmpl %ecx, %esi
        jae 3f
        movl (%esi), %edi
        addl $8, %esi
        cmpl $0x50434146, (%edi)        /* "FACP", the FADT. */
        jne 1b
        movl FADT_X_DSDT(%edi), %esi
        testl %esi, %esi
        jnz 2f
        movl FADT_DSDT(%edi), %esi
2:      movl $0x54534447, %eax          /* "GDST" */
        movl $WINDOWS, %ebx
        call find_region
        movl %edi, ged
        movl $0x54534350, %eax          /* "PCST" */
        addl $0x200000, %ebx
        call find_region
        movl %edi, pci
3:      ret

/* Sets edi to where the operation region with the name in eax can be seen, in
 * the window at ebx; of the DSDT at esi.  Zero if there is none. */
find_region:
        movl TABLE_LENGTH(%esi), %ecx
        subl $TABLE_ENTRIES + 16, %ecx
        leal TABLE_ENTRIES(%esi), %edx
        xorl %edi, %edi
1:      cmpw $OP_REGION, (%edx)
        jne 2f
        cmpl %eax, 2(%edx)
        jne 2f
        cmpb $0, 6(%edx)                /* SystemMemory */
        jne 2f
        cmpb $DWORD_PREFIX, 7(%edx)
        je 4f
        cmpb $QWORD_PREFIX, 7(%edx)
        je 3f
2:      incl %edx
        decl %ecx
        jnz 1b
        ret
3:      movl 12(%edx), %edi             /* The upper half. */
4:      movl %ebx, %ecx
        shrl $18, %ecx                  /* 8 bytes for each 2 MiB. */
        movl %edi, directories + 4(%ecx)
        movl 8(%edx), %edi
        movl %edi, %eax
        andl $~0x1fffff, %eax
        orl $LARGE_PAGE | UNCACHED, %eax
        movl %eax, directories(%ecx)
        invlpg (%ebx)
        andl $0x1fffff, %edi
        addl %ebx, %edi
        ret

/* Says the next number, if it is told to and the last one was a while ago. */
count:  movl $word_count, %edi
        call cmdline_has
        jne 3f
        rdtsc
        shrdl $24, %edx, %eax           /* Some 150 of these are a second. */
        movl %eax, %edx
        subl last, %edx
        cmpl $8, %edx
        jb 3f
        movl %eax, last
        incl number
        movl $counting, %esi
        call print
        movl number, %ebx
        movl $8, %ecx
1:      roll $4, %ebx
        movb %bl, %al
        andb $15, %al
        addb $'0', %al
        cmpb $'9', %al
        jbe 2f
        addb $'a' - '0' - 10, %al
2:      movw $COM1, %dx
        outb %al, %dx
        decl %ecx
        jnz 1b
        movl $line_end, %esi
        call print
3:      ret

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
ejected:
        .asciz "hvctl tiny guest: lets go\r\n"
counting:
        .asciz "count "
line_end:
        .asciz "\r\n"
word_count:
        .asciz "count"
word_deaf:
        .asciz "deaf"
word_poweroff:
        .asciz "poweroff"
word_triple:
        .asciz "triple"

        .bss
        .align 4096
directories:
        .skip 4 * 4096
pointers:
        .skip 4096
level4: .skip 4096
        .skip 4096
stack_top:
ged:    .skip 4
pci:    .skip 4
last:   .skip 4
number: .skip 4

        .section .note.GNU-stack, "", @progbits
