/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The group "cloud-hypervisor": part of the table in groups.c, which includes
 * this.  Measured with v53.0 and a later one: boot, reboot, pause, hotplug,
 * resizing, saving and restoring, raw and qcow2 images, block devices, taps,
 * serial port, each in its jail, and with a Linux guest that has the drivers
 * (tests/lab).  Its own filters (vmm/src/seccomp_filters.rs,
 * virtio-devices/src/seccomp_filters.rs) were reviewed, too.  Calls that they
 * have and this group does not:
 *
 *   connect, socket of the internet, netlink    vhost-user, migration
 *   userfaultfd and its ioctls                  migration
 *   landlock_*                                  --landlock
 *   getdents64, readlink, access, stat, statfs, unlink, pipe2, getuid, mbind,
 *   memfd_create, prlimit64                     ENOSYS, which it tolerates
 *   io_uring_*                                  ENOSYS: it uses the kernel's
 *                                               asynchronous I/O instead
 *   sched_setaffinity                           hvctl pins, from outside
 *   setsid, getpgid, wait4, kill, TIOC*         a pty as console
 *   SIOC*, FIOCLEX                              a tap that it creates itself
 *   VFIO_*, VHOST_*, IOMMU_*, MSHV_*            devices of the host; Hyper-V
 *   KVM_MEMORY_ENCRYPT_OP, KVM_SEV_*, KVM_SET_MEMORY_ATTRIBUTES,
 *   KVM_CREATE_GUEST_MEMFD                      confidential guests
 *   KVM_SET_GUEST_DEBUG, KVM_TRANSLATE          --gdb
 *   KVM_GET_MSR_FEATURE_INDEX_LIST              a processor other than the
 *                                               host's
 *   timerfd of other clocks, mlock2, munlock    watchdog, pvmemcontrol
 *
 * When the guest reboots it recreates its machine: a KVM virtual machine,
 * threads with a filter each, a socket for the serial port, open images.  So
 * it may always make calls that others may only make while they start.  The
 * files that it opens then are brokered (supervisor/brokered.c), and so is
 * bind(). */

#include <time.h>

/* SIGRTMIN of glibc and of musl: stops a processor. */
#define VCPU_SIGNAL 34
#define VCPU_SIGNAL_MUSL 35
#define SCHED_CORE 62 /* PR_SCHED_CORE, Linux 5.14 */

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
    RAISE (WHY ("stops a processor"), VCPU_SIGNAL, VCPU_SIGNAL_MUSL),

    /* Control channel and serial port. */
    { CALL (sendto), WHY ("answers on its API socket") },
    { CALL (recvfrom), WHY ("signals of its own, by a pair of sockets") },
    { CALL (ioctl), ONE_OF (1, FIONBIO), WHY ("of who connects") },
    { CALL (shutdown), WHY ("of a serial port's client") },
    { CALL (listen), WHY ("serial port: bound as brokered.c does it") },
    { CALL (socket), ONE_OF (0, AF_UNIX), STARTUP,
      WHY ("serial port; brokered.c lets streams through, at all times") },
    { CALL (bind), STARTUP, WHY ("serial port; brokered.c answers, always") },

    /* Disks and NICs. */
    { CALL (io_destroy), WHY ("probes asynchronous I/O; the end of a disk") },
    { CALL (ioctl), ONE_OF (1, BLKIOMIN, BLKIOOPT), WHY ("of a block device") },
    { CALL (dup), WHY ("of a tap, at each boot") },
    { CALL (ioctl), ONE_OF (1, TUNSETIFF),
      WHY ("of a tap that is one: EEXIST, and it goes on") },

    { CALL (timerfd_create), EXACTLY (0, CLOCK_MONOTONIC),
      WHY ("of each NIC, when the guest's driver starts") },
    { CALL (timerfd_settime), ONE_OF (1, 0),
      WHY ("says once more where the guest is, after it was restored") },

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
