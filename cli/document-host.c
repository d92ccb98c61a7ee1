/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Documents about the host, plugins and volumes. */
#include <stddef.h>

#include "cli/document.h"

static const struct member finding_members[] = {
    TEXT ("area", 0, "the part of the host"),
    TEXT ("check", 0, "what was checked"),
    WORD ("state", 0, "ok|degraded|absent|failed", "the result"),
    TEXT ("text", MEMBER_NULL, "the result as a sentence"),
    TEXT ("remedy", MEMBER_NULL, "what to do"),
    END_OF_MEMBERS,
};

static const struct member doctor_members[] = {
    OBJECTS ("findings", 0, finding_members, "all that was checked"),
    FLAG ("works", 0, "whether VMs can run"),
    NUMBER ("machines", 0, "number of hypervisors that passed every test"),
    NUMBER ("degraded", 0, "number of findings that are degraded"),
    END_OF_MEMBERS,
};

static const struct member plugin_list_members[] = {
    TEXT ("name", 0, "the plugin"),
    TEXT ("version", MEMBER_NULL, "its version"),
    TEXT ("provides", MEMBER_NULL, "hypervisor, network, storage, firmware"),
    TEXT ("status", 0, "ok, or why it is not used"),
    END_OF_MEMBERS,
};

static const struct member plugin_show_members[] = {
    TEXT ("name", 0, "the plugin"),
    TEXT ("path", 0, "its file"),
    TEXT ("status", 0, "ok, or why it is not used"),
    TEXT ("*", MEMBER_MAYBE, "a fact about the plugin"),
    END_OF_MEMBERS,
};

static const struct member version_members[] = {
    TEXT ("version", 0, "of hvctl"),
    NUMBER ("abi", 0, "the version of the interface for plugins"),
    TEXT ("plugindir", 0, "the directory of plugins"),
    END_OF_MEMBERS,
};

static const struct member gen_id_members[] = {
    TEXT ("uuid", 0, "a UUID"),
    END_OF_MEMBERS,
};

static const struct member gen_mac_members[] = {
    TEXT ("mac", 0, "a MAC address"),
    END_OF_MEMBERS,
};

static const struct member schema_members[] = {
    TEXT ("document", 0, "the argument for hvctl schema"),
    TEXT ("about", 0, "what prints it, or reads it"),
    END_OF_MEMBERS,
};

#define VOLUME TEXT ("pool", 0, "the pool"), TEXT ("name", 0, "the volume")

static const struct member volume_list_members[] = {
    VOLUME,
    NUMBER ("size", MEMBER_NULL, "its size, in bytes"),
    NUMBER ("allocated", MEMBER_NULL, "the space that it uses, in bytes"),
    TEXT ("path", MEMBER_NULL, "its file or block device"),
    TEXT ("error", MEMBER_NULL, "why it cannot be read"),
    END_OF_MEMBERS,
};

static const struct member volume_members[] = {
    VOLUME,
    TEXT ("snapshot", MEMBER_MAYBE, "the snapshot, if it was about one"),
    TEXT ("done", 0, "what was done"),
    END_OF_MEMBERS,
};

static const struct member stream_members[] = {
    VOLUME,
    TEXT ("done", 0, "what was done"),
    NUMBER ("bytes", 0, "the length of the stream"),
    END_OF_MEMBERS,
};

static const struct member volume_snapshots_members[] = {
    TEXT ("snapshot", 0, "its name"),
    NUMBER ("created", MEMBER_NULL, "when, in seconds since 1970"),
    END_OF_MEMBERS,
};

#define IMAGE                                                                  \
    TEXT ("name", 0, "its name"),                                              \
        NUMBER ("size", 0, "the size of the disk, in bytes"),                  \
        WORD ("verified", MEMBER_NULL, "sha256|signature|https",               \
              "what vouched for it when it was imported"),                     \
        TEXT ("sha256", 0, "the SHA-256 of the file that was imported"),       \
        TEXT ("source", 0, "where that file was"),                             \
        NUMBER ("imported", 0, "when, in seconds since 1970")
#define IMAGE_FILE                                                             \
    WORD ("format", 0, "raw|qcow2|vmdk|vdi|vhdx", "the format of that file"),  \
        TEXT ("path", 0, "its contents, as a raw image")
#define IMAGE_VOUCHER                                                          \
    TEXT ("vouched_by", MEMBER_NULL,                                           \
          "the URL of the checksum or signature that did"),                    \
        TEXT ("key", MEMBER_NULL, "the fingerprint of the key that signed it")
#define IMAGE_ALLOCATED                                                        \
    NUMBER ("allocated", 0, "the space that it uses, in bytes")

static const struct member image_import_members[] = {
    IMAGE,
    IMAGE_FILE,
    IMAGE_VOUCHER,
    FLAG ("unchanged", 0, "whether it was there already, and is up to date"),
    END_OF_MEMBERS,
};

static const struct member image_list_members[] = {
    IMAGE,
    IMAGE_ALLOCATED,
    END_OF_MEMBERS,
};

static const struct member image_info_members[] = {
    IMAGE,
    IMAGE_FILE,
    IMAGE_VOUCHER,
    IMAGE_ALLOCATED,
    TEXTS ("disks", 0, "the volumes that were made on it, and need it"),
    END_OF_MEMBERS,
};

static const struct member image_rm_members[] = {
    TEXT ("name", 0, "the image"),
    TEXT ("done", 0, "what was done"),
    END_OF_MEMBERS,
};

static const struct member image_verify_members[] = {
    TEXT ("name", 0, "the image"),
    FLAG ("good", 0, "whether it is as it was imported"),
    TEXT ("error", MEMBER_NULL, "why it is not, or cannot be read"),
    END_OF_MEMBERS,
};

const struct document host_documents[] = {
    { "doctor", DOCUMENT_OBJECT, doctor_members },
    { "plugin list", DOCUMENT_ROWS, plugin_list_members },
    { "plugin show", DOCUMENT_OBJECT, plugin_show_members },
    { "volume list", DOCUMENT_ROWS, volume_list_members },
    { "volume create", DOCUMENT_OBJECT, volume_members },
    { "volume resize", DOCUMENT_OBJECT, volume_members },
    { "volume rm", DOCUMENT_OBJECT, volume_members },
    { "volume snapshot", DOCUMENT_OBJECT, volume_members },
    { "volume snapshots", DOCUMENT_ROWS, volume_snapshots_members },
    { "volume revert", DOCUMENT_OBJECT, volume_members },
    { "volume clone", DOCUMENT_OBJECT, volume_members },
    { "volume promote", DOCUMENT_OBJECT, volume_members },
    { "volume send", DOCUMENT_OBJECT, stream_members },
    { "volume receive", DOCUMENT_OBJECT, stream_members },
    { "image import", DOCUMENT_OBJECT, image_import_members },
    { "image list", DOCUMENT_ROWS, image_list_members },
    { "image info", DOCUMENT_OBJECT, image_info_members },
    { "image rm", DOCUMENT_OBJECT, image_rm_members },
    { "image verify", DOCUMENT_ROWS, image_verify_members },
    { "gen-id", DOCUMENT_OBJECT, gen_id_members },
    { "gen-mac", DOCUMENT_OBJECT, gen_mac_members },
    { "schema", DOCUMENT_ROWS, schema_members },
    { "version", DOCUMENT_OBJECT, version_members },
    { NULL, DOCUMENT_FAILURE, NULL },
};
