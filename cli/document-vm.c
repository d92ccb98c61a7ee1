/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Documents about VMs: their states, changes of them, their definitions. */
#include <stddef.h>

#include "cli/document.h"

#define NAME TEXT ("name", 0, "the VM")
#define SANDBOX_WORDS "full|weaker|log|diagnose"
#define WAY_WORDS "nothing|acpi|quit|kill|other"

static const struct member label_members[] = {
    TEXT ("*", MEMBER_MAYBE, "a label"),
    END_OF_MEMBERS,
};

/* With --names only the name, with --wide all of them. */
static const struct member list_members[] = {
    TEXT ("name", MEMBER_MAYBE, "the VM"),
    WORD ("state", MEMBER_MAYBE,
          "stopped|saved|starting|running|paused|failed|unknown|invalid",
          "its state"),
    NUMBER ("cpus", MEMBER_MAYBE | MEMBER_NULL, "virtual CPUs"),
    NUMBER ("memory", MEMBER_MAYBE | MEMBER_NULL, "memory, in bytes"),
    TEXT ("hypervisor", MEMBER_MAYBE | MEMBER_NULL,
          "the plugin of its hypervisor"),
    NUMBER ("pid", MEMBER_MAYBE | MEMBER_NULL, "the hypervisor's process ID"),
    WORD ("sandbox", MEMBER_MAYBE | MEMBER_NULL, SANDBOX_WORDS,
          "how its hypervisor is confined"),
    NUMBER ("uptime", MEMBER_MAYBE | MEMBER_NULL, "seconds since its start"),
    TEXT ("ended", MEMBER_MAYBE | MEMBER_NULL,
          "how its last run ended; why it cannot be restored"),
    NUMBER ("ended_at", MEMBER_MAYBE | MEMBER_NULL,
            "when, in seconds since 1970"),
    TEXT ("uuid", MEMBER_MAYBE | MEMBER_NULL, "its UUID"),
    TEXT ("description", MEMBER_MAYBE | MEMBER_NULL, "its description"),
    OBJECT ("labels", MEMBER_MAYBE | MEMBER_NULL, label_members, "its labels"),
    FLAG ("autostart", MEMBER_MAYBE | MEMBER_NULL,
          "whether start --autostart starts it"),
    NUMBER ("start_order", MEMBER_MAYBE | MEMBER_NULL,
            "lower ones start first"),
    TEXTS ("mac", MEMBER_MAYBE, "MAC addresses of its NICs"),
    TEXTS ("address", MEMBER_MAYBE, "IP addresses of its NICs"),
    TEXTS ("forward", MEMBER_MAYBE, "forwarded ports"),
    TEXTS ("disks", MEMBER_MAYBE, "images, and volumes as POOL/NAME"),
    NUMBER ("resident", MEMBER_MAYBE | MEMBER_NULL,
            "memory that its hypervisor uses, in bytes"),
    END_OF_MEMBERS,
};

static const struct member address_members[] = {
    TEXT ("nic", 0, "the NIC"),
    TEXT ("mac", 0, "its MAC address"),
    TEXT ("address", 0, "its IP address"),
    WORD ("source", 0, "agent|lease|neighbour", "how it is known"),
    END_OF_MEMBERS,
};

static const struct member ip_members[] = {
    NAME,
    OBJECTS ("addresses", 0, address_members, "of its NICs"),
    END_OF_MEMBERS,
};

static const struct member wait_members[] = {
    NAME,
    END_OF_MEMBERS,
};

static const struct member exec_members[] = {
    NAME,
    NUMBER ("exit_status", 0, "of the command; 128 and the signal, if killed"),
    NUMBER ("signal", MEMBER_NULL, "that killed the command"),
    TEXT ("stdout", 0, "its standard output"),
    TEXT ("stderr", 0, "its standard error"),
    FLAG ("truncated", 0, "whether the agent dropped the end of the output"),
    END_OF_MEMBERS,
};

static const struct member cp_members[] = {
    NAME,
    TEXT ("from", 0, "as on the command line"),
    TEXT ("to", 0, "as on the command line"),
    END_OF_MEMBERS,
};

static const struct member status_disk_members[] = {
    TEXT ("name", 0, "the disk"),
    TEXT ("pool", MEMBER_NULL, "the pool of its volume"),
    TEXT ("volume", MEMBER_NULL, "its volume"),
    TEXT ("image", MEMBER_NULL, "its image, if it is no volume"),
    FLAG ("attached", MEMBER_NULL, "whether the running guest has it"),
    END_OF_MEMBERS,
};

static const struct member status_nic_members[] = {
    TEXT ("name", 0, "the NIC"),
    TEXT ("network", MEMBER_NULL, "its network"),
    TEXT ("mac", MEMBER_NULL, "its MAC address"),
    TEXT ("address", MEMBER_NULL, "its IP address"),
    FLAG ("attached", MEMBER_NULL, "whether the running guest has it"),
    END_OF_MEMBERS,
};

static const struct member status_process_members[] = {
    TEXT ("nic", 0, "the NIC that it serves"),
    NUMBER ("pid", 0, "its process ID"),
    FLAG ("alive", 0, "whether it runs"),
    END_OF_MEMBERS,
};

static const struct member status_members[] = {
    NAME,
    WORD ("state", 0, "stopped|saved|starting|running|paused|failed|unknown",
          "its state"),
    TEXT ("detail", MEMBER_NULL, "why it is in that state"),
    NUMBER ("pid", MEMBER_NULL, "the hypervisor's process ID"),
    TEXT ("uuid", MEMBER_NULL, "its UUID"),
    TEXT ("hypervisor", MEMBER_NULL, "the plugin of its hypervisor"),
    TEXT ("program", MEMBER_NULL, "the hypervisor's program"),
    TEXT ("machine", MEMBER_NULL, "the machine type"),
    TEXT ("accelerator", MEMBER_NULL, "the accelerator"),
    TEXT ("accelerator_why", MEMBER_NULL, "why not a better one"),
    NUMBER ("cpus", MEMBER_NULL, "virtual CPUs"),
    NUMBER ("memory", MEMBER_NULL, "memory, in bytes"),
    NUMBER ("started", MEMBER_NULL, "when, in seconds since 1970"),
    NUMBER ("uptime", MEMBER_NULL, "seconds since its start"),
    NUMBER ("uid", MEMBER_NULL, "the hypervisor's user ID"),
    NUMBER ("supervisor", MEMBER_NULL, "the supervisor's process ID"),
    WORD ("sandbox", MEMBER_NULL, SANDBOX_WORDS,
          "how its hypervisor is confined"),
    TEXT ("sandbox_weaker", MEMBER_NULL, "why not fully"),
    TEXT ("ended", MEMBER_NULL, "how its last run ended"),
    NUMBER ("ended_at", MEMBER_NULL, "when, in seconds since 1970"),
    TEXT ("unfinished", MEMBER_NULL, "a change that was interrupted"),
    TEXT ("description", MEMBER_NULL, "its description"),
    OBJECT ("labels", 0, label_members, "its labels"),
    FLAG ("autostart", MEMBER_NULL, "whether start --autostart starts it"),
    NUMBER ("start_order", MEMBER_NULL, "lower ones start first"),
    OBJECTS ("disks", 0, status_disk_members, "its disks"),
    OBJECTS ("nics", 0, status_nic_members, "its NICs"),
    OBJECTS ("processes", 0, status_process_members,
             "the processes that serve NICs"),
    END_OF_MEMBERS,
};

static const struct member start_members[] = {
    NAME,
    WORD ("state", 0, "starting|running|paused", "its state"),
    NUMBER ("pid", 0, "the hypervisor's process ID"),
    TEXT ("hypervisor", 0, "the plugin of its hypervisor"),
    TEXT ("accelerator", MEMBER_NULL, "the accelerator"),
    WORD ("sandbox", MEMBER_NULL, SANDBOX_WORDS,
          "how its hypervisor is confined"),
    END_OF_MEMBERS,
};

/* Of a VM that runs already only the state, and the way. */
static const struct member autostart_members[] = {
    NAME,
    WORD ("state", 0, "starting|running|paused", "its state"),
    WORD ("way", MEMBER_MAYBE, "nothing", "it was running already"),
    NUMBER ("pid", MEMBER_MAYBE, "the hypervisor's process ID"),
    TEXT ("hypervisor", MEMBER_MAYBE, "the plugin of its hypervisor"),
    TEXT ("accelerator", MEMBER_MAYBE | MEMBER_NULL, "the accelerator"),
    WORD ("sandbox", MEMBER_MAYBE | MEMBER_NULL, SANDBOX_WORDS,
          "how its hypervisor is confined"),
    END_OF_MEMBERS,
};

static const struct member find_members[] = {
    NAME,
    TEXT ("match", 0, "what has the word"),
    TEXT ("value", MEMBER_NULL, "its value"),
    END_OF_MEMBERS,
};

/* "stopped" comes with an error. */
static const struct member restart_members[] = {
    NAME,
    WORD ("way", 0, WAY_WORDS, "what the stop needed"),
    WORD ("state", 0, "starting|running|paused|stopped", "its state"),
    NUMBER ("pid", 0, "the hypervisor's process ID"),
    TEXT ("hypervisor", 0, "the plugin of its hypervisor"),
    TEXT ("accelerator", MEMBER_NULL, "the accelerator"),
    WORD ("sandbox", MEMBER_NULL, SANDBOX_WORDS,
          "how its hypervisor is confined"),
    END_OF_MEMBERS,
};

static const struct member stop_members[] = {
    NAME,
    WORD ("state", 0, "stopped", "its state"),
    WORD ("way", 0, WAY_WORDS, "what was needed"),
    END_OF_MEMBERS,
};

static const struct member pause_members[] = {
    NAME,
    WORD ("state", 0, "running|paused|saved", "its state"),
    END_OF_MEMBERS,
};

static const struct member create_members[] = {
    NAME,
    TEXT ("definition", 0, "its file"),
    TEXTS ("members", MEMBER_NULL, "the VMs of a fleet"),
    END_OF_MEMBERS,
};

static const struct member rename_members[] = {
    TEXT ("name", 0, "the new name"),
    TEXT ("was", 0, "the former name"),
    TEXT ("definition", 0, "its file"),
    TEXTS ("kept", 0, "values that were written into the definition"),
    END_OF_MEMBERS,
};

static const struct member clone_members[] = {
    TEXT ("name", 0, "the new VM"),
    TEXT ("from", 0, "the VM that it is a clone of"),
    TEXT ("definition", 0, "its file"),
    TEXTS ("volumes", 0, "its new volumes, as POOL/NAME"),
    TEXTS ("changed", 0, "settings that were left out, with their places"),
    TEXTS ("same", 0, "settings that both VMs have from a template"),
    TEXT ("snapshot", MEMBER_NULL, "the snapshot that the disks are of"),
    END_OF_MEMBERS,
};

static const struct member difference_members[] = {
    TEXT ("item", MEMBER_NULL, "a disk or NIC"),
    TEXT ("section", MEMBER_NULL, "what it is of"),
    TEXT ("key", MEMBER_NULL, "the setting"),
    TEXT ("from", MEMBER_NULL, "the value that the VM has"),
    TEXT ("to", MEMBER_NULL, "the value of the definition"),
    WORD ("when", 0, "now|at the next start|impossible|left",
          "when it can be changed; left: the VM is no longer defined"),
    TEXT ("why", MEMBER_NULL, "why not now"),
    TEXT ("where", MEMBER_NULL, "the place of the new value"),
    TEXT ("result", MEMBER_NULL | MEMBER_MAYBE, "of apply: what was done"),
    END_OF_MEMBERS,
};

static const struct member difference_list_members[] = {
    NAME,
    OBJECTS ("changes", 0, difference_members, "all differences"),
    END_OF_MEMBERS,
};

static const struct member import_file_members[] = {
    TEXT ("name", MEMBER_NULL, "the VM, or null: of the host"),
    TEXT ("path", 0, "the file"),
    TEXT ("text", MEMBER_NULL, "with --print, its text"),
    END_OF_MEMBERS,
};

static const struct member import_note_members[] = {
    TEXT ("file", MEMBER_NULL, "the file of the other tool"),
    NUMBER ("line", MEMBER_NULL, "its line"),
    TEXT ("key", MEMBER_NULL, "what it is about"),
    TEXT ("reason", MEMBER_NULL, "why"),
    END_OF_MEMBERS,
};

static const struct member import_members[] = {
    FLAG ("written", 0, "whether the files were written"),
    OBJECTS ("files", 0, import_file_members, "the files"),
    OBJECTS ("not_carried_over", 0, import_note_members,
             "values of the other tool that are lost"),
    OBJECTS ("changed", 0, import_note_members,
             "values that are carried over as something else"),
    END_OF_MEMBERS,
};

static const struct member create_disks_members[] = {
    NAME,
    TEXTS ("made", 0, "names of the disks that were created"),
    END_OF_MEMBERS,
};

static const struct member rm_members[] = {
    NAME,
    FLAG ("removed", 0, "whether it was removed"),
    TEXTS ("volumes", 0, "those that were deleted, as POOL/NAME"),
    TEXTS ("members", MEMBER_NULL, "the VMs of a fleet"),
    END_OF_MEMBERS,
};

static const struct member edit_members[] = {
    NAME,
    WORD ("done", 0, "saved|unchanged", "whether it was changed"),
    END_OF_MEMBERS,
};

static const struct member validate_members[] = {
    FLAG ("valid", 0, "whether there are no problems"),
    TEXTS ("problems", 0, "all of them, with their places"),
    END_OF_MEMBERS,
};

#define ORIGIN                                                                 \
    TEXT ("value", MEMBER_NULL, "the value; null: an unused variable"),        \
        TEXT ("written", MEMBER_NULL, "as written, with variables"),           \
        TEXT ("file", MEMBER_NULL, "the file that has it"),                    \
        NUMBER ("line", 0, "the line in it"),                                  \
        TEXT ("template", MEMBER_NULL, "the template that has it"),            \
        TEXT ("fleet", MEMBER_NULL, "the fleet whose file has it")

static const struct member overridden_members[] = { ORIGIN, END_OF_MEMBERS };

static const struct member origin_value_members[] = {
    ORIGIN,
    TEXT ("key", 0, "the key, such as disk.root.size"),
    OBJECTS ("overrides", 0, overridden_members, "the values that it replaces"),
    END_OF_MEMBERS,
};

static const struct member origin_members[] = {
    NAME,
    OBJECTS ("values", 0, origin_value_members, "all values"),
    END_OF_MEMBERS,
};

static const struct member show_fleet_members[] = {
    TEXT ("name", 0, "the fleet"),
    TEXT ("definition", 0, "its file"),
    NUMBER ("count", 0, "how many VMs it has"),
    NUMBER ("first", 0, "the index of the first one"),
    TEXTS ("members", 0, "their names"),
    END_OF_MEMBERS,
};

static const struct member change_members[] = {
    NAME,
    TEXT ("done", 0, "what was done"),
    WORD ("way", 0, "offline|online|next start", "when it takes effect"),
    END_OF_MEMBERS,
};

static const struct member counter_members[] = {
    TEXT ("counter", 0, "its name"),
    NUMBER ("value", MEMBER_NULL, "its value"),
    END_OF_MEMBERS,
};

static const struct member snapshot_members[] = {
    NAME,
    TEXT ("snapshot", 0, "the snapshot"),
    WORD ("done", 0, "made|reverted|deleted", "what was done"),
    WORD ("way", 0, "offline|online", "whether the VM was running"),
    END_OF_MEMBERS,
};

static const struct member snapshot_list_members[] = {
    TEXT ("snapshot", 0, "its name"),
    NUMBER ("created", MEMBER_NULL, "when, in seconds since 1970"),
    WORD ("memory", 0, "yes|no", "whether the memory is included"),
    TEXT ("disks", MEMBER_NULL, "the disks that have it"),
    END_OF_MEMBERS,
};

const struct document vm_documents[] = {
    { "create", DOCUMENT_OBJECT, create_members },
    { "rename", DOCUMENT_OBJECT, rename_members },
    { "clone", DOCUMENT_OBJECT, clone_members },
    { "import", DOCUMENT_OBJECT, import_members },
    { "diff", DOCUMENT_VMS, difference_list_members },
    { "apply", DOCUMENT_VMS, difference_list_members },
    { "create-disks", DOCUMENT_VMS, create_disks_members },
    { "rm", DOCUMENT_VMS, rm_members },
    { "show", DOCUMENT_DEFINITION, show_fleet_members },
    { "show --origin", DOCUMENT_OBJECT, origin_members },
    { "show --host", DOCUMENT_HOST, NULL },
    { "edit", DOCUMENT_OBJECT, edit_members },
    { "validate", DOCUMENT_OBJECT, validate_members },
    { "list", DOCUMENT_ROWS, list_members },
    { "find", DOCUMENT_ROWS, find_members },
    { "ip", DOCUMENT_VMS, ip_members },
    { "wait", DOCUMENT_VMS, wait_members },
    { "ssh", DOCUMENT_FAILURE, NULL },
    { "ssh-config", DOCUMENT_FAILURE, NULL },
    { "exec", DOCUMENT_OBJECT, exec_members },
    { "cp", DOCUMENT_OBJECT, cp_members },
    { "status", DOCUMENT_VMS, status_members },
    { "start", DOCUMENT_VMS, start_members },
    { "start --autostart", DOCUMENT_VMS, autostart_members },
    { "run", DOCUMENT_FAILURE, NULL },
    { "stop", DOCUMENT_VMS, stop_members },
    { "kill", DOCUMENT_VMS, stop_members },
    { "restart", DOCUMENT_VMS, restart_members },
    { "pause", DOCUMENT_VMS, pause_members },
    { "resume", DOCUMENT_VMS, pause_members },
    { "save", DOCUMENT_VMS, pause_members },
    { "attach-disk", DOCUMENT_OBJECT, change_members },
    { "detach-disk", DOCUMENT_OBJECT, change_members },
    { "attach-nic", DOCUMENT_OBJECT, change_members },
    { "detach-nic", DOCUMENT_OBJECT, change_members },
    { "resize", DOCUMENT_OBJECT, change_members },
    { "counters", DOCUMENT_ROWS, counter_members },
    { "snapshot create", DOCUMENT_ONE_OR_MORE, snapshot_members },
    { "snapshot list", DOCUMENT_ROWS, snapshot_list_members },
    { "snapshot revert", DOCUMENT_OBJECT, snapshot_members },
    { "snapshot delete", DOCUMENT_OBJECT, snapshot_members },
    { NULL, DOCUMENT_FAILURE, NULL },
};
