/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Communication with the process over its API.
 *
 * The machine is configured in three steps, since vm.create drops descriptors:
 * vm.create without NICs, vm.add-net for each, vm.boot.  The first two only
 * store a configuration; the last one opens the images, creates the machine and
 * runs it.  A machine that is restored gets its configuration from the saved
 * state; see save.c. */

#include "plugins/cloud-hypervisor/ch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/cloud-hypervisor/api.h"

/* A connection of which it is unknown whether the process still serves it. */
static bool
is_gone (int rc)
{
    return rc == -ECONNRESET || rc == -ECONNREFUSED || rc == -ENOENT;
}

int
query_state (struct hv_ctx *ctx, struct api *api, const char **state)
{
    struct json_object *info = NULL;
    int rc = api_get (ctx, api, "vm.info", &info);

    *state = "";
    if (rc == 0) {
        *state = hv_format (ctx, "%.32s", json_member_text (info, "state"));
    }
    json_object_put (info);
    return rc == -ENOENT ? 0 : rc;
}

/* ------------------------------------------- Configuring the machine */

/* The socket has been listening since before the process existed: the answer
 * comes when it is up. */
int
ch_ping (struct hv_ctx *ctx, struct api *api, int *major)
{
    struct json_object *pong = NULL;
    int rc = api_get (ctx, api, "vmm.ping", &pong);

    if (rc == 0) {
        *major = atoi (json_member_text (pong, "version"));
        if (*major < OLDEST_MAJOR) {
            rc = hv_fail (ctx, ENOTSUP,
                          "the running cloud-hypervisor has version '%.32s', "
                          "and %d or newer is needed",
                          json_member_text (pong, "version"), OLDEST_MAJOR);
        }
    }
    json_object_put (pong);
    return rc;
}

int
find_fds (struct hv_ctx *ctx, const struct hv_vm *vm, const struct hv_nic *nic,
          int *fds)
{
    for (uint32_t i = 0; i < nic->queues; i++) {
        fds[i] = hv_nic_fd (ctx, vm, nic->name, i);
        if (fds[i] < 0) {
            return hv_fail (ctx, EBADF,
                            "nic '%s': its network gave no descriptor for "
                            "queue %u",
                            nic->name, i);
        }
    }
    return 0;
}

static int
add_nic (struct hv_ctx *ctx, struct api *api, const struct hv_vm *vm,
         const struct hv_nic *nic)
{
    int *fds = hv_alloc (ctx, nic->queues * sizeof *fds);
    struct json_object *config = net_config (ctx, nic);
    const struct api_request request = {
        .method = "PUT",
        .action = "vm.add-net",
        .body = config,
        .fds = fds,
        .n_fds = nic->queues,
    };
    int rc = find_fds (ctx, vm, nic, fds);

    if (rc == 0) {
        rc = api_call (ctx, api, &request, NULL);
    }
    json_object_put (config);
    return rc;
}

/* Compares the reported configuration with the one that was sent. */
static int
verify (struct hv_ctx *ctx, struct api *api, const struct hv_vm *vm,
        struct json_object *sent)
{
    struct json_object *info = NULL, *config;
    const char *wrong = NULL;
    int rc = api_get (ctx, api, "vm.info", &info);

    if (rc < 0) {
        return rc;
    }
    config = json_member (info, "config", json_type_object);
    wrong = first_difference (ctx, sent, config);
    for (size_t i = 0; !wrong && vm->nics && vm->nics[i]; i++) {
        struct json_object *nic = net_config (ctx, vm->nics[i]);

        wrong = first_difference (
            ctx, nic,
            find_by_id (json_member (config, "net", json_type_array),
                        json_member_text (nic, "id")));
        if (wrong) {
            wrong = hv_format (ctx, "%s of nic '%s'", *wrong ? wrong : "all",
                               vm->nics[i]->name);
        }
        json_object_put (nic);
    }
    json_object_put (info);
    return wrong ? hv_fail (ctx, ENOTSUP,
                            "this cloud-hypervisor accepted the machine's "
                            "configuration, but ignored '%s'",
                            *wrong ? wrong : "all of it")
                 : 0;
}

static int
configure (struct hv_ctx *ctx, struct api *api, const struct hv_vm *vm,
           int major)
{
    struct json_object *config;
    struct limits limits;
    int rc = read_limits (ctx, vm, &limits);

    if (rc < 0) {
        return rc;
    }
    config = vm_config (ctx, vm, &limits, major);
    rc = api_put (ctx, api, "vm.create", config);
    for (size_t i = 0; rc == 0 && vm->nics && vm->nics[i]; i++) {
        rc = add_nic (ctx, api, vm, vm->nics[i]);
    }
    if (rc == 0) {
        rc = verify (ctx, api, vm, config);
    }
    json_object_put (config);
    return rc;
}

int
ch_ready (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct api *api = NULL;
    int major = 0, rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = ch_ping (ctx, api, &major);
    }
    if (rc == 0 && !vm->saved) {
        rc = configure (ctx, api, vm, major);
    }
    api_close (api);
    return rc;
}

/* ---------------------------------------------- Running and stopping */

/* The guest may have powered off before we ask ("Created"), and the process may
 * have exited: then it ran. */
int
ch_go (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct api *api = NULL;
    const char *state = "";
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = api_put (ctx, api, vm->saved ? "vm.resume" : "vm.boot", NULL);
    }
    if (rc == 0) {
        rc = query_state (ctx, api, &state);
        if (is_gone (rc)) {
            rc = 0;
        } else if (rc == 0 && strcmp (state, "Running")
                   && strcmp (state, "Created")) {
            rc = hv_fail (ctx, EIO,
                          "cloud-hypervisor reports that the machine is "
                          "running, but in state '%s'",
                          *state ? state : "none");
        }
    }
    api_close (api);
    return rc;
}

int
ch_quit (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        /* It shuts the machine down first (vmm_shutdown, vmm/src/lib.rs). */
        rc = api_put (ctx, api, "vmm.shutdown", NULL);
    }
    api_close (api);
    return is_gone (rc) ? 0 : rc;
}

/* If the machine has been shut down, but not the process, the power button has
 * no effect: vm.info reports "Created" then, and not "Shutdown". */
static int
press_or_end (struct hv_ctx *ctx, struct api *api)
{
    const char *state;
    int rc = query_state (ctx, api, &state);

    if (rc < 0) {
        return rc;
    }
    return !strcmp (state, "Running") || !strcmp (state, "Paused")
               ? api_put (ctx, api, "vm.power-button", NULL)
               : api_put (ctx, api, "vmm.shutdown", NULL);
}

int
ch_powerdown (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    struct api *api = NULL;
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = press_or_end (ctx, api);
    }
    api_close (api);
    return is_gone (rc) ? 0 : rc;
}

/* VmState, vmm/src/vm.rs.  "Created" is a machine that was not booted, or was
 * shut down: the object is created again, and "Shutdown" never occurs. */
static const struct {
    const char *name;
    enum hv_state state;
    const char *detail;
} states[] = {
    { "Running", HV_RUNNING, NULL },
    { "Paused", HV_PAUSED, NULL },
    { "Created", HV_PREPARED, "not booted, or shut down" },
    { "Shutdown", HV_PAUSED, "the guest has powered off" },
    { "BreakPoint", HV_PAUSED, "stopped by a debugger" },
    { "", HV_PREPARED, "no machine has been configured" },
};

int
ch_status (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_status *out)
{
    struct api *api = NULL;
    const char *state = "";
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = query_state (ctx, api, &state);
    }
    api_close (api);
    if (rc < 0) {
        return rc;
    }
    out->state = HV_FAILED;
    out->detail = "in an unknown state";
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (!strcmp (states[i].name, state)) {
            out->state = states[i].state;
            out->detail = states[i].detail;
        }
    }
    return 0;
}

/* A request for the current state is an error to the server, but not to us. */
static int
change_state (struct hv_ctx *ctx, const struct hv_vm *vm, const char *action,
              const char *state)
{
    struct api *api = NULL;
    const char *is;
    int rc = api_open (ctx, vm->rundir, &api);

    if (rc == 0) {
        rc = query_state (ctx, api, &is);
    }
    if (rc == 0 && strcmp (is, state)) {
        rc = api_put (ctx, api, action, NULL);
    }
    api_close (api);
    return rc;
}

int
ch_pause (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return change_state (ctx, vm, "vm.pause", "Paused");
}

int
ch_resume (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return change_state (ctx, vm, "vm.resume", "Running");
}
