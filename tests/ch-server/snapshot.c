/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The machine to files and back (vmm/src/lib.rs, vmm/src/vm.rs,
 * vmm/src/migration/mod.rs, vmm/src/memory_manager.rs), as careless as they
 * are: two of the files are written by one write(), of which nobody looks how
 * much it did, and what the third one lacks is zero. */

#include "tests/ch-server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEND                                                                   \
    "Error from API", "The VM could not be snapshotted",                       \
        "Cannot send VM snapshot",                                             \
        "Failed to send migratable component snapshot"
#define RECEIVE                                                                \
    "Error from API", "The VM could not be restored", "Cannot restore VM",     \
        "Failed to receive migratable component snapshot"

static const char *
os_error (char text[128])
{
    snprintf (text, 128, "%s (os error %d)", strerror (errno), errno);
    return text;
}

/* Stores the directory that an URL names; false if it is none. */
static bool
find_dir (const char *url, char dir[512], struct reply *reply)
{
    const char *root = getenv ("CH_SERVER_ROOT");
    char why[700];
    struct stat st;

    if (strncmp (url, "file://", 7) != 0) {
        snprintf (why, sizeof why, "Could not extract path from URL: %s", url);
    } else {
        snprintf (dir, 512, "%s%s", root ? root : "", url + 7);
        if (stat (dir, &st) == 0 && S_ISDIR (st.st_mode)) {
            return true;
        }
        snprintf (why, sizeof why, "Destination is not a directory: \"%s\"",
                  dir);
    }
    fail_with (reply, 500, SEND, why, NULL);
    return false;
}

static void
path_in (const char *dir, const char *name, char path[700])
{
    snprintf (path, 700, "%s%s%s", dir,
              *dir && dir[strlen (dir) - 1] == '/' ? "" : "/", name);
}

/* ------------------------------------------------------------------ Writing */

static int
make_file (const char *dir, const char *name, const char *what,
           struct reply *reply)
{
    char path[700], error[128];
    int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    struct stat st;
    int fd;

    path_in (dir, name, path);
    if (getenv ("CH_SERVER_ROOT") && stat (path, &st) == 0 && !st.st_size) {
        flags &= ~O_EXCL;
    }
    fd = open (path, flags, 0666);
    if (fd < 0) {
        os_error (error);
        fail_with (reply, 500, SEND, what, error, NULL);
    }
    return fd;
}

static bool
write_text (const char *dir, const char *name, const char *what,
            struct json_object *o, struct reply *reply)
{
    const char *text =
        json_object_to_json_string_ext (o, JSON_C_TO_STRING_PLAIN);
    int fd = make_file (dir, name, what, reply);

    if (fd >= 0) {
        (void)!write (fd, text,
                      strlen (text) - is_called_for ("CH_SERVER_SHORT", name));
        close (fd);
    }
    return fd >= 0;
}

/* All of it, whatever there is in it. */
static bool
write_memory (const char *dir, struct reply *reply)
{
    int fd = make_file (dir, "memory-ranges",
                        "Error creating memory snapshot file", reply);
    long long left = machine.memory;
    static char part[1 << 20];
    char error[128];

    memset (part, 'm', sizeof part);
    if (fd >= 0) {
        (void)!ftruncate (fd, left);
    }
    while (fd >= 0 && left > 0) {
        ssize_t n = write (fd, part, sizeof part);

        if (n <= 0) {
            os_error (error);
            fail_with (reply, 500, SEND,
                       "Error writing dense memory snapshot region", error,
                       NULL);
            break;
        }
        left -= n;
    }
    if (fd >= 0) {
        if (is_called_for ("CH_SERVER_SHORT", "memory-ranges")) {
            (void)!ftruncate (fd, machine.memory - 1);
        }
        close (fd);
    }
    return fd >= 0 && left <= 0;
}

static struct json_object *
state_of_devices (void)
{
    struct json_object *o = json_object_new_object ();

    json_object_object_add (o, "snapshots", json_object_new_object ());
    json_object_object_add (o, "count", json_object_new_int64 (machine.count));
    return o;
}

void
take_snapshot (struct json_object *body, struct reply *reply)
{
    struct json_object *state;
    char dir[512];

    if (!machine.there) {
        fail_with (reply, 500, "Error from API",
                   "The VM could not be snapshotted", "VM is not running",
                   NULL);
        return;
    }
    send_event ("vm", "snapshotting");
    if (strcmp (machine.state, "Paused") != 0) {
        fail_with (reply, 500, "Error from API",
                   "The VM could not be snapshotted", "Cannot snapshot VM",
                   "Failed to snapshot migratable component",
                   "Trying to snapshot while VM is running", NULL);
        return;
    }
    send_event ("vm", "snapshotted");
    state = state_of_devices ();
    /* It looks at the directory each time. */
    if (find_dir (text_of (body, "destination_url"), dir, reply)
        && write_text (dir, "config.json",
                       "Error creating VM config snapshot file", machine.config,
                       reply)
        && find_dir (text_of (body, "destination_url"), dir, reply)
        && write_text (dir, "state.json",
                       "Error creating VM state snapshot file", state, reply)
        && find_dir (text_of (body, "destination_url"), dir, reply)) {
        write_memory (dir, reply);
    }
    json_object_put (state);
}

/* ------------------------------------------------------------------ Reading */

static struct json_object *
read_text (const char *dir, const char *name, const char *what,
           struct reply *reply)
{
    char path[700], error[128], about[900];
    static char text[1 << 20];
    struct json_object *o;
    ssize_t n;
    int fd;

    path_in (dir, name, path);
    fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        os_error (error);
        snprintf (about, sizeof about, "Error opening %s snapshot file \"%s\"",
                  what, path);
        fail_with (reply, 500, RECEIVE, about, error, NULL);
        return NULL;
    }
    n = read (fd, text, sizeof text - 1);
    close (fd);
    text[n > 0 ? n : 0] = '\0';
    o = json_tokener_parse (text);
    if (!json_object_is_type (o, json_type_object)) {
        json_object_put (o);
        snprintf (about, sizeof about, "Error deserialising %s snapshot", what);
        fail_with (reply, 500, RECEIVE, about,
                   "EOF while parsing an object at line 1", NULL);
        return NULL;
    }
    return o;
}

/* A key that it does not know is dropped, one that it misses is an error. */
static struct json_object *
read_config (const char *dir, struct reply *reply)
{
    struct json_object *in = read_text (dir, "config.json", "VM config", reply);
    struct json_object *out;
    const char *why = NULL;
    char about[128];

    if (!in) {
        return NULL;
    }
    out = keep_vm (in, &why);
    json_object_put (in);
    if (!out) {
        snprintf (about, sizeof about, "missing field `%s`", why);
        fail_with (reply, 500, RECEIVE,
                   "Error deserialising VM config snapshot", about, NULL);
    }
    return out;
}

static bool
read_memory (const char *dir, struct reply *reply)
{
    char path[700], error[128];
    static char part[1 << 20];
    int fd;

    path_in (dir, "memory-ranges", path);
    fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        os_error (error);
        fail_with (reply, 500, "Error from API", "The VM could not be restored",
                   "Memory manager error", "Failed opening snapshot file",
                   error, NULL);
        return false;
    }
    while (read (fd, part, sizeof part) > 0) {
    }
    close (fd);
    return true;
}

/* ------------------------------------------------------ Descriptors of NICs */

static long long
number_of (struct json_object *o, const char *key)
{
    return json_object_get_int64 (member (o, key));
}

static struct json_object *
element (struct json_object *list, size_t i)
{
    return json_object_array_get_idx (list, i);
}

static size_t
length (struct json_object *list)
{
    return list ? json_object_array_length (list) : 0;
}

/* Those of the request are for the NICs in the order in which it names them. */
static bool
count_fds (struct json_object *net_fds, const struct request *request,
           struct reply *reply)
{
    size_t expected = 0;

    for (size_t i = 0; i < length (net_fds); i++) {
        expected += (size_t)number_of (element (net_fds, i), "num_fds");
    }
    if (net_fds && expected != request->n_fds) {
        fail_with (reply, 400, "Bad Request", NULL);
        return false;
    }
    return true;
}

/* Each NIC that had descriptors gets as many (RestoreConfig::validate). */
static bool
check_nic (struct json_object *nic, struct json_object *net_fds,
           struct reply *reply)
{
    size_t had = length (member (nic, "fds"));
    const char *id = text_of (nic, "id");
    char why[256];

    for (size_t i = 0; had && i < length (net_fds); i++) {
        size_t n = (size_t)number_of (element (net_fds, i), "num_fds");

        if (!strcmp (text_of (element (net_fds, i), "id"), id)) {
            snprintf (why, sizeof why,
                      "Number of Net FDs passed for '%s' during Restore: %zu. "
                      "Expected: %zu",
                      id, n, had);
            if (n != had) {
                fail_with (reply, 500, "Error from API",
                           "The VM could not be restored",
                           "Failed to validate config", why, NULL);
            }
            return n == had;
        }
    }
    if (had) {
        snprintf (why, sizeof why,
                  "Net id %s is associated with FDs and is required", id);
        fail_with (reply, 500, "Error from API", "The VM could not be restored",
                   "Failed to validate config", why, NULL);
    }
    return !had;
}

static bool
take_fds (struct json_object *config, struct json_object *net_fds,
          struct request *request, struct reply *reply)
{
    struct json_object *nics = member (config, "net");
    size_t at = 0;

    for (size_t i = 0; i < length (nics); i++) {
        if (!check_nic (element (nics, i), net_fds, reply)) {
            return false;
        }
    }
    for (size_t i = 0; i < length (net_fds); i++) {
        struct json_object *o = element (net_fds, i);

        for (long long k = 0; k < number_of (o, "num_fds"); k++) {
            fcntl (request->fds[at], F_SETFL, O_NONBLOCK);
            keep_file (request->fds[at], text_of (o, "id"));
            request->fds[at++] = -1;
        }
    }
    return true;
}

void
restore_machine (struct request *request, struct reply *reply)
{
    struct json_object *net_fds = member (request->body, "net_fds");
    struct json_object *config, *state;
    char dir[512];

    if (!count_fds (net_fds, request, reply)) {
        return;
    }
    if (machine.config) {
        fail_with (reply, 500, "Error from API", "The VM could not be restored",
                   "VM is already created", NULL);
        return;
    }
    if (!find_dir (text_of (request->body, "source_url"), dir, reply)) {
        return;
    }
    config = read_config (dir, reply);
    if (!config || !take_fds (config, net_fds, request, reply)) {
        json_object_put (config);
        return;
    }
    state = read_text (dir, "state.json", "VM state", reply);
    if (state
        && !json_object_is_type (member (state, "snapshots"),
                                 json_type_object)) {
        fail_with (reply, 500, RECEIVE, "Error deserialising VM state snapshot",
                   "invalid type, expected a map", NULL);
        json_object_put (config);
        json_object_put (state);
        return;
    }
    if (!state || !read_memory (dir, reply)) {
        json_object_put (config);
        json_object_put (state);
        return;
    }
    machine.config = config;
    machine.count = (unsigned)number_of (state, "count");
    json_object_put (state);
    make_restored (reply);
}
