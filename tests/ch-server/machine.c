/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the actions do (vmm/src/lib.rs, vmm/src/api/http/mod.rs), in the words
 * of the real program. */

#include "tests/ch-server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct machine machine = { .state = "Created" };

static void boot (struct reply *reply);

void
fail_with (struct reply *reply, int status, ...)
{
    const char *cause;
    va_list args;

    reply->status = status;
    json_object_put (reply->body);
    reply->body = json_object_new_array ();
    va_start (args, status);
    while ((cause = va_arg (args, const char *))) {
        json_object_array_add (reply->body, json_object_new_string (cause));
    }
    va_end (args);
}

static const char *
payload (const char *key)
{
    const char *text = text_of (member (machine.config, "payload"), key);

    return *text ? text : NULL;
}

void
keep_file (int fd, const char *id)
{
    if (machine.n_files < sizeof machine.files / sizeof *machine.files) {
        machine.files[machine.n_files++] =
            (struct open_file){ fd, strdup (id) };
    }
}

void
add_to_tree (const char *id)
{
    json_object_object_add (machine.tree, id, json_object_new_object ());
}

void
close_files (const char *id)
{
    size_t kept = 0;

    for (size_t i = 0; i < machine.n_files; i++) {
        struct open_file *f = &machine.files[i];

        if (id && strcmp (f->id, id) != 0) {
            machine.files[kept++] = *f;
        } else {
            close (f->fd);
            free (f->id);
        }
    }
    machine.n_files = kept;
}

/* The object is made anew, so the state is "Created" and never "Shutdown". */
void
shut_down (void)
{
    close_files (NULL);
    serial_close ();
    machine.there = false;
    machine.state = "Created";
    json_object_put (machine.tree);
    machine.tree = NULL;
    send_event ("vm", "shutdown");
}

/* A new machine is made of the same configuration, and files are opened anew;
 * if that fails, all is over, and the exit status is 1. */
void
reboot (void)
{
    struct reply reply = { .status = 204 };

    send_event ("vm", "rebooting");
    close_files (NULL);
    serial_close ();
    machine.there = false;
    boot (&reply);
    if (reply.status >= 300) {
        exit (1);
    }
    send_event ("vm", "rebooted");
}

/* --------------------------------------------------------------- booting */

/* An ELF file or a bzImage. */
static bool
load_payload (struct reply *reply)
{
    const char *path =
        payload ("firmware") ? payload ("firmware") : payload ("kernel");
    int fd = path ? open (path, O_RDONLY | O_CLOEXEC) : -1;
    char magic[0x206] = { 0 }, why[128];
    ssize_t n;

    if (!path) {
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "No boot payload", NULL);
        return false;
    }
    if (fd < 0) {
        snprintf (why, sizeof why, "%s (os error %d)", strerror (errno), errno);
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   payload ("firmware") ? "Cannot open firmware file"
                                        : "Cannot open kernel file",
                   why, NULL);
        return false;
    }
    n = read (fd, magic, sizeof magic);
    close (fd);
    if (n < 64
        || (memcmp (magic, "\177ELF\2", 5)
            && memcmp (magic + 0x202, "HdrS", 4))) {
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "Cannot load the kernel into memory",
                   "Kernel Loader: failed to load bzImage kernel image: Kernel "
                   "Loader: Invalid bzImage",
                   "Kernel Loader: Invalid bzImage", NULL);
        return false;
    }
    return true;
}

static void
set_memory (void)
{
    machine.memory = machine.boot_memory = json_object_get_int64 (
        member (member (machine.config, "memory"), "size"));
}

/* Makes the machine of its configuration: serial port, disks, NICs. */
static bool
make_machine (struct reply *reply)
{
    struct json_object *disks = member (machine.config, "disks");
    struct json_object *nets = member (machine.config, "net");
    size_t n = disks ? json_object_array_length (disks) : 0;

    json_object_put (machine.tree);
    machine.tree = json_object_new_object ();
    add_to_tree ("__rng");
    if (!serial_open (reply)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!open_disk (json_object_array_get_idx (disks, i), reply)) {
            return false;
        }
    }
    n = nets ? json_object_array_length (nets) : 0;
    for (size_t i = 0; i < n; i++) {
        const char *id = text_of (json_object_array_get_idx (nets, i), "id");

        add_to_tree (id);
        if (!activate_nic (id, reply)) {
            return false;
        }
    }
    machine.there = true;
    machine.present_cpus = machine.wanted_cpus = json_object_get_int (
        member (member (machine.config, "cpus"), "boot_vcpus"));
    return true;
}

static void
boot (struct reply *reply)
{
    if (machine.there) {
        fail_with (reply, 500, "Error from API", "The VM could not boot",
                   "VM is already created", NULL);
        return;
    }
    if (!machine.config) {
        fail_with (reply, 404, "Error from API", "The VM could not boot",
                   "VM config is missing", NULL);
        return;
    }
    send_event ("vm", "booting");
    if (load_payload (reply) && make_machine (reply)) {
        machine.state = "Running";
        send_event ("vm", "booted");
        guest_starts ();
    }
}

void
make_restored (struct reply *reply)
{
    if (!make_machine (reply)) {
        json_object_array_put_idx (
            reply->body, 1,
            json_object_new_string ("The VM could not be restored"));
        close_files (NULL);
        serial_close ();
        json_object_put (machine.config);
        machine.config = NULL;
        send_event ("vm", "deleted");
        return;
    }
    set_memory ();
    send_event ("vm", "restoring");
    machine.state = "Paused";
    send_event ("vm", "restored");
}

/* --------------------------------------------------------------- actions */

/* Descriptors that come with it are dropped, like the numbers in "fds". */
static void
create (struct request *request, struct reply *reply)
{
    struct json_object *config;
    const char *why;

    config = keep_vm (request->body, &why);
    if (!config) {
        fail_with (reply, 400, "Failed to deserialize JSON", why, NULL);
        return;
    }
    if (machine.config) {
        json_object_put (config);
        fail_with (reply, 500, "Error from API", "The VM could not be created",
                   "VM is already created", NULL);
        return;
    }
    machine.config = config;
    set_memory ();
}

static void
describe (struct reply *reply)
{
    if (!machine.config) {
        fail_with (reply, 404, "Error from API", "The VM info is not available",
                   "VM is not created", NULL);
        return;
    }
    reply->status = 200;
    reply->body = json_object_new_object ();
    json_object_object_add (reply->body, "config",
                            json_object_get (machine.config));
    json_object_object_add (reply->body, "state",
                            json_object_new_string (machine.state));
    json_object_object_add (reply->body, "memory_actual_size",
                            json_object_new_int64 (machine.memory));
    if (machine.tree) {
        json_object_object_add (reply->body, "device_tree",
                                json_object_get (machine.tree));
    }
}

static void
change (struct reply *reply, const char *from, const char *to,
        const char *error, const char *doing, const char *done)
{
    char why[128];

    if (!machine.there) {
        fail_with (reply, 500, "Error from API", error, "VM is not running",
                   NULL);
        return;
    }
    send_event ("vm", doing);
    if (strcmp (machine.state, from)) {
        snprintf (why, sizeof why,
                  "Invalid transition: InvalidStateTransition(%s, %s)",
                  machine.state, to);
        fail_with (reply, 500, "Error from API", error, why, NULL);
        return;
    }
    machine.state = to;
    send_event ("vm", done);
}

static void
press_button (struct reply *reply)
{
    if (!machine.there) {
        fail_with (reply, 500, "Error from API",
                   "Error triggering power button", "VM is not running", NULL);
    } else if (!guest_is ("deaf")) {
        guest_will (POWERS_OFF, 20);
    }
}

static void
ping (struct reply *reply)
{
    reply->status = 200;
    reply->body = json_object_new_object ();
    json_object_object_add (reply->body, "build_version",
                            json_object_new_string (server_version ()));
    json_object_object_add (reply->body, "version",
                            json_object_new_string (server_version ()));
    json_object_object_add (reply->body, "pid",
                            json_object_new_int (getpid ()));
    json_object_object_add (reply->body, "features",
                            json_tokener_parse ("[\"io_uring\",\"kvm\"]"));
}

/* Answers, and then it is gone: hang_up() is the way out. */
static void
end_vmm (struct reply *reply)
{
    reply->status = 200;
    reply->empty = true;
    guest_will (FAILS, 0);
    machine.state = machine.there ? "Running" : "Created";
}

static bool
handle_action (const char *action, struct reply *reply)
{
    if (!strcmp (action, "vm.boot")) {
        boot (reply);
    } else if (!strcmp (action, "vm.pause")) {
        change (reply, "Running", "Paused", "The VM could not be paused",
                "pausing", "paused");
    } else if (!strcmp (action, "vm.resume")) {
        change (reply, "Paused", "Running", "The VM could not resume",
                "resuming", "resumed");
    } else if (!strcmp (action, "vm.power-button")) {
        press_button (reply);
    } else if (!strcmp (action, "vm.shutdown") && machine.there) {
        shut_down ();
    } else if (!strcmp (action, "vm.shutdown")) {
        fail_with (reply, 500, "Error from API", "The VM could not shut down",
                   "VM is not running", NULL);
    } else if (!strcmp (action, "vmm.shutdown")) {
        end_vmm (reply);
    } else {
        return false;
    }
    return true;
}

static void
handle_put (const char *action, struct request *request, struct reply *reply)
{
    static const char *const with_body[] = {
        "vm.create", "vm.add-net",     "vm.add-disk", "vm.remove-device",
        "vm.resize", "vm.resize-disk", "vm.snapshot", "vm.restore",
    };
    bool wants = false;

    for (size_t i = 0; i < sizeof with_body / sizeof *with_body; i++) {
        wants = wants || !strcmp (with_body[i], action);
    }
    if (wants != request->has_body) {
        fail_with (reply, 400, "Bad Request", NULL);
    } else if (wants && !request->body) {
        fail_with (reply, 400, "Failed to deserialize JSON",
                   "expected value at line 1 column 1", NULL);
    } else if (!strcmp (action, "vm.create")) {
        create (request, reply);
    } else if (!strcmp (action, "vm.snapshot")) {
        take_snapshot (request->body, reply);
    } else if (!strcmp (action, "vm.restore")) {
        restore_machine (request, reply);
    } else if (wants ? !handle_device (action, request, reply)
                     : !handle_action (action, reply)) {
        fail_with (reply, 404, "Not Found", NULL);
    }
}

/* "PUT vm.add-net 1 {...}": the number is that of descriptors. */
static void
note_request (const struct request *request, const char *action)
{
    const char *path = getenv ("CH_SERVER_REQUESTS");
    FILE *f = path ? fopen (path, "ae") : NULL;

    if (f) {
        fprintf (f, "%s %s %zu %s\n", request->method, action, request->n_fds,
                 request->body ? json_object_to_json_string_ext (
                     request->body, JSON_C_TO_STRING_PLAIN)
                               : "");
        fclose (f);
    }
}

void
handle (struct request *request, struct reply *reply)
{
    const char *action =
        strncmp (request->path, "/api/v1/", 8) ? "" : request->path + 8;

    note_request (request, action);
    if (is_called_for ("CH_SERVER_DIE", action)) {
        exit (0);
    }
    if (is_called_for ("CH_SERVER_SLOW", action)) {
        poll (NULL, 0, 5000);
    }
    while (is_called_for ("CH_SERVER_HANG", action)) {
        poll (NULL, 0, -1);
    }
    if (!strcmp (request->method, "PUT")) {
        handle_put (action, request, reply);
    } else if (!strcmp (action, "vmm.ping")) {
        ping (reply);
    } else if (!strcmp (action, "vm.info")) {
        describe (reply);
    } else if (strcmp (action, "vm.counters")
               || !handle_device (action, request, reply)) {
        fail_with (reply, 404, "Not Found", NULL);
    }
}
