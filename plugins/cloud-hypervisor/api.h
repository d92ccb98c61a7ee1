/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A client of cloud-hypervisor's API: HTTP/1.1 over a unix socket, with
 * descriptors in the messages.
 *
 * All input is untrusted: a guest may have compromised the process.  It is
 * read up to a limit, and never waited for longer than hv_remaining(). */
#ifndef PLUGINS_CLOUD_HYPERVISOR_API_H
#define PLUGINS_CLOUD_HYPERVISOR_API_H

#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "common/member.h"

#include "hvctl/plugin.h"

struct api;

/* A request.  'body' may be null: an action that takes no arguments answers a
 * body with "400". */
struct api_request {
    const char *method, *action; /* "PUT", "vm.boot" */
    struct json_object *body;    /* Or null. */
    const int *fds;
    size_t n_fds;
};

/* Connects.  api_close() accepts null, too. */
int api_open (struct hv_ctx *ctx, const char *rundir, struct api **out);
void api_close (struct api *api);

/* Sends a request and waits for its reply.  Stores its contents in '*result'
 * (may be null; null for an empty reply), which the caller must put.  Fails
 * with ECONNRESET if cloud-hypervisor exited, ETIMEDOUT, EPROTO if the reply is
 * invalid, and, if it refused, with its complete error message: EAGAIN for
 * "429", ENOENT for "404", EINVAL for "400", EBUSY for "503", otherwise EIO. */
int api_call (struct hv_ctx *ctx, struct api *api,
              const struct api_request *request, struct json_object **result);

/* Shows the user the size of the file that the process writes for a request,
 * while waiting for the reply.  'total' is in bytes. */
void api_show (struct api *api, int fd, uint64_t total);

/* The same for requests without a body. */
int api_get (struct hv_ctx *ctx, struct api *api, const char *action,
             struct json_object **result);
int api_put (struct hv_ctx *ctx, struct api *api, const char *action,
             struct json_object *body);

#endif /* PLUGINS_CLOUD_HYPERVISOR_API_H */
