/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The services behind struct hv_host, and the collectors that they fill. */
#ifndef CORE_SERVICES_H
#define CORE_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/vec.h"

struct plugin;

/* A descriptor of a port that was not passed to the process: its plugin may
 * pass it on; see hv_nic_fd(). */
struct held_fd {
    const char *nic;
    uint32_t queue;
    int fd;
};

/* The name of the socket in the run directory that the supervisor serves. */
#define SERIAL_SOCKET "serial"

extern const struct hv_host services;

/* Frees what services keep for a plugin. */
void services_close (struct plugin *p);

struct list_entry {
    const char *name, *detail;
};

struct hv_list {
    struct vec entries; /* struct list_entry * */
};

struct hv_chain {
    struct vec layers; /* struct hv_layer * */
};

enum launch_fd_kind { FD_OPEN, FD_LISTEN, FD_LOG, FD_PORT };

/* For FD_LISTEN: the serial port, to which the supervisor connects; the socket
 * of that name is the supervisor's own.  See hv_console(). */
#define RELAYED 1

struct launch_fd {
    enum launch_fd_kind kind;
    int number;       /* In the process. */
    const char *name; /* A path, a socket's, a log's, a NIC's. */
    uint32_t flags;   /* enum hv_open_flags, the queue, or RELAYED. */
};

struct launch_file {
    const char *path, *as;
};

/* A brokered file. */
struct launch_lent {
    const char *path;
    uint32_t flags; /* enum hv_open_flags */
};

/* The lowest number a described descriptor gets. */
#define LAUNCH_FIRST_FD 3

struct hv_launch {
    bool by_path;
    struct vec argv;          /* char * */
    struct vec fds;           /* struct launch_fd * */
    struct vec files;         /* struct launch_file * */
    struct vec groups;        /* char * */
    struct vec calls;         /* struct call_rule *: the plugin's own */
    struct vec lent;          /* struct launch_lent * */
    const char *watch, *word; /* A log's name, or null; see hv_watch(). */
};

/* Returns the file name of that socket. */
const char *services_socket_file (const struct launch_fd *f);

#endif /* CORE_SERVICES_H */
