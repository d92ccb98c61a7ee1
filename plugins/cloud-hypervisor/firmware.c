/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finds firmware for cloud-hypervisor: edk2's CLOUDHV.fd or Rust Hypervisor
 * Firmware.
 *
 * On x86_64 firmware is loaded as a kernel is, so it must be a 64-bit ELF file
 * with a PVH note (linux-loader, src/loader/elf): the ordinary OVMF_CODE.fd,
 * an image of a flash chip, is not. */

#include "plugins/cloud-hypervisor/ch.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"

#define PVH_ENTRY 18 /* XEN_ELFNOTE_PHYS32_ENTRY, xen/elfnote.h */
#define MAX_NOTES 65536

static const struct place {
    const char *arch, *path, *description;
} places[] = {
    { "x86_64", "/usr/share/cloud-hypervisor/CLOUDHV.fd",
      "edk2 for cloud-hypervisor" },
    /* The upstream packages have that name on amd64, too. */
    { "x86_64", "/usr/share/cloud-hypervisor/CLOUDHV_EFI.fd",
      "edk2 for cloud-hypervisor" },
    { "x86_64", "/usr/share/cloud-hypervisor/hypervisor-fw",
      "Rust Hypervisor Firmware" },
    { "aarch64", "/usr/share/cloud-hypervisor/CLOUDHV_EFI.fd",
      "edk2 for cloud-hypervisor" },
};

static uint64_t
padded (uint64_t size)
{
    return (size + 3) & ~(uint64_t)3;
}

static bool
has_pvh_note (const unsigned char *notes, size_t size)
{
    for (size_t at = 0; at + sizeof (Elf64_Nhdr) <= size;) {
        Elf64_Nhdr note;
        const unsigned char *name = notes + at + sizeof note;
        uint64_t whole;

        memcpy (&note, notes + at, sizeof note);
        whole = sizeof note + padded (note.n_namesz) + padded (note.n_descsz);
        if (whole > size - at) {
            return false;
        }
        if (note.n_type == PVH_ENTRY && note.n_namesz == 4
            && !memcmp (name, "Xen", 4) && note.n_descsz >= 4) {
            return true;
        }
        at += whole;
    }
    return false;
}

/* Returns a reason why the file cannot be booted, or null. */
static const char *
find_note (int fd, const Elf64_Ehdr *head)
{
    for (unsigned i = 0; i < head->e_phnum; i++) {
        unsigned char notes[MAX_NOTES];
        Elf64_Phdr segment;
        ssize_t n;

        if (pread (fd, &segment, sizeof segment,
                   (off_t)(head->e_phoff + i * sizeof segment))
            != sizeof segment) {
            return "it is a truncated ELF file";
        }
        if (segment.p_type != PT_NOTE) {
            continue;
        }
        n = pread (fd, notes,
                   segment.p_filesz < MAX_NOTES ? segment.p_filesz : MAX_NOTES,
                   (off_t)segment.p_offset);
        if (n > 0 && has_pvh_note (notes, (size_t)n)) {
            return NULL;
        }
    }
    return "it is an ELF file without a PVH note";
}

static const char *
why_not_pvh (int fd)
{
    Elf64_Ehdr head = { .e_phoff = 0 };

    if (pread (fd, &head, sizeof head, 0) != sizeof head
        || memcmp (head.e_ident, ELFMAG, SELFMAG)) {
        return "it is not an ELF file: firmware for QEMU (OVMF_CODE.fd) does "
               "not work here";
    }
    if (head.e_ident[EI_CLASS] != ELFCLASS64
        || head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_machine != EM_X86_64
        || head.e_phentsize != sizeof (Elf64_Phdr)) {
        return "it is not a 64-bit ELF file for x86_64";
    }
    return find_note (fd, &head);
}

/* Returns a reason why the file is not firmware for cloud-hypervisor, or
 * null. */
static const char *
fault (struct hv_ctx *ctx, const char *arch, const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return hv_format (ctx, "it cannot be opened: %m");
    }
    if (!S_ISREG (st.st_mode) || st.st_size == 0) {
        return "it is not a file, or is empty";
    }
    /* On Arm it is a plain image, which cannot be checked. */
    return !strcmp (arch, "x86_64") ? why_not_pvh (fd) : NULL;
}

static void
fill_in (const char *path, const char *description,
         struct hv_firmware_image *out)
{
    out->mapping = HV_MAP_KERNEL;
    out->code = path;
    out->code_format = "raw";
    out->description = description;
}

static int
find_own (struct hv_ctx *ctx, const char *arch, const char *path,
          struct hv_firmware_image *out)
{
    const char *why =
        *path == '/' ? fault (ctx, arch, path) : "it is not an absolute path";

    if (why) {
        return hv_fail (ctx, EINVAL, "firmware = '%s' cannot be used: %s", path,
                        why);
    }
    fill_in (path, "as configured", out);
    return 0;
}

static int
ch_find (struct hv_ctx *ctx, const struct hv_firmware_want *want,
         struct hv_firmware_image *out)
{
    const char *own = hv_option (ctx, NULL, "firmware"), *reasons = "";

    if (strcmp (want->hypervisor, "cloud-hypervisor")) {
        return hv_fail (ctx, ENOENT,
                        "it is for cloud-hypervisor, but the hypervisor is %s",
                        want->hypervisor);
    }
    if (!want->uefi || want->secure_boot) {
        return hv_fail (ctx, ENOTSUP,
                        "firmware for cloud-hypervisor is UEFI without secure "
                        "boot");
    }
    if (own) {
        return find_own (ctx, want->arch, own, out);
    }
    for (size_t i = 0; i < ARRAY_SIZE (places); i++) {
        const struct place *p = &places[i];
        const char *why;

        if (strcmp (p->arch, want->arch) || access (p->path, F_OK) < 0) {
            continue;
        }
        why = fault (ctx, want->arch, p->path);
        if (!why) {
            fill_in (p->path, p->description, out);
            return 0;
        }
        reasons = hv_format (ctx, "%s; not %s: %s", reasons, p->path, why);
    }
    return hv_fail (ctx, ENOENT,
                    "there is no firmware for cloud-hypervisor on %s: put "
                    "edk2's CLOUDHV.fd into /usr/share/cloud-hypervisor, or "
                    "set 'firmware' in the section of the plugin%s",
                    want->arch, reasons);
}

static int
ch_list (struct hv_ctx *ctx, struct hv_list *out)
{
    const char *own = hv_option (ctx, NULL, "firmware");

    if (own) {
        hv_add (ctx, out, own, "as configured");
    }
    for (size_t i = 0; i < ARRAY_SIZE (places); i++) {
        if (access (places[i].path, F_OK) == 0
            && arch_is_host (places[i].arch)) {
            const char *why = fault (ctx, places[i].arch, places[i].path);

            hv_add (ctx, out, places[i].path,
                    why ? hv_format (ctx, "unusable: %s", why)
                        : places[i].description);
        }
    }
    return 0;
}

const struct hv_firmware ch_firmware = {
    .size = sizeof ch_firmware,
    .find = ch_find,
    .list = ch_list,
};
