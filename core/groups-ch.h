/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The group "cloud-hypervisor": part of the table in groups.c, which includes
 * this.  Measured with v53.0: boot, reboot, pause, hot-plug, resizing, saving
 * and going on, raw and qcow2 images, block devices, taps, serial port, each in
 * its jail.
 *
 * When the guest reboots it makes its machine anew: a virtual machine of KVM's,
 * threads with a filter each, a socket for the serial port, open images.  So
 * these are for always what others may only while they start.  What it may
 * open then is lent (supervisor/lend.c), and so is bind(). */

#define VCPU_SIGNAL 34 /* SIGRTMIN as glibc has it: stops a processor. */
#define SCHED_CORE 62  /* PR_SCHED_CORE, Linux 5.14 */

static const struct call_rule cloud_hypervisor[] = {
    { CALL (umask), STARTUP, WHY ("first of all, 077") },
    { CALL (dup2), REFUSED,
      WHY ("makes room for descriptors: it may do without") },

    /* Threads. */
    { CALL (sigaltstack), WHY ("of each thread") },
    { CALL (rt_sigaction), WHY ("of VCPU_SIGNAL, with each processor") },
    { CALL (seccomp), WHY ("of each thread; it can only narrow") },
    { CALL (prctl), ONE_OF (0, PR_SET_NO_NEW_PRIVS, SCHED_CORE),
      WHY ("before a filter; no two VMs on the threads of one core") },
    { CALL (tgkill), ONE_OF (2, VCPU_SIGNAL) },

    /* Control channel and serial port. */
    { CALL (sendto), WHY ("answers on its API socket") },
    { CALL (recvfrom), WHY ("signals of its own, by a pair of sockets") },
    { CALL (ioctl), ONE_OF (1, FIONBIO), WHY ("of who connects") },
    { CALL (shutdown), WHY ("of a serial port's client") },
    { CALL (listen), WHY ("serial port: bound as lend.c does it") },
    { CALL (socket), ONE_OF (0, AF_UNIX), STARTUP,
      WHY ("serial port; lend.c lets streams through, at all times") },
    { CALL (bind), STARTUP, WHY ("serial port; lend.c answers, always") },

    /* Disks and NICs. */
    { CALL (io_destroy), WHY ("probes asynchronous I/O; the end of a disk") },
    { CALL (ioctl), ONE_OF (1, BLKIOMIN, BLKIOOPT), WHY ("of a block device") },
    { CALL (dup), WHY ("of a tap, at each boot") },
    { CALL (ioctl), ONE_OF (1, TUNSETIFF),
      WHY ("of a tap that is one: EEXIST, and it goes on") },

    /* A new machine. */
    { CALL (ioctl),
      ONE_OF (1, KVM_GET_API_VERSION, KVM_CREATE_VM, KVM_CREATE_IRQCHIP,
              KVM_GET_VCPU_MMAP_SIZE, KVM_CREATE_DEVICE, KVM_GET_DEVICE_ATTR,
              KVM_HAS_DEVICE_ATTR,
#ifdef __x86_64__
              KVM_CREATE_PIT2, KVM_GET_MSR_INDEX_LIST, KVM_GET_SUPPORTED_CPUID,
              KVM_SET_IDENTITY_MAP_ADDR, KVM_SET_TSS_ADDR,
#endif
#ifdef __aarch64__
              KVM_ARM_PREFERRED_TARGET,
#endif
              KVM_CREATE_VCPU),
      WHY ("at each reboot of the guest") },
};
