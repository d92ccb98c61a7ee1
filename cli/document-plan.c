/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Documents about what a start does, and why: plans, their confinement, their
 * explanation. */
#include <stddef.h>

#include "cli/document.h"

static const struct member layer_members[] = {
    TEXT ("path", 0, "the file or block device"),
    TEXT ("format", MEMBER_NULL, "its format"),
    END_OF_MEMBERS,
};

static const struct member disk_members[] = {
    TEXT ("name", 0, "the disk"),
    TEXT ("plugin", 0, "the plugin that serves it"),
    TEXT ("pool", MEMBER_NULL, "the pool of its volume"),
    TEXT ("volume", MEMBER_NULL, "its volume"),
    NUMBER ("size", 0, "its size, in bytes"),
    FLAG ("readonly", 0, "whether the guest cannot write"),
    FLAG ("cdrom", 0, "whether it is in a CD-ROM drive"),
    NUMBER ("boot", 0, "its place in the boot order, from 1; 0: none"),
    TEXT ("serial", MEMBER_NULL, "its serial number"),
    TEXT ("wwn", MEMBER_NULL, "its World Wide Name"),
    TEXT ("backing", MEMBER_NULL, "the image that its volume is based on"),
    TEXT ("backing_format", MEMBER_NULL, "the format of that image"),
    TEXTS ("settings", 0, "its settings that only plugins know"),
    OBJECTS ("layers", 0, layer_members, "its files, the newest first"),
    END_OF_MEMBERS,
};

static const struct member descriptor_members[] = {
    NUMBER ("number", 0, "its number in the process"),
    WORD ("kind", 0, "open|listen|log|port", "how it is opened"),
    TEXT ("name", MEMBER_NULL, "the file, socket, log or NIC"),
    WORD ("mode", MEMBER_NULL, "read|read-write|append", "of a file"),
    NUMBER ("queue", MEMBER_NULL, "of a port"),
    END_OF_MEMBERS,
};

static const struct member file_members[] = {
    TEXT ("path", 0, "the file"),
    TEXT ("as", MEMBER_NULL, "its path in the jail"),
    END_OF_MEMBERS,
};

static const struct member brokered_members[] = {
    TEXT ("path", 0, "the file"),
    FLAG ("write", 0, "whether the process may write to it"),
    END_OF_MEMBERS,
};

/* Of plan_json_launch(). */
#define LAUNCH                                                                 \
    TEXT ("program", 0, "the program"),                                        \
        TEXTS ("arguments", 0, "its arguments, from its name on"),             \
        OBJECTS ("descriptors", 0, descriptor_members,                         \
                 "the descriptors that it gets"),                              \
        OBJECTS ("files", 0, file_members,                                     \
                 "files that it may open until it is sealed"),                 \
        OBJECTS ("lent", 0, brokered_members, "brokered files"),               \
        TEXTS ("groups", 0, "groups of system calls that it may make"),        \
        TEXTS ("own_calls", 0, "system calls of the plugin's own table")

static const struct member launch_members[] = { LAUNCH, END_OF_MEMBERS };

static const struct member nic_members[] = {
    TEXT ("name", 0, "the NIC"),
    TEXT ("plugin", 0, "the plugin that serves it"),
    TEXT ("network", MEMBER_NULL, "its network"),
    WORD ("kind", 0, "tap|user|vhost-user|pci|stream",
          "how the hypervisor gets it"),
    TEXT ("mac", 0, "its MAC address"),
    TEXT ("interface", MEMBER_NULL, "the host's interface"),
    NUMBER ("queues", 0, "queue pairs"),
    NUMBER ("mtu", 0, "its MTU, in bytes"),
    NUMBER ("boot", 0, "its place in the boot order, from 1; 0: none"),
    TEXT ("forward", MEMBER_NULL, "forwarded ports"),
    TEXTS ("settings", 0, "its settings that only plugins know"),
    TEXT ("why", MEMBER_NULL, "why no better kind is used"),
    OBJECT ("process", MEMBER_NULL, launch_members,
            "the process that serves it"),
    END_OF_MEMBERS,
};

static const struct member firmware_members[] = {
    TEXT ("plugin", 0, "the plugin that found it"),
    TEXT ("code", MEMBER_NULL, "its file"),
    TEXT ("variables", MEMBER_NULL, "the VM's firmware variables"),
    TEXT ("template", MEMBER_NULL, "the file that these are made from"),
    FLAG ("secure_boot", 0, "whether Secure Boot is enforced"),
    END_OF_MEMBERS,
};

static const struct member cloud_init_members[] = {
    TEXT ("path", 0, "the image of the disk that the guest gets"),
    TEXT ("user", MEMBER_NULL, "the user that the image creates"),
    TEXT ("ssh_keys", MEMBER_NULL, "a hash of the keys"),
    TEXT ("password_hash", MEMBER_NULL, "a hash of it"),
    TEXT ("hostname", MEMBER_NULL, "the host name, if it is set"),
    TEXT ("instance_id", MEMBER_NULL, "if it is not the UUID"),
    TEXT ("user_data", MEMBER_NULL, "a hash of the file"),
    TEXT ("meta_data", MEMBER_NULL, "a hash of the file"),
    TEXT ("network_config", MEMBER_NULL, "a hash of the file"),
    TEXT ("seed", MEMBER_NULL, "the ready image"),
    END_OF_MEMBERS,
};

static const struct member plan_members[] = {
    NUMBER ("version", 0, "of this document"),
    TEXT ("name", 0, "the VM"),
    TEXT ("uuid", 0, "its UUID"),
    TEXT ("definition", 0, "the file of its definition"),
    TEXT ("rundir", 0, "its directory while it runs"),
    TEXT ("hypervisor", 0, "the plugin of its hypervisor"),
    TEXT ("arch", 0, "its architecture"),
    TEXT ("machine", MEMBER_NULL, "the machine type"),
    TEXT ("accelerator", MEMBER_NULL, "the accelerator"),
    TEXT ("accelerator_why", MEMBER_NULL, "why not a better one"),
    TEXT ("cpu", MEMBER_NULL, "the CPU model"),
    NUMBER ("cpus", 0, "virtual CPUs"),
    NUMBER ("memory", 0, "memory, in bytes"),
    FLAG ("rng", 0, "whether it has a random number generator"),
    FLAG ("agent", 0, "whether it has a channel to the guest agent"),
    TEXTS ("settings", 0, "settings that only plugins know"),
    TEXT ("kernel", MEMBER_NULL, "the kernel that is booted directly"),
    TEXT ("initrd", MEMBER_NULL, "its initial RAM disk"),
    TEXT ("append", MEMBER_NULL, "its command line"),
    NUMBER ("stop_timeout", 0, "in milliseconds"),
    TEXT ("saved", MEMBER_NULL, "the saved state that is restored"),
    OBJECT ("firmware", MEMBER_NULL, firmware_members, "the firmware"),
    OBJECT ("cloud_init", MEMBER_NULL, cloud_init_members,
            "what cloud-init in the guest is told"),
    OBJECTS ("disks", 0, disk_members, "its disks"),
    OBJECTS ("nics", 0, nic_members, "its NICs"),
    OBJECT ("launch", 0, launch_members, "the hypervisor's process"),
    END_OF_MEMBERS,
};

static const struct member command_members[] = {
    TEXT ("name", 0, "the VM"),
    TEXT ("command", 0, "the hypervisor's command line, for a shell"),
    END_OF_MEMBERS,
};

static const struct member requirement_members[] = {
    TEXT ("need", 0, "the capability"),
    TEXT ("from", 0, "the setting that requires it"),
    TEXT ("file", MEMBER_NULL, "the file that has the setting"),
    NUMBER ("line", MEMBER_NULL, "the line in it"),
    END_OF_MEMBERS,
};

static const struct member candidate_members[] = {
    TEXT ("plugin", 0, "the plugin"),
    TEXT ("version", MEMBER_NULL, "its version"),
    FLAG ("serves", 0, "whether it can serve this"),
    TEXT ("reason", MEMBER_NULL, "why, or why not"),
    END_OF_MEMBERS,
};

static const struct member role_members[] = {
    TEXT ("role", 0, "what a plugin is needed for"),
    TEXT ("wants", MEMBER_NULL, "the setting"),
    TEXT ("winner", MEMBER_NULL, "the plugin that serves it"),
    TEXT ("error", MEMBER_NULL, "why no plugin does"),
    OBJECTS ("requirements", 0, requirement_members, "of the definition"),
    OBJECTS ("candidates", 0, candidate_members, "all plugins of that kind"),
    END_OF_MEMBERS,
};

static const struct member not_read_members[] = {
    TEXT ("section", 0, "a section for another hypervisor"),
    TEXT ("file", MEMBER_NULL, "its file"),
    NUMBER ("line", 0, "its line"),
    END_OF_MEMBERS,
};

static const struct member untested_members[] = {
    TEXT ("program", 0, "the program"),
    TEXT ("build", MEMBER_NULL, "its build ID"),
    TEXT ("library", MEMBER_NULL, "a library that is new"),
    TEXT ("library_build", MEMBER_NULL, "the library's build ID"),
    TEXT ("reason", MEMBER_NULL, "why it counts as untested"),
    TEXT ("command", 0, "the command that tests it"),
    END_OF_MEMBERS,
};

static const struct member explain_members[] = {
    TEXT ("name", 0, "the VM"),
    OBJECTS ("roles", 0, role_members, "who serves what"),
    OBJECTS ("not_read", 0, not_read_members, "sections that are not used"),
    TEXT ("machine", MEMBER_NULL, "the machine type"),
    TEXT ("accelerator", MEMBER_NULL, "the accelerator"),
    TEXT ("accelerator_why", MEMBER_NULL, "why not a better one"),
    OBJECTS ("untested", 0, untested_members, "programs of a new build"),
    OBJECT ("refused", MEMBER_NULL, error_members,
            "why a start would be refused"),
    END_OF_MEMBERS,
};

static const struct member process_members[] = {
    LAUNCH,
    TEXT ("nic", 0, "the NIC that it serves"),
    TEXT ("calls", 0, "the system calls that it may make"),
    END_OF_MEMBERS,
};

static const struct member sandbox_members[] = {
    LAUNCH,
    TEXT ("calls", 0, "the system calls that it may make"),
    TEXT ("weaker", MEMBER_NULL, "why the sandbox is degraded"),
    WORD ("sandbox", MEMBER_NULL, "full|weaker|log|diagnose",
          "that of the running VM"),
    OBJECTS ("processes", 0, process_members, "those that serve NICs"),
    END_OF_MEMBERS,
};

static const struct member step_members[] = {
    TEXT ("machine", 0, "the test machine"),
    TEXT ("step", 0, "what was tried"),
    WORD ("result", 0, "done|skipped|failed", "whether it was done"),
    TEXT ("not_done", MEMBER_NULL, "why not"),
    END_OF_MEMBERS,
};

static const struct member call_members[] = {
    TEXT ("call", 0, "the system call"),
    TEXT ("thread", MEMBER_NULL, "the thread that made it"),
    TEXT ("arguments", MEMBER_NULL, "its arguments"),
    WORD ("phase", 0, "start|sealed", "when it was made"),
    TEXT ("machine", MEMBER_NULL, "the test machine"),
    TEXT ("groups", MEMBER_NULL, "the groups that have it"),
    TEXT ("family", MEMBER_NULL, "the family that it belongs to"),
    NUMBER ("times", 0, "how often it was made"),
    FLAG ("harmless", 0, "whether it may fail"),
    TEXT ("why", MEMBER_NULL, "why it is harmless"),
    END_OF_MEMBERS,
};

static const struct member unused_members[] = {
    TEXT ("group", 0, "the group of system calls"),
    TEXT ("call", 0, "a system call that no machine needed"),
    TEXT ("values", MEMBER_NULL, "its arguments"),
    END_OF_MEMBERS,
};

static const struct member learn_members[] = {
    OBJECTS ("steps", 0, step_members, "what was tried"),
    OBJECTS ("calls", 0, call_members, "system calls that are not allowed"),
    OBJECTS ("unused", MEMBER_NULL, unused_members, "with --unused"),
    NUMBER ("machines", 0, "number of test machines"),
    NUMBER ("differences", 0, "number of calls that are missing"),
    NUMBER ("failed", 0, "number of steps that failed"),
    NUMBER ("skipped", 0, "number of steps that were not tried"),
    END_OF_MEMBERS,
};

const struct document plan_documents[] = {
    { "plan", DOCUMENT_ONE_OR_MORE, plan_members },
    { "plan --command", DOCUMENT_ONE_OR_MORE, command_members },
    { "explain", DOCUMENT_OBJECT, explain_members },
    { "sandbox show", DOCUMENT_OBJECT, sandbox_members },
    { "sandbox learn", DOCUMENT_OBJECT, learn_members },
    { NULL, DOCUMENT_FAILURE, NULL },
};
