/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* ch-server: behaves as cloud-hypervisor v53 does towards who drives it, bad
 * habits included, without a machine behind.  Tests start it in the place of
 * the real program, with the same command line.
 *
 *   main.c      arguments, events, the way out
 *   http.c      micro_http: one thread, ten connections, small buffers
 *   machine.c   what the actions do
 *   guest.c     a guest that does not exist
 *   snapshot.c  the machine to files and back
 *   devices.c   disks, hot-plugging, resizing, counters
 *   serial.c    the serial port's socket
 *   schema.c    the keys it knows, with their defaults; others are dropped
 *
 * The guest is guest.S as the kernel's command line has it: "poweroff", "deaf",
 * "triple" (resets, for ever), "count", and "crash" (a processor fails).
 * Variables of the environment make it worse:
 *
 *   CH_SERVER_VERSION   what it says it is
 *   CH_SERVER_DROP      a key that it does not know ("image_type")
 *   CH_SERVER_DIE       an action in the middle of which it ends
 *   CH_SERVER_SLOW      an action that takes five seconds
 *   CH_SERVER_REQUESTS  a file that each request is appended to
 *   CH_SERVER_HANG      an action that never ends
 *   CH_SERVER_ROOT      a directory that is its root for vm.snapshot and
 *                       vm.restore, and where an empty file is as good as none
 *   CH_SERVER_SHORT     a file of those that lacks its end
 *
 * or what follows a comma in the program's own name */
#ifndef TESTS_CH_SERVER_SERVER_H
#define TESTS_CH_SERVER_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#define MAX_REQUEST_FDS 253

struct request {
    char method[8], path[256];
    struct json_object *body; /* Or null. */
    bool has_body;            /* It may not have been JSON. */
    int fds[MAX_REQUEST_FDS]; /* Closed after the request, if not -1. */
    size_t n_fds;
};

struct reply {
    int status;
    struct json_object *body; /* Or null. */
    bool empty;               /* With "Content-Length: 0". */
};

/* main.c */
void send_event (const char *source, const char *event);
const char *server_version (void);
bool is_called_for (const char *variable, const char *action);
bool stays_after_shutdown (void);
_Noreturn void end_process (void);

/* http.c: serves until the process ends. */
_Noreturn void serve (int listener);

/* guest.c.  What the guest would have done by now.  Returns in how many
 * milliseconds it will do the next thing, or -1. */
int guest_turn (void);

enum guest_act { POWERS_OFF, RESETS, FAILS, EJECTS, LETS_GO_OF_CPUS, NOTHING };
void guest_will (enum guest_act act, int ms);
bool guest_is (const char *word);
void guest_starts (void);

/* machine.c */
void handle (struct request *request, struct reply *reply);
void shut_down (void);
void reboot (void);

/* The error's chain, the outermost cause first, ends in null. */
void fail_with (struct reply *reply, int status, ...)
    __attribute__ ((sentinel));

struct machine {
    struct json_object *config; /* Null: not created. */
    const char *state;          /* "Created", … */
    bool there;                 /* Booted, in whatever state. */
    struct json_object *tree;   /* Of devices. */
    char ejecting[128];         /* The device the guest is asked to let go. */
    int present_cpus, wanted_cpus; /* Fewer: they are pending. */
    long long memory, boot_memory;
    unsigned count; /* What the guest has said last. */
    struct open_file {
        int fd;
        char *id; /* Of the device that is behind it. */
    } files[64];  /* Images and taps. */
    size_t n_files;
};
extern struct machine machine;

void keep_file (int fd, const char *id);

/* Closes those of a device, or all. */
void close_files (const char *id);
void add_to_tree (const char *id);

/* Makes the machine of a configuration that was read, paused; forgets it if it
 * cannot. */
void make_restored (struct reply *reply);

/* snapshot.c */
void take_snapshot (struct json_object *body, struct reply *reply);
void restore_machine (struct request *request, struct reply *reply);

/* devices.c.  Opens and judges a disk as the factory of block devices does;
 * false if it failed. */
bool open_disk (struct json_object *disk, struct reply *reply);
bool activate_nic (const char *id, struct reply *reply);
bool handle_device (const char *action, struct request *request,
                    struct reply *reply);

/* serial.c.  Binds the socket, if that is the port's mode; false and a reply
 * if it cannot.  What the guest says before somebody connects is kept. */
bool serial_open (struct reply *reply);
void serial_say (const char *text);
void serial_close (void);

void serial_want (struct pollfd p[2]);
void serial_turn (const struct pollfd p[2]);

/* schema.c.  Return what is left of 'in' (new; the caller's), with defaults;
 * null and a reason for what the deserializer would refuse. */
struct json_object *keep_vm (struct json_object *in, const char **why);
struct json_object *keep_disk (struct json_object *in, const char **why);
struct json_object *keep_net (struct json_object *in, const char **why);

/* The member, or null; its text, or "". */
static inline struct json_object *
member (struct json_object *o, const char *key)
{
    struct json_object *value = NULL;

    json_object_object_get_ex (o, key, &value);
    return value;
}

static inline const char *
text_of (struct json_object *o, const char *key)
{
    struct json_object *value = member (o, key);

    return value ? json_object_get_string (value) : "";
}

#endif /* TESTS_CH_SERVER_SERVER_H */
