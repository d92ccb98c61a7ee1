/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* dnsmasq writes lines "EXPIRY MAC ADDRESS HOSTNAME CLIENT-ID", after a line
 * "duid …" "EXPIRY IAID ADDRESS HOSTNAME DUID" (src/lease.c).  It rewrites its
 * file in place, so the last line may be cut off.  Kea answers one request for
 * each connection, and closes it (Kea ARM, "Management API"). */
#include "cli/leases.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/mac.h"
#include "common/size.h"
#include "core/base/clock.h"
#include "core/base/json.h"

#define MOST (16 << 20) /* Bytes, of a file or an answer. */
#define PATIENCE 2000   /* ms, for the whole answer. */
#define FIELDS 5

enum { UNSUPPORTED = 2, NONE_FOUND = 3 }; /* Of Kea's results. */

/* What is not an address, or whose MAC is none, is no lease. */
static void
add (struct arena *a, struct vec *all, const char *mac, const char *address,
     const char *hostname)
{
    struct in6_addr ignored;
    char text[MAC_TEXT];
    uint8_t bytes[6];
    struct lease *l;

    if (!mac || !address || !parse_mac (mac, bytes)
        || (inet_pton (AF_INET, address, &ignored) != 1
            && inet_pton (AF_INET6, address, &ignored) != 1)) {
        return;
    }
    l = arena_alloc (a, sizeof *l);
    *l = (struct lease){ .mac = arena_dup (a, format_mac (bytes, text)),
                         .address = arena_dup (a, address),
                         .hostname = hostname && *hostname
                                             && strcmp (hostname, "*") != 0
                                         ? arena_dup (a, hostname)
                                         : NULL };
    vec_add (a, all, l);
}

/* A DUID that was made of a MAC address of Ethernet ends in it: RFC 8415, 11.2
 * and 11.4. */
static const char *
mac_of_duid (const char *duid)
{
    size_t len = strlen (duid);

    return (!strncmp (duid, "00:01:00:01:", 12) && len == 14 * 3 - 1)
                   || (!strncmp (duid, "00:03:00:01:", 12) && len == 10 * 3 - 1)
               ? duid + len - 17
               : NULL;
}

static void
add_line (struct arena *a, char *line, int64_t now, bool *six, struct vec *all)
{
    char *fields[FIELDS], *rest = line;
    const char *mac;
    uint64_t expiry;

    *six |= !strncmp (line, "duid ", 5);
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = strsep (&rest, " ");
        if (!fields[i]) {
            return; /* "duid …", or cut off. */
        }
    }
    if (!parse_uint (fields[0], &expiry)
        || (expiry && expiry < (uint64_t)now)) {
        return;
    }
    mac = *six ? mac_of_duid (fields[4]) : fields[1];
    /* Of a type other than Ethernet: "06-". */
    if (mac && isxdigit ((unsigned char)mac[0])
        && isxdigit ((unsigned char)mac[1]) && mac[2] == '-') {
        mac += 3;
    }
    add (a, all, mac, fields[2], fields[3]);
}

void
leases_parse_dnsmasq (struct arena *a, char *text, int64_t now, struct vec *all)
{
    bool six = false;

    for (char *line; (line = strsep (&text, "\n"));) {
        if (text) { /* A last line without its end is being written. */
            add_line (a, line, now, &six, all);
        }
    }
}

static void
add_kea (struct arena *a, struct json_object *lease, int64_t now,
         struct vec *all)
{
    int64_t since = json_get_number (lease, "cltt"),
            valid = json_get_number (lease, "valid-lft");
    const char *mac = json_get_text (a, lease, "hw-address");
    const char *duid = json_get_text (a, lease, "duid");

    if (json_get_number (lease, "state") != 0
        || (valid != UINT32_MAX && valid < now - since)) {
        return;
    }
    add (a, all,
         mac    ? mac
         : duid ? mac_of_duid (duid)
                : NULL,
         json_get_text (a, lease, "ip-address"),
         json_get_text (a, lease, "hostname"));
}

/* Stores the server's result. */
static int
parse_kea (struct arena *a, const char *text, int64_t now, struct vec *all,
           int64_t *result, struct error *err)
{
    struct json_object *o = json_tokener_parse (text), *arguments, *leases,
                       *number;
    const char *why;

    if (!json_object_is_type (o, json_type_object)
        || !json_object_object_get_ex (o, "result", &number)
        || !json_object_is_type (number, json_type_int)) {
        json_object_put (o);
        return fail (err, EPROTO, "its answer is not that of a Kea server");
    }
    *result = json_object_get_int64 (number);
    if (*result != 0 && *result != NONE_FOUND) {
        why = json_get_text (a, o, "text");
        json_object_put (o);
        return fail (err, EPROTO, "the Kea server says: %s",
                     why ? why : "nothing");
    }
    if (json_object_object_get_ex (o, "arguments", &arguments)
        && json_object_object_get_ex (arguments, "leases", &leases)
        && json_object_is_type (leases, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length (leases); i++) {
            add_kea (a, json_object_array_get_idx (leases, i), now, all);
        }
    }
    json_object_put (o);
    return 0;
}

int
leases_parse_kea (struct arena *a, const char *text, int64_t now,
                  struct vec *all, struct error *err)
{
    int64_t ignored;

    return parse_kea (a, text, now, all, &ignored, err);
}

/* Reads until the other end closes; returns malloc'ed text, or null. */
static char *
read_all (int fd, int64_t until, struct error *err)
{
    char *text = NULL;
    size_t used = 0, room = 0;

    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int64_t left = until - now_ms ();
        ssize_t n;

        if (room - used < 4096) {
            room = 2 * room + 16384;
            text = xrealloc (text, room);
        }
        if (left <= 0 || poll (&p, 1, (int)left) <= 0) {
            fail (err, ETIMEDOUT, "it did not answer within %.1f seconds",
                  PATIENCE / 1000.0);
            break;
        }
        n = read (fd, text + used, room - used - 1);
        if (n <= 0 && (n == 0 || errno != EINTR)) {
            text[used] = '\0';
            if (n == 0) {
                return text;
            }
            fail (err, errno, "cannot read it: %m");
            break;
        }
        used += n > 0 ? (size_t)n : 0;
        if (used > MOST) {
            fail (err, EFBIG, "it is larger than %d MiB", MOST >> 20);
            break;
        }
    }
    free (text);
    return NULL;
}

static int
connect_to (const char *path, struct error *err)
{
    CLEANUP_CLOSE int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct timeval limit = { .tv_sec = PATIENCE / 1000 };

    if (strlen (path) >= sizeof address.sun_path) {
        return fail (err, ENAMETOOLONG,
                     "a socket's path has at most 107 bytes");
    }
    strcpy (address.sun_path, path);
    if (fd < 0
        || setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0
        || connect (fd, (struct sockaddr *)&address, sizeof address) < 0) {
        return fail (err, errno, "cannot connect: %m");
    }
    return steal_fd (&fd);
}

/* Returns malloc'ed text, or null. */
static char *
ask_kea (const char *path, const char *request, struct error *err)
{
    CLEANUP_CLOSE int fd = connect_to (path, err);
    int64_t until = now_ms () + PATIENCE;

    if (fd < 0) {
        return NULL;
    }
    if (send (fd, request, strlen (request), MSG_NOSIGNAL) < 0) {
        fail (err, errno, "cannot send a request: %m");
        return NULL;
    }
    return read_all (fd, until, err);
}

/* kea-dhcp4 and kea-dhcp6 have a socket each. */
static int
read_kea (struct arena *a, const char *path, struct vec *all, struct error *err)
{
    static const char *const requests[] = {
        "{\"command\":\"lease4-get-all\"}", "{\"command\":\"lease6-get-all\"}"
    };
    int64_t result = 0;
    int rc = 0;

    for (size_t i = 0; i < 2; i++) {
        CLEANUP_FREE char *text = ask_kea (path, requests[i], err);

        if (!text) {
            return -err->code;
        }
        rc = parse_kea (a, text, time (NULL), all, &result, err);
        if (rc == 0 || result != UNSUPPORTED) {
            return rc;
        }
    }
    return fail (err, ENOTSUP,
                 "%s (load its hook library libdhcp_lease_cmds.so)", err->text);
}

static int
read_file (struct arena *a, const char *path, struct vec *all,
           struct error *err)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    CLEANUP_FREE char *text = NULL;
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return fail (err, errno, "cannot open it: %m");
    }
    if (!S_ISREG (st.st_mode)) {
        return fail (err, EINVAL, "it is neither a file nor a socket");
    }
    text = read_all (fd, now_ms () + PATIENCE, err);
    if (!text) {
        return -err->code;
    }
    leases_parse_dnsmasq (a, text, time (NULL), all);
    return 0;
}

int
leases_read (struct arena *a, const char *path, struct vec *all,
             struct error *err)
{
    struct stat st;

    if (stat (path, &st) < 0) {
        return fail (err, errno, "%m");
    }
    return S_ISSOCK (st.st_mode) ? read_kea (a, path, all, err)
                                 : read_file (a, path, all, err);
}
