/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/common/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include "common/cleanup.h"

const char *
kvm_missing (struct hv_ctx *ctx)
{
    CLEANUP_CLOSE int fd = open ("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT
                   ? "/dev/kvm does not exist: load the module kvm_intel or "
                     "kvm_amd, or enable virtualization in the firmware"
               : errno == EACCES ? "cannot open /dev/kvm: Permission denied; "
                                   "add yourself to group kvm"
                                 : hv_format (ctx, "cannot open /dev/kvm: %m");
    }
    return ioctl (fd, KVM_GET_API_VERSION, 0) == KVM_API_VERSION
               ? NULL
               : "/dev/kvm is not the KVM device";
}
