/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The group "kvm": part of the table in groups.c, which includes this.  The
 * requests are those that QEMU's accel/kvm and target/{i386,arm}/kvm make for
 * a plain virtual machine: no device assignment, no SEV, no Xen, no Hyper-V
 * events, no debugging of the guest. */

/* Requests made once for each processor; KVM_GET_DEVICE_ATTR of KVM itself:
 * which XSAVE states a guest may use (QEMU 7.1). */
static const struct call_rule kvm_cpus[] = {
    { CALL (ioctl), ONE_OF (1,
#ifdef __x86_64__
                            KVM_X86_GET_MCE_CAP_SUPPORTED, KVM_GET_DEVICE_ATTR,
#endif
#ifdef __aarch64__
                            KVM_ARM_PREFERRED_TARGET,
#endif
                            KVM_GET_VCPU_MMAP_SIZE) },
};

static const struct call_rule kvm[] = {
    RAISE (WHY ("kick of a processor thread"), SIGUSR1),
    { CALL (uname), STARTUP },
#ifdef __x86_64__
    /* ARCH_GET_XCOMP_SUPP to ARCH_REQ_XCOMP_GUEST_PERM, Linux 5.17;
     * kvm_request_xsave_components() of QEMU 7.0. */
    { CALL (arch_prctl), ONE_OF (0, 0x1021, 0x1022, 0x1023, 0x1024, 0x1025),
      STARTUP, WHY ("-cpu host on processors with AMX") },
#endif
    { CALL (ioctl),
      ONE_OF (1, KVM_GET_API_VERSION, KVM_CREATE_VM, KVM_CREATE_IRQCHIP,
              KVM_GET_VCPU_MMAP_SIZE, KVM_CREATE_DEVICE, KVM_GET_DEVICE_ATTR,
              KVM_HAS_DEVICE_ATTR,
#ifdef __x86_64__
              KVM_CREATE_PIT2, KVM_GET_MSR_INDEX_LIST,
              KVM_GET_MSR_FEATURE_INDEX_LIST, KVM_GET_SUPPORTED_CPUID,
              KVM_GET_SUPPORTED_HV_CPUID, KVM_SET_IDENTITY_MAP_ADDR,
              KVM_SET_TSS_ADDR, KVM_X86_GET_MCE_CAP_SUPPORTED,
              KVM_X86_SET_MSR_FILTER, KVM_SET_PMU_EVENT_FILTER,
              KVM_REINJECT_CONTROL,
#endif
#ifdef __aarch64__
              KVM_ARM_PREFERRED_TARGET,
#endif
              KVM_SET_BOOT_CPU_ID),
      STARTUP, WHY ("the machine is made once") },
    { CALL (ioctl),
      ONE_OF (1, KVM_CHECK_EXTENSION, KVM_CREATE_VCPU, KVM_RUN,
              KVM_SET_USER_MEMORY_REGION,
              0x40a0ae49 /* KVM_SET_USER_MEMORY_REGION2, QEMU 9 */,
              KVM_REGISTER_COALESCED_MMIO, KVM_UNREGISTER_COALESCED_MMIO,
              KVM_GET_DIRTY_LOG, KVM_CLEAR_DIRTY_LOG, KVM_RESET_DIRTY_RINGS,
              KVM_ENABLE_CAP, KVM_IOEVENTFD, KVM_IRQFD, KVM_IRQ_LINE,
              KVM_IRQ_LINE_STATUS, KVM_SET_GSI_ROUTING, KVM_SIGNAL_MSI,
              KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS,
              KVM_GET_FPU, KVM_SET_FPU, KVM_GET_MP_STATE, KVM_SET_MP_STATE,
              KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, KVM_GET_ONE_REG,
              KVM_SET_ONE_REG, KVM_SET_SIGNAL_MASK, KVM_SET_DEVICE_ATTR,
              KVM_GET_STATS_FD,
#ifdef __x86_64__
              KVM_GET_IRQCHIP, KVM_SET_IRQCHIP, KVM_GET_PIT2, KVM_SET_PIT2,
              KVM_GET_CLOCK, KVM_SET_CLOCK, KVM_KVMCLOCK_CTRL, KVM_GET_TSC_KHZ,
              KVM_SET_TSC_KHZ, KVM_GET_MSRS, KVM_SET_MSRS, KVM_SET_CPUID2,
              KVM_GET_CPUID2, KVM_GET_LAPIC, KVM_SET_LAPIC, KVM_GET_XSAVE,
              KVM_GET_XSAVE2, KVM_SET_XSAVE, KVM_GET_XCRS, KVM_SET_XCRS,
              KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, KVM_GET_SREGS2,
              KVM_SET_SREGS2, KVM_GET_NESTED_STATE, KVM_SET_NESTED_STATE,
              KVM_X86_SETUP_MCE, KVM_X86_SET_MCE, KVM_TPR_ACCESS_REPORTING,
              KVM_SET_VAPIC_ADDR, KVM_INTERRUPT, KVM_SMI, KVM_NMI,
#endif
#ifdef __aarch64__
              KVM_ARM_VCPU_INIT, KVM_ARM_VCPU_FINALIZE, KVM_GET_REG_LIST,
#endif
              KVM_SET_ONE_REG) },
};
