/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The interface between the files of the qemu plugin.
 *
 *   qemu.c       the tables; finding QEMU, its capabilities
 *   probe.c      runs it to learn facts
 *   schema.c     its features, from its protocol's schema and its devices
 *   check.c      checks a definition against facts and host
 *   support.c    how the keys of a definition are handled
 *   machine.c    the families of machines and what differs between them
 *   args.c       the command line; args-disk.c, args-net.c: its longer parts
 *   qmp.c        the protocol of the control socket
 *   insert.c     opens the images of disks, once QEMU is sealed
 *   control.c    ready, go, powerdown, quit, status, pause, resume
 *   hotplug.c    devices of a running guest; based on it
 *   hotplug-disk.c, hotplug-nic.c
 *   resize.c     processors and memory, likewise
 *   foresee.c    which of these changes a running machine would refuse
 *   save.c       the state of a guest to a file and back
 *   drive.c      existing disks: their size, snapshots, counters */
#ifndef PLUGINS_QEMU_QEMU_H
#define PLUGINS_QEMU_QEMU_H

#include "hvctl/plugin.h"
#include "plugins/common/hypervisor.h"

/* Machines of one family are wired alike. */
enum family {
    FAMILY_OTHER,   /* Refused. */
    FAMILY_PC,      /* i440FX: PCI, IDE. */
    FAMILY_Q35,     /* PCI Express, AHCI. */
    FAMILY_MICROVM, /* No PCI: virtio-mmio. */
    FAMILY_VIRT,    /* Arm: PCI Express, no IDE, no BIOS. */
};

/* Limits of the wiring in args-disk.c and args-net.c. */
#define MAX_PCI_DISKS 120 /* 15 slots of 8 functions. */
#define MAX_PCI_NICS 96   /* 12 slots of 8 functions. */
#define MAX_MMIO 24       /* A microvm with its two IOAPICs. */

/* The ports for hotplugged devices: the functions of slot 1. */
#define MAX_PORTS 8
#define DEFAULT_PORTS                                                          \
    4 /* Of a machine with a disk or a NIC: to others, what                    \
       * plugging in needs of the sandbox is of no use. */
#define HOTPLUG_KEY "hotplug"
#define HOTPLUG_PORT "hotplug-" /* The id, and the id of its bus. */

/* support.c */
extern const struct hv_support qemu_support[];

/* machine.c: all pure. */
enum family machine_family (const char *arch, const char *machine);
const char *machine_default (const char *arch);
unsigned int machine_max_cdroms (enum family family);
bool arch_is_known (const char *arch);
bool arch_is_host (const char *arch);
bool is_word (const char *text, const char *more);
const char *nearest_words (struct hv_ctx *ctx, const char *list,
                           const char *wanted);
bool find_word (const char *list, const char *word, const char **value);

/* probe.c */
int qemu_probe (struct hv_ctx *ctx, const char *arch, const char *program,
                struct hv_list *facts);

/* schema.c */

/* The differences between QEMU versions: the words of the fact "can". */
#define CAN_JSON "json"
#define CAN_JSON_UNPLUG "json-unplug"
#define CAN_MIGRATE_FILE "migrate-file"
#define CAN_MONITOR_OBJECT "monitor-object"
#define CAN_STREAM "netdev-stream"
#define CAN_SOCKET "netdev-socket"
#define CAN_USER "netdev-user"
#define CAN_VHOST_USER "netdev-vhost-user"

/* The device whose properties have the offloads of all virtio NICs. */
#define OFFLOAD_DEVICE "virtio-net-device"

struct json_object;
struct qmp;

/* From the replies to query-qmp-schema and device-list-properties:
 * "NAME" is a flag, "NAME=auto" also takes "auto". */
const char *schema_words (struct hv_ctx *ctx, struct json_object *schema);
const char *offload_words (struct hv_ctx *ctx, struct json_object *properties);

/* Returns whether the word is there.  A QEMU that was not probed (null) is
 * assumed to be new. */
bool qemu_can (const char *words, const char *word);

/* The same for a running QEMU: its program may have been replaced since. */
int ask_schema (struct hv_ctx *ctx, struct qmp *q, const char **words);
int ask_offloads (struct hv_ctx *ctx, struct qmp *q, const char **words);

/* check.c */
int qemu_check (struct hv_ctx *ctx, const struct hv_vm *vm,
                struct hv_choice *out);

/* args.c */
struct args {
    struct hv_ctx *ctx;
    const struct hv_vm *vm;
    struct hv_launch *out;
    enum family family;
    const char *offloads; /* Of offload_words(); null: not known. */
};

int qemu_describe (struct hv_ctx *ctx, const struct hv_vm *vm,
                   struct hv_launch *out);

/* Appends 'option' and the JSON text of 'value', which it frees. */
void add_json (const struct args *a, const char *option,
               struct json_object *value);

/* Returns a new "driver" object; 'id' may be null. */
struct json_object *new_device (const char *driver, const char *id);

/* Returns the model of a virtio device on this machine: "virtio-rng-pci". */
const char *virtio_model (const struct args *a, const char *kind);

/* Places the 'index'th of 'n' devices of a kind in the PCI slots that begin
 * at 'slot', 'slots' of them, so that a device keeps its address when devices
 * of another kind are added or removed.  Does nothing without PCI. */
void place_virtio (const struct args *a, struct json_object *device,
                   unsigned int slot, unsigned int slots, unsigned int index,
                   unsigned int n);

/* Doubles the commas, as required in "key=value,…" options. */
const char *quote (struct hv_ctx *ctx, const char *value);

/* args-net.c: with a vhost-user NIC, another process reads and writes the
 * guest's memory, which is then a separate object. */
#define SHARED_MEMORY "memory"
bool has_vhost_user (const struct hv_vm *vm);
void add_shared_memory (const struct args *a);

/* Returns the number of ports for 'vm'; more than MAX_PORTS if it is not set,
 * or not valid. */
unsigned int hotplug_ports (struct hv_ctx *ctx, const struct hv_vm *vm);

/* args-disk.c */
void add_disks (const struct args *a);
void add_flash (const struct args *a);

/* A layer of a disk: a node for the format, "disk-NAME-0", and one for the
 * file, "disk-NAME-0f". */
struct node {
    const char *name;
    const char *path, *format;
    const char *below; /* The node of the layer below, or null. */
    bool readonly;
};

/* Adds the node of a file alone. */
void add_file (const struct args *a, const struct node *n);

/* Returns the common beginning of the names of all nodes of a disk; a number
 * follows. */
const char *disk_nodes (struct hv_ctx *ctx, const char *name);

/* Returns the node of a disk's 'i'th layer. */
struct node layer_node (struct hv_ctx *ctx, const struct hv_disk *disk,
                        size_t i);
size_t count_layers (const struct hv_disk *disk);

/* After disk_nodes(): the node that a device has until insert_disks(). */
#define PLACEHOLDER "empty"

/* The two nodes, and the device: the arguments of blockdev-add and device_add
 * as well as of -blockdev and -device. */
struct json_object *new_file_node (struct hv_ctx *ctx, const struct node *n,
                                   const char *filename);
struct json_object *new_format_node (struct hv_ctx *ctx, const struct node *n);
struct json_object *new_disk (const struct args *a, const struct hv_disk *disk,
                              const char *node);

/* args-net.c */
void add_nics (const struct args *a);

/* Returns the ID of a NIC's netdev, which shows whether a machine
 * has a user-mode network: QEMU reports a netdev's type only in prose. */
#define USER_NETDEV "user-"
const char *netdev_id (struct hv_ctx *ctx, const struct hv_nic *nic);

/* Returns a NIC without its place on a bus. */
struct json_object *new_nic (const struct args *a, const struct hv_nic *nic);

/* The options of user-mode networks; ends in null. */
struct user_key {
    const char *key;  /* In the network's section. */
    const char *name; /* Of -netdev and netdev_add. */
};

extern const struct user_key user_keys[];

const char *user_value (struct hv_ctx *ctx, const struct hv_nic *nic,
                        const char *key);
bool user_is_restricted (struct hv_ctx *ctx, const struct hv_nic *nic);

/* control.c */
int qemu_open (struct hv_ctx *ctx);
void qemu_close (struct hv_ctx *ctx);
int qemu_ready (struct hv_ctx *ctx, const struct hv_vm *vm);
int qemu_go (struct hv_ctx *ctx, const struct hv_vm *vm);
int qemu_powerdown (struct hv_ctx *ctx, const struct hv_vm *vm);
int qemu_quit (struct hv_ctx *ctx, const struct hv_vm *vm);
int qemu_status (struct hv_ctx *ctx, const struct hv_vm *vm,
                 struct hv_status *out);
int qemu_pause (struct hv_ctx *ctx, const struct hv_vm *vm);
int qemu_resume (struct hv_ctx *ctx, const struct hv_vm *vm);

/* A connection to the running QEMU, for qmp_close(). */
int qemu_connect (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp **out);

/* Where QEMU keeps the devices that have ids (QOM path). */
#define PERIPHERALS "/machine/peripheral"
#define PERIPHERAL PERIPHERALS "/"

/* hotplug.c: a machine for hotplug. */
struct plug {
    struct args a; /* For device models; 'out' is null. */
    struct qmp *q;
};

int plug_open (struct hv_ctx *ctx, const struct hv_vm *vm, struct plug *p);
void plug_close (struct plug *p);

/* Sends a command with arguments and without a result. */
int plug_do (struct plug *p, const char *command,
             struct json_object *arguments);

/* Reads a property of an object; ENODEV if there is no such object. */
int plug_get (struct plug *p, const char *path, const char *property,
              struct json_object **out);

/* Returns { "key": value }. */
struct json_object *one_string (const char *key, const char *value);

/* A set of descriptors, which QEMU opens by the name FDSET "7": it searches
 * the set for the exact access mode, and does not open files. */
#define FDSET "/dev/fdset/"

/* Adds one descriptor to the set, or to a new one if that is -1. */
int plug_add_fd (struct plug *p, int fd, int64_t *set);
void plug_remove_set (struct plug *p, int64_t set);

/* Returns whether there is a device with this ID. */
int plug_has (struct plug *p, const char *id, bool *has);

/* Finds the bus for a hotplugged device, when 'skip' others have been plugged
 * in; fails with ENOTSUP. */
int plug_find_bus (struct plug *p, int skip, const char **bus);

/* Adds the device, which it frees, to that bus. */
int plug_add (struct plug *p, const char *bus, struct json_object *device);

/* Fails if the device can never be removed while the VM is running. */
int plug_can_remove (struct plug *p, const char *id);

/* Makes the guest release a device.  A missing device is ENODEV. */
int plug_remove (struct plug *p, const char *id);

/* The same for a device that can be removed wherever it is. */
int plug_take_out (struct plug *p, const char *id);

/* foresee.c */
int qemu_can_change (struct hv_ctx *ctx, const struct hv_vm *vm,
                     const struct hv_change *change);

/* hotplug-disk.c */
int plug_check_disk (struct hv_ctx *ctx, const struct hv_disk *disk);
int qemu_attach_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                      const struct hv_disk *disk, const struct hv_files *files);
int qemu_detach_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                      const char *name);
int qemu_overlay_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                       const struct hv_disk *disk,
                       const struct hv_files *files);

/* hotplug-nic.c */

/* Fails if such a NIC cannot be attached once 'before' has been done. */
int plug_check_nic (struct plug *p, const struct hv_nic *nic,
                    const struct hv_change *before);
int qemu_attach_nic (struct hv_ctx *ctx, const struct hv_vm *vm,
                     const struct hv_nic *nic, const int fds[]);
int qemu_detach_nic (struct hv_ctx *ctx, const struct hv_vm *vm,
                     const char *name);

/* insert.c */

/* Opens the images of all disks, whose files QEMU has, and inserts them into
 * their devices. */
int insert_disks (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp *q);

/* Sends the beginning of that to a machine that is not sealed yet; only
 * insert_disks() may follow. */
int announce_disks (struct hv_ctx *ctx, const struct hv_vm *vm, struct qmp *q);

/* resize.c */

int check_limits (struct hv_ctx *ctx, const struct hv_vm *vm,
                  enum family family);

/* The device that adds memory. */
#define MEMORY_ID "memory"
#define MEMORY_PATH PERIPHERAL MEMORY_ID
void add_more_memory (const struct args *a);

/* Fails if the VM was started without room for that. */
int plug_check_size (struct plug *p, uint32_t cpus, uint64_t memory);

int qemu_resize (struct hv_ctx *ctx, const struct hv_vm *vm, uint32_t cpus,
                 uint64_t memory);

/* save.c */
extern const char *const qemu_state_files[];
int qemu_save (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[]);
int qemu_restore (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[]);

/* Cancels a save() that was abandoned: otherwise it would continue, and pause
 * the guest when it is complete. */
int qemu_end_save (struct hv_ctx *ctx, struct qmp *q);

/* drive.c */

/* Returns the name of a disk from "disk-NAME" or, if the block device is in a
 * PCI device, "/machine/peripheral/disk-NAME/virtio-backend" (BlockInfo.qdev
 * in qapi/block-core.json), or "?". */
const char *disk_name (struct hv_ctx *ctx, const char *qdev);

/* Finds the node that the device of a disk uses; ENOENT. */
int find_drive (struct hv_ctx *ctx, struct qmp *q, const char *name,
                const char **node);
int qemu_resize_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                      const char *name, uint64_t size);
int qemu_counters (struct hv_ctx *ctx, const struct hv_vm *vm,
                   struct hv_list *out);

#endif /* PLUGINS_QEMU_QEMU_H */
