/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The HTTP client.  Its other side is the crate micro_http (src/connection.rs,
 * src/server.rs), which reads 1024 bytes at a time, so that no line may be
 * longer; takes descriptors with any bytes of a request; wants Content-Length
 * and no chunks; serves ten connections; does one request after the other;
 * and hangs up on who closes half a connection.
 *
 * An error's body is a JSON array of strings, the causes from the outermost
 * to the root; of micro_http's own errors it is text that only looks like
 * JSON. */

#include "plugins/cloud-hypervisor/api.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/pass.h"
#include "common/wait.h"

/* The body of vm.counters for 200 devices is below 200 KiB. */
#define MAX_BODY ((size_t)8 << 20)
#define MAX_HEAD ((size_t)16 << 10)
#define MAX_DEPTH 64
#define MAX_WORDS 1500
#define MAX_INTERIM 4 /* "100 Continue"; we never asked for one. */

/* The interval between two updates of the display. */
#define SHOW_MS 200

struct api {
    int fd;
    char *buffer; /* Received data; one more byte, for a NUL. */
    size_t used, room;
    int file;       /* See api_show(); or -1. */
    uint64_t total; /* Of it. */
};

/* The status line and the headers that matter. */
struct reply {
    int status;
    size_t head; /* Bytes, with the empty line. */
    size_t length;
};

int
api_open (struct hv_ctx *ctx, const char *rundir, struct api **out)
{
    int fd = hv_connect (ctx, rundir, "api");
    struct api *api;

    if (fd < 0) {
        return fd;
    }
    api = calloc (1, sizeof *api);
    if (!api) {
        close_fd (fd);
        return hv_fail (ctx, ENOMEM, "out of memory");
    }
    api->fd = fd;
    api->file = -1;
    *out = api;
    return 0;
}

void
api_close (struct api *api)
{
    if (api) {
        close_fd (api->fd);
        free (api->buffer);
        free (api);
    }
}

void
api_show (struct api *api, int fd, uint64_t total)
{
    api->file = fd;
    api->total = total;
}

static int
ended (struct hv_ctx *ctx)
{
    return hv_fail (ctx, ECONNRESET,
                    "cloud-hypervisor exited before it answered");
}

static int
no_answer (struct hv_ctx *ctx)
{
    return hv_fail (ctx, ETIMEDOUT,
                    "cloud-hypervisor does not answer on its API socket; it is "
                    "stopped, overloaded, or busy with another request");
}

/* Shows the progress of the file until the socket is ready, or an error occurs.
 * (The file has its size from the start, and gets its blocks later.) */
static void
show (struct hv_ctx *ctx, struct api *api)
{
    struct stat st;

    while (hv_remaining (ctx) > 0
           && wait_a_while (api->fd, POLLIN, SHOW_MS) == 0
           && fstat (api->file, &st) == 0) {
        hv_progress (ctx, (uint64_t)st.st_blocks * 512, api->total);
    }
}

/* Waits until there is something to be read. */
static int
wait_for (struct hv_ctx *ctx, struct api *api)
{
    int rc;

    if (api->file >= 0) {
        show (ctx, api);
    }
    rc = wait_ready (ctx, api->fd, POLLIN);

    if (rc == -ETIMEDOUT) {
        return no_answer (ctx);
    }
    return rc < 0 ? hv_fail (ctx, -rc, "cannot wait for cloud-hypervisor: %m")
                  : 0;
}

/* Sends 'text', the descriptors with its first byte. */
static int
send_all (struct hv_ctx *ctx, struct api *api, const char *text, size_t len,
          const int *fds, size_t n_fds)
{
    int rc = pass_all (ctx, api->fd, text, len, fds, n_fds);

    if (rc == -EPIPE || rc == -ECONNRESET) {
        return ended (ctx);
    }
    if (rc == -ETIMEDOUT) {
        return no_answer (ctx);
    }
    return rc < 0 ? hv_fail (ctx, -rc, "cannot write to cloud-hypervisor: %m")
                  : 0;
}

static int
send_request (struct hv_ctx *ctx, struct api *api,
              const struct api_request *request)
{
    const char *body = NULL;
    char head[512], length[96] = "";
    int rc;

    if (request->n_fds > PASS_MAX) {
        return hv_fail (
            ctx, E2BIG,
            "%zu file descriptors are too many: at most %d can be passed",
            request->n_fds, PASS_MAX);
    }
    if (request->body) {
        body = json_object_to_json_string_ext (
            request->body,
            JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        snprintf (length, sizeof length,
                  "Content-Type: application/json\r\n"
                  "Content-Length: %zu\r\n",
                  strlen (body));
    }
    snprintf (head, sizeof head,
              "%s /api/v1/%s HTTP/1.1\r\nHost: localhost\r\n"
              "Accept: application/json\r\n%s\r\n",
              request->method, request->action, length);
    rc = send_all (ctx, api, head, strlen (head), request->fds, request->n_fds);
    if (rc == 0 && body) {
        rc = send_all (ctx, api, body, strlen (body), NULL, 0);
    }
    return rc;
}

/* Reads until there are at least 'want' bytes. */
static int
fill (struct hv_ctx *ctx, struct api *api, size_t want)
{
    while (api->used < want) {
        ssize_t n;

        if (api->room < want + 4096) {
            char *bigger = realloc (api->buffer, want + 4097);

            if (!bigger) {
                return hv_fail (ctx, ENOMEM, "out of memory");
            }
            api->buffer = bigger;
            api->room = want + 4096;
        }
        n = recv (api->fd, api->buffer + api->used, api->room - api->used, 0);
        if (n > 0) {
            api->used += (size_t)n;
            api->buffer[api->used] = '\0';
        } else if (n == 0 || errno == ECONNRESET || errno == EPIPE) {
            return ended (ctx);
        } else if (errno == EAGAIN) {
            int rc = wait_for (ctx, api);

            if (rc < 0) {
                return rc;
            }
        } else if (errno != EINTR) {
            return hv_fail (ctx, errno,
                            "cannot read from cloud-hypervisor: %m");
        }
    }
    return 0;
}

static int
nonsense (struct hv_ctx *ctx, const char *what)
{
    return hv_fail (ctx, EPROTO,
                    "cloud-hypervisor sent an invalid answer on its API socket "
                    "(%s); kill the VM",
                    what);
}

/* Reads the number of a header; returns false if it is invalid or too large. */
static bool
read_length (const char *text, size_t *out)
{
    size_t n = 0;

    text += strspn (text, " \t");
    if (*text < '0' || *text > '9') {
        return false;
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (size_t)(*text - '0');
        if (n > MAX_BODY) {
            return false;
        }
    }
    text += strspn (text, " \t");
    *out = n;
    return *text == '\r';
}

/* Parses the head, which ends in an empty line. */
static int
parse_head (struct hv_ctx *ctx, struct api *api, struct reply *out)
{
    const char *line = api->buffer;

    if (strncmp (line, "HTTP/1.1 ", 9) && strncmp (line, "HTTP/1.0 ", 9)) {
        return nonsense (ctx, "no status line");
    }
    line += 9;
    for (int i = 0; i < 3; i++) {
        if (line[i] < '0' || line[i] > '9') {
            return nonsense (ctx, "no status");
        }
        out->status = out->status * 10 + line[i] - '0';
    }
    while ((line = strstr (line, "\r\n")) && line[2] != '\r') {
        line += 2;
        if (!strncasecmp (line, "Content-Length:", 15)
            && !read_length (line + 15, &out->length)) {
            return nonsense (ctx, "an invalid or too large length");
        }
        if (!strncasecmp (line, "Transfer-Encoding:", 18)) {
            return nonsense (ctx, "a transfer encoding");
        }
    }
    return 0;
}

static int
read_head (struct hv_ctx *ctx, struct api *api, struct reply *out)
{
    size_t want = 1;
    const char *end;

    do {
        int rc = fill (ctx, api, want);

        if (rc < 0) {
            return rc;
        }
        if (memchr (api->buffer, '\0', api->used)) {
            return nonsense (ctx, "a NUL byte");
        }
        end = strstr (api->buffer, "\r\n\r\n");
        if (!end && api->used >= MAX_HEAD) {
            return nonsense (ctx, "unterminated headers");
        }
        want = api->used + 1;
    } while (!end);
    out->head = (size_t)(end - api->buffer) + 4;
    return parse_head (ctx, api, out);
}

/* Reads the reply; its body is then at buffer + head. */
static int
read_reply (struct hv_ctx *ctx, struct api *api, struct reply *out)
{
    for (int i = 0; i < MAX_INTERIM; i++) {
        int rc;

        *out = (struct reply){ 0 };
        rc = read_head (ctx, api, out);
        if (rc < 0) {
            return rc;
        }
        if (out->status >= 200) {
            out->length = out->status == 204 ? 0 : out->length;
            return fill (ctx, api, out->head + out->length);
        }
        api->used -= out->head;
        memmove (api->buffer, api->buffer + out->head, api->used + 1);
    }
    return nonsense (ctx, "unterminated \"100 Continue\"");
}

/* Parses the whole of a text; null if it is not JSON. */
static struct json_object *
parse (const char *text, size_t length)
{
    struct json_tokener *tokener = json_tokener_new_ex (MAX_DEPTH);
    struct json_object *o = NULL;

    if (tokener) {
        o = json_tokener_parse_ex (tokener, text, (int)length);
        if (json_tokener_get_error (tokener) == json_tokener_continue) {
            /* A number ends with the text. */
            o = json_tokener_parse_ex (tokener, "", 1);
        }
        if (json_tokener_get_error (tokener) != json_tokener_success) {
            json_object_put (o);
            o = NULL;
        }
        json_tokener_free (tokener);
    }
    return o;
}

/* Makes text from the server safe for a terminal and for a sentence. */
static const char *
clean (struct hv_ctx *ctx, const char *words)
{
    char *text = hv_format (ctx, "%.*s", MAX_WORDS, words);
    size_t len = strlen (text);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
            text[i] = ' ';
        }
    }
    while (len > 0 && strchr (". ", text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

/* Returns the causes, from the outermost to the root: "a: b: c". */
static const char *
causes (struct hv_ctx *ctx, const char *body, size_t length)
{
    struct json_object *o = parse (body, length);
    const char *all = "";
    size_t n = json_object_is_type (o, json_type_array)
                   ? json_object_array_length (o)
                   : 0;

    for (size_t i = 0; i < n && strlen (all) < MAX_WORDS; i++) {
        const char *cause =
            json_object_get_string (json_object_array_get_idx (o, i));

        /* Rust's errors often include their cause, which is listed again after
         * them; the crate anyhow adds a stack trace. */
        if (cause && (!*all || !strstr (all, cause))) {
            const char *stack = strstr (cause, "\n\nStack backtrace:");

            all = hv_format (ctx, "%s%s%.*s", all, *all ? ": " : "",
                             stack ? (int)(stack - cause) : MAX_WORDS, cause);
        }
    }
    if (!*all) {
        all = hv_format (ctx, "%.*s",
                         (int)(length < MAX_WORDS ? length : MAX_WORDS), body);
    }
    json_object_put (o);
    all = clean (ctx, all);
    return *all ? all : "no reason given";
}

static int
refused (struct hv_ctx *ctx, const struct api *api, const struct reply *reply,
         const char *action)
{
    int code = reply->status == 429   ? EAGAIN
               : reply->status == 404 ? ENOENT
               : reply->status == 400 ? EINVAL
               : reply->status == 503 ? EBUSY
                                      : EIO;

    return hv_fail (ctx, code, "cloud-hypervisor rejected '%s' (%d): %s",
                    action, reply->status,
                    causes (ctx, api->buffer + reply->head, reply->length));
}

int
api_call (struct hv_ctx *ctx, struct api *api,
          const struct api_request *request, struct json_object **result)
{
    struct reply reply = { 0 };
    int rc;

    if (result) {
        *result = NULL;
    }
    api->used = 0; /* An unrequested answer is discarded. */
    rc = send_request (ctx, api, request);
    if (rc == 0 || rc == -ECONNRESET) {
        /* Too many connections: the server reports that, unrequested, and
         * closes the connection. */
        int answered = read_reply (ctx, api, &reply);

        rc = answered < 0 && rc == 0 ? answered : answered == 0 ? 0 : rc;
    }
    if (rc < 0) {
        return rc;
    }
    if (reply.status >= 300) {
        return refused (ctx, api, &reply, request->action);
    }
    if (result && reply.length > 0) {
        *result = parse (api->buffer + reply.head, reply.length);
        if (!*result) {
            return nonsense (ctx, "the body is not JSON");
        }
    }
    return 0;
}

int
api_get (struct hv_ctx *ctx, struct api *api, const char *action,
         struct json_object **result)
{
    const struct api_request request = { .method = "GET", .action = action };

    return api_call (ctx, api, &request, result);
}

int
api_put (struct hv_ctx *ctx, struct api *api, const char *action,
         struct json_object *body)
{
    const struct api_request request = { .method = "PUT",
                                         .action = action,
                                         .body = body };

    return api_call (ctx, api, &request, NULL);
}
