/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* firmware-qemu: finds firmware by the descriptor files that come with it, as
 * QEMU's docs/interop/firmware.json has it.  Of all that descriptor.c finds,
 * sorted by name, the first that fits is taken. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "hvctl/plugin.h"
#include "plugins/firmware-qemu/descriptor.h"

static const struct hv_key plugin_keys[] = {
    { "path", HV_PATHS, NULL,
      "directories of descriptor files, separated by colons, the most specific "
      "last; default: QEMU's",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

/* The required quality, best first: firmware that keeps its variables is
 * preferred, since firmware that does not (without a store for them, or for
 * confidential guests) is of little use to others; then by how strictly it
 * works without Secure Boot, if that is not requested. */
enum pass {
    WITHOUT_SECURE_BOOT,
    WITHOUT_KEYS,
    STATELESS_WITHOUT_SECURE_BOOT,
    STATELESS_WITHOUT_KEYS,
    PASSES
};

/* ------------------------------------------------------------ Matching */

static bool
is_for_target (struct json_object *j, const struct hv_firmware_want *want)
{
    struct json_object *targets = json_member (j, "targets", json_type_array);

    for (size_t i = 0; i < json_object_array_length (targets); i++) {
        struct json_object *t = json_object_array_get_idx (targets, i);
        struct json_object *machines =
            json_member (t, "machines", json_type_array);
        const char *arch = get_string (t, "architecture");
        size_t n = machines ? json_object_array_length (machines) : 0;

        if (!arch || strcmp (arch, want->arch) != 0) {
            continue;
        }
        for (size_t k = 0; k < n; k++) {
            const char *glob = json_object_get_string (
                json_object_array_get_idx (machines, k));

            if (glob && !fnmatch (glob, want->machine, 0)) {
                return true;
            }
        }
    }
    return false;
}

static bool
has_features (struct json_object *j, const struct hv_firmware_want *want,
              enum pass pass)
{
    bool secure_boot = has_word (j, "features", "secure-boot");
    bool keys = has_word (j, "features", "enrolled-keys");

    /* It keeps its variables in a device that only QEMU 10.0 and newer have,
     * and that struct hv_firmware_image cannot describe. */
    if (has_word (j, "features", "host-uefi-vars")) {
        return false;
    }
    if (want->secure_boot) {
        return secure_boot && keys;
    }
    /* Without keys Secure Boot is supported, but enforces nothing. */
    return pass == WITHOUT_SECURE_BOOT || pass == STATELESS_WITHOUT_SECURE_BOOT
               ? !secure_boot
               : !keys;
}

static bool
has_variables (struct json_object *j)
{
    struct json_object *mapping = json_member (j, "mapping", json_type_object);

    return json_member (mapping, "nvram-template", json_type_object) != NULL;
}

static const char *
missing_file (struct hv_ctx *ctx, const char *path)
{
    return path[0] != '/' ? hv_format (
               ctx, "it names '%s', which is not an absolute path", path)
           : access (path, F_OK) < 0
               ? hv_format (ctx, "it names %s, which does not exist", path)
               : NULL;
}

/* Copies a file name and format; returns a reason why that is not possible, or
 * null. 'optional': it may be missing. */
static const char *
copy_file (struct hv_ctx *ctx, struct json_object *mapping, const char *key,
           bool optional, const char **path, const char **format)
{
    struct json_object *file = json_member (mapping, key, json_type_object);
    const char *name = get_string (file, "filename");
    const char *its_format = get_string (file, "format");

    if (!name) {
        return optional ? NULL : hv_format (ctx, "it names no '%s'", key);
    }
    *path = hv_format (ctx, "%s", name);
    *format = hv_format (ctx, "%s", its_format ? its_format : "raw");
    if (strcmp (*format, "raw") != 0 && strcmp (*format, "qcow2") != 0) {
        return hv_format (ctx, "its '%s' has format '%s'", key, *format);
    }
    return missing_file (ctx, name);
}

static const char *
copy_flash (struct hv_ctx *ctx, struct json_object *mapping,
            struct hv_firmware_image *out)
{
    const char *mode = get_string (mapping, "mode");
    bool stateless = mode && !strcmp (mode, "stateless");
    const char *fault;

    /* "combined" is one image, code and variables, that the guest writes:
     * struct hv_firmware_image cannot describe that, and nobody ships it. */
    if (mode && !stateless && strcmp (mode, "split") != 0) {
        return hv_format (ctx, "its flash has mode '%s'", mode);
    }
    out->mapping = HV_MAP_FLASH;
    fault = copy_file (ctx, mapping, "executable", false, &out->code,
                       &out->code_format);
    if (fault || stateless) {
        return fault;
    }
    return copy_file (ctx, mapping, "nvram-template", false,
                      &out->vars_template, &out->vars_format);
}

/* Copies a descriptor to 'out'; returns why it is not usable, or null. */
static const char *
copy_image (struct hv_ctx *ctx, struct json_object *j,
            struct hv_firmware_image *out)
{
    struct json_object *mapping = json_member (j, "mapping", json_type_object);
    const char *device = get_string (mapping, "device");
    const char *description = get_string (j, "description");
    const char *file;

    memset (out, 0, sizeof *out);
    out->smm = has_word (j, "features", "requires-smm");
    out->secure = out->smm && has_word (j, "features", "secure-boot");
    out->description =
        hv_format (ctx, "%s", description ? description : "firmware");
    if (!strcmp (device, "flash")) {
        return copy_flash (ctx, mapping, out);
    }
    if (strcmp (device, "kernel") != 0 && strcmp (device, "memory") != 0) {
        return hv_format (ctx, "it is for a device '%s'", device);
    }
    out->mapping = *device == 'k' ? HV_MAP_KERNEL : HV_MAP_MEMORY;
    file = get_string (mapping, "filename");
    if (!file) {
        return "it names no file";
    }
    out->code = hv_format (ctx, "%s", file);
    out->code_format = "raw";
    return missing_file (ctx, file);
}

/* ---------------------------------------------------------- Operations */

static int
not_found (struct hv_ctx *ctx, const struct hv_firmware_want *want,
           const char *unusable)
{
    static const struct {
        const char *arch, *packages;
    } packages[] = {
        { "x86_64", "ovmf (Debian, Ubuntu), edk2-ovmf (Fedora, Arch) or "
                    "qemu-ovmf-x86_64 (openSUSE)" },
        { "aarch64", "qemu-efi-aarch64 (Debian, Ubuntu), edk2-aarch64 "
                     "(Fedora, Arch) or qemu-uefi-aarch64 (openSUSE)" },
    };
    const char *bring = "the UEFI firmware of your distribution";

    for (size_t i = 0; i < ARRAY_SIZE (packages); i++) {
        if (!strcmp (want->arch, packages[i].arch)) {
            bring = packages[i].packages;
        }
    }
    return hv_fail (ctx, ENOENT,
                    "no UEFI firmware%s is described in %s for the machine "
                    "'%s' (%s)%s%s: install %s",
                    want->secure_boot ? " with Secure Boot and keys" : "",
                    descriptor_path (ctx), want->machine, want->arch,
                    unusable ? "; unusable: " : "", unusable ? unusable : "",
                    bring);
}

static int
firmware_find (struct hv_ctx *ctx, const struct hv_firmware_want *want,
               struct hv_firmware_image *out)
{
    struct json_object *descriptors[FILES_MAX] = { NULL };
    const char *unusable = NULL;
    const struct files *files;
    bool found = false;

    if (strcmp (want->hypervisor, "qemu") != 0) {
        return hv_fail (ctx, ENOTSUP, "this firmware is for qemu, not for %s",
                        want->hypervisor);
    }
    if (!want->uefi) {
        return hv_fail (ctx, ENOTSUP, "BIOS needs no firmware file");
    }
    files = descriptor_files (ctx);
    for (size_t i = 0; i < files->n; i++) {
        descriptors[i] = descriptor_read (ctx, files->entries[i].path);
    }
    for (int pass = 0; pass < PASSES && !found; pass++) {
        for (size_t i = 0; i < files->n && !found; i++) {
            struct json_object *j = descriptors[i];
            const char *fault;

            if (!j || !has_word (j, "interface-types", "uefi")
                || !is_for_target (j, want)
                || !has_features (j, want, (enum pass)pass)
                || (pass < STATELESS_WITHOUT_SECURE_BOOT
                    && !has_variables (j))) {
                continue;
            }
            fault = copy_image (ctx, j, out);
            found = !fault;
            if (fault) {
                unusable = hv_format (ctx, "%s, since %s",
                                      files->entries[i].path, fault);
                hv_log (ctx, HV_INFO, "unusable: %s", unusable);
            }
        }
    }
    for (size_t i = 0; i < files->n; i++) {
        json_object_put (descriptors[i]);
    }
    return found ? 0 : not_found (ctx, want, unusable);
}

static int
firmware_list (struct hv_ctx *ctx, struct hv_list *out)
{
    const struct files *files = descriptor_files (ctx);

    for (size_t i = 0; i < files->n; i++) {
        CLEANUP_JSON struct json_object *j =
            descriptor_read (ctx, files->entries[i].path);

        if (j) {
            hv_add (ctx, out, files->entries[i].path,
                    get_string (j, "description"));
        }
    }
    return 0;
}

static const struct hv_firmware firmware = {
    .size = sizeof firmware,
    .find = firmware_find,
    .list = firmware_list,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "firmware-qemu",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "finds UEFI firmware by QEMU's descriptor files",
    .keys = plugin_keys,
    .firmware = &firmware,
};
