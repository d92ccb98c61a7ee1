/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks, hot-plugging, resizing, counters (vmm/src/vm.rs,
 * vmm/src/device_manager.rs, vmm/src/cpu.rs). */

#include "tests/ch-server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

static const char *
detected (int fd)
{
    char magic[4] = { 0 };

    return pread (fd, magic, 4, 0) == 4 && !memcmp (magic, "QFI\xfb", 4)
               ? "Qcow2"
               : "Raw";
}

/* Has the image one below it?  (docs/interop/qcow2.txt: bytes 8 to 15.) */
static bool
has_backing (int fd)
{
    unsigned char offset[8] = { 0 };
    static const unsigned char none[8];

    return pread (fd, offset, 8, 8) == 8 && memcmp (offset, none, 8) != 0;
}

static bool
flag_of (struct json_object *o, const char *key)
{
    return json_object_get_boolean (member (o, key));
}

/* Locks as block/src/fcntl.rs does: of the open file, for the whole of it. */
static bool
lock_disk (int fd, bool readonly)
{
    struct flock lock = { .l_type = readonly ? F_RDLCK : F_WRLCK,
                          .l_whence = SEEK_SET };

    return fcntl (fd, F_OFD_SETLK, &lock) == 0;
}

bool
open_disk (struct json_object *disk, struct reply *reply)
{
    const char *path = text_of (disk, "path");
    const char *type = text_of (disk, "image_type");
    bool readonly = flag_of (disk, "readonly");
    int fd = open (path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    char where[512], why[128];

    if (fd < 0) {
        snprintf (why, sizeof why, "%s (os error %d)", strerror (errno), errno);
        snprintf (where, sizeof where, "I/O error (path=%s op=open)", path);
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "Error from device manager", "Cannot open disk path", where,
                   why, NULL);
        return false;
    }
    keep_file (fd, text_of (disk, "id"));
    if (!strcmp (type, "Unknown")) {
        fprintf (stderr, "autodetection of image types is deprecated\n");
    } else if (strcmp (type, detected (fd))) {
        snprintf (why, sizeof why, "Specified image type is %s, detected %s",
                  type, detected (fd));
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "Error from device manager", why, NULL);
        return false;
    }
    if (!strcmp (detected (fd), "Qcow2") && has_backing (fd)
        && !flag_of (disk, "backing_files")) {
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "Error from device manager", "Failed to create QcowDiskSync",
                   "Backing file support is disabled", NULL);
        return false;
    }
    if (!lock_disk (fd, readonly)) {
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "Failed locking disk images",
                   "The file is already locked. A call to fuser might help",
                   NULL);
        return false;
    }
    add_to_tree (text_of (disk, "id"));
    return true;
}

/* What the real one does when the guest's driver starts a NIC: a timer for what
 * it says after a move (virtio-devices/src/net.rs). */
bool
activate_nic (const char *id, struct reply *reply)
{
    const struct itimerspec never = { 0 };
    int fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC);

    if (fd < 0 || timerfd_settime (fd, 0, &never, NULL) < 0) {
        fail_with (reply, 500, "Error from API", "Failed to activate device",
                   "Failed to create TimerFd", NULL);
        return false;
    }
    keep_file (fd, id);
    return true;
}

/* The list of that name, made if there is none. */
static struct json_object *
list_of (const char *name)
{
    struct json_object *list = member (machine.config, name);

    if (!list) {
        list = json_object_new_array ();
        json_object_object_add (machine.config, name, list);
    }
    return list;
}

static int
find_in (struct json_object *list, const char *id)
{
    size_t n = list ? json_object_array_length (list) : 0;

    for (size_t i = 0; i < n; i++) {
        if (!strcmp (text_of (json_object_array_get_idx (list, i), "id"), id)) {
            return (int)i;
        }
    }
    return -1;
}

static bool
is_taken (const char *id, struct reply *reply)
{
    char why[256];

    if (find_in (member (machine.config, "disks"), id) < 0
        && find_in (member (machine.config, "net"), id) < 0) {
        return false;
    }
    snprintf (why, sizeof why, "Identifier is not unique: %s", id);
    fail_with (reply, 500, "Error from API",
               "The device could not be added to the VM",
               "Error validating configuration", why, NULL);
    return true;
}

/* A cold add stores, a hot one answers where the device is. */
static void
added (const char *list, struct json_object *device, struct reply *reply)
{
    const char *id = text_of (device, "id");

    json_object_array_add (list_of (list), device);
    if (machine.there) {
        add_to_tree (id);
        reply->status = 200;
        reply->body = json_object_new_object ();
        json_object_object_add (reply->body, "id", json_object_new_string (id));
        json_object_object_add (reply->body, "bdf",
                                json_object_new_string ("0000:00:06.0"));
    }
}

static bool
is_created (struct reply *reply)
{
    if (!machine.config) {
        fail_with (reply, 404, "Error from API",
                   "The device could not be added to the VM",
                   "VM is not created", NULL);
    }
    return machine.config != NULL;
}

static const char *
wrong_queues (struct json_object *net, size_t n_fds)
{
    int queues = json_object_get_int (member (net, "num_queues"));
    int cpus = json_object_get_int (
        member (member (machine.config, "cpus"), "boot_vcpus"));

    if (queues < 2) {
        return "Number of queues to virtio_net must be at least 2";
    }
    if (n_fds && (size_t)queues != 2 * n_fds) {
        return "Number of queues to virtio_net does not match the number of "
               "input FDs";
    }
    if (queues / 2 > cpus) {
        return "Number of vCPUs is insufficient for number of queues";
    }
    return n_fds || *text_of (net, "tap") ? NULL : "Failed to open taps";
}

static void
add_net (struct request *request, struct reply *reply)
{
    const char *why;
    struct json_object *net;

    if (!is_created (reply)) {
        return;
    }
    net = keep_net (request->body, &why);
    if (!net) {
        fail_with (reply, 400, "Failed to deserialize JSON", why, NULL);
        return;
    }
    why = wrong_queues (net, request->n_fds);
    if (why) {
        fail_with (reply, 500, "Error from API",
                   "The network device could not be added to the VM",
                   "Error validating configuration", why, NULL);
    }
    if (why || is_taken (text_of (net, "id"), reply)) {
        json_object_put (net);
        return;
    }
    /* Numbers that were sent as text are nothing. */
    json_object_object_del (net, "fds");
    if (request->n_fds > 0) {
        json_object_object_add (net, "fds", json_object_new_array ());
    }
    for (size_t i = 0; i < request->n_fds; i++) {
        json_object_array_add (member (net, "fds"),
                               json_object_new_int (request->fds[i]));
        fcntl (request->fds[i], F_SETFL, O_NONBLOCK);
        keep_file (request->fds[i], text_of (net, "id"));
        request->fds[i] = -1;
    }
    if (machine.there && !activate_nic (text_of (net, "id"), reply)) {
        json_object_put (net);
        return;
    }
    added ("net", net, reply);
}

static void
add_disk (struct request *request, struct reply *reply)
{
    const char *why;
    struct json_object *disk;

    if (!is_created (reply)) {
        return;
    }
    disk = keep_disk (request->body, &why);
    if (!disk) {
        fail_with (reply, 400, "Failed to deserialize JSON", why, NULL);
    } else if (is_taken (text_of (disk, "id"), reply)
               || (machine.there && !open_disk (disk, reply))) {
        json_object_put (disk);
    } else {
        added ("disks", disk, reply);
    }
}

/* The configuration forgets it at once, the tree when the guest lets go. */
static void
remove_device (struct json_object *body, struct reply *reply)
{
    static const char *const lists[] = { "disks", "net" };
    const char *id = text_of (body, "id");
    char why[256];

    for (size_t i = 0; machine.config && i < 2; i++) {
        struct json_object *list = member (machine.config, lists[i]);
        int at = find_in (list, id);

        if (at >= 0) {
            json_object_array_del_idx (list, (size_t)at, 1);
            snprintf (machine.ejecting, sizeof machine.ejecting, "%s", id);
            if (!guest_is ("deaf")) {
                guest_will (EJECTS, 100);
            }
            return;
        }
    }
    snprintf (why, sizeof why,
              "Failed to find device corresponding to the given identifier: %s",
              id);
    fail_with (reply, 500, "Error from API",
               "The device could not be removed from the VM",
               "Error from device manager", why, NULL);
}

/* Processors that are taken away are pending until the guest has let go. */
static bool
resize_cpus (struct json_object *wanted, struct reply *reply)
{
    struct json_object *cpus = member (machine.config, "cpus");
    int n = json_object_get_int (wanted);

    if (!wanted || n == machine.present_cpus) {
        return true;
    }
    if (n > json_object_get_int (member (cpus, "max_vcpus"))) {
        fail_with (reply, 500, "Error from API", "The VM could not be resized",
                   "Error from CPU manager", "Requested vCPUs exceed maximum",
                   NULL);
        return false;
    }
    if (machine.wanted_cpus < machine.present_cpus) {
        fail_with (reply, 429, "Too Many Requests", NULL);
        return false;
    }
    machine.wanted_cpus = n;
    if (n > machine.present_cpus) {
        machine.present_cpus = n;
    } else if (!guest_is ("deaf")) {
        guest_will (LETS_GO_OF_CPUS, 200);
    }
    json_object_object_add (cpus, "boot_vcpus", json_object_new_int (n));
    return true;
}

/* By ACPI it grows at once, and what it has is what was asked for; by
 * virtio-mem the guest has to do something, and this one does not. */
static bool
resize_memory (struct json_object *wanted, struct reply *reply)
{
    struct json_object *memory = member (machine.config, "memory");
    bool acpi = !strcmp (text_of (memory, "hotplug_method"), "Acpi");
    long long n = json_object_get_int64 (wanted);
    long long most = machine.boot_memory
                     + json_object_get_int64 (member (memory, "hotplug_size"));

    if (!wanted) {
        return true;
    }
    if (n > most || (!acpi && n < machine.boot_memory)) {
        fail_with (reply, 500, "Error from API", "The VM could not be resized",
                   "Error from memory manager",
                   n > most ? "Not enough space in the hotplug RAM region"
                            : "Invalid resize: below boot size",
                   NULL);
        return false;
    }
    if (acpi) {
        machine.memory = n;
        json_object_object_add (memory, "size", json_object_new_int64 (n));
    }
    return true;
}

static void
resize (struct json_object *body, struct reply *reply)
{
    if (!machine.config) {
        fail_with (reply, 404, "Error from API", "The VM could not be resized",
                   "VM is not created", NULL);
        return;
    }
    send_event ("vm", "resizing");
    if (resize_cpus (member (body, "desired_vcpus"), reply)
        && resize_memory (member (body, "desired_ram"), reply)) {
        send_event ("vm", "resized");
    }
}

static void
resize_disk (struct json_object *body, struct reply *reply)
{
    struct json_object *disks = member (machine.config, "disks");
    int at = find_in (disks, text_of (body, "id"));
    const char *path;
    int fd;

    if (at < 0 || !machine.there) {
        fail_with (
            reply, 500, "Error from API", "The disk could not be resized",
            machine.there ? "Error from device manager" : "VM is not running",
            NULL);
        return;
    }
    path = text_of (json_object_array_get_idx (disks, (size_t)at), "path");
    fd = open (path, O_RDWR | O_CLOEXEC);
    if (fd < 0
        || ftruncate (fd, json_object_get_int64 (member (body, "desired_size")))
               < 0) {
        fail_with (reply, 500, "Error from API",
                   "The disk could not be resized", "Error from device manager",
                   NULL);
    }
    if (fd >= 0) {
        close (fd);
    }
}

static void
add_counters (struct json_object *all, const char *list, const char *counters)
{
    struct json_object *devices = member (machine.config, list);
    size_t n = devices ? json_object_array_length (devices) : 0;

    for (size_t i = 0; i < n; i++) {
        json_object_object_add (
            all, text_of (json_object_array_get_idx (devices, i), "id"),
            json_tokener_parse (counters));
    }
}

static void
count (struct reply *reply)
{
    reply->status = 200;
    reply->body = json_object_new_object ();
    add_counters (reply->body, "disks",
                  "{\"read_bytes\":4096,\"read_ops\":1,\"write_bytes\":0,"
                  "\"write_ops\":0,\"read_latency_min\":18446744073709551615}");
    add_counters (reply->body, "net",
                  "{\"rx_bytes\":64,\"rx_frames\":1,\"tx_bytes\":0,"
                  "\"tx_frames\":0}");
}

bool
handle_device (const char *action, struct request *request, struct reply *reply)
{
    if (!strcmp (action, "vm.add-net")) {
        add_net (request, reply);
    } else if (!strcmp (action, "vm.add-disk")) {
        add_disk (request, reply);
    } else if (!strcmp (action, "vm.remove-device")) {
        remove_device (request->body, reply);
    } else if (!strcmp (action, "vm.resize")) {
        resize (request->body, reply);
    } else if (!strcmp (action, "vm.resize-disk")) {
        resize_disk (request->body, reply);
    } else if (!strcmp (action, "vm.counters")) {
        count (reply);
    } else {
        return false;
    }
    return true;
}
