/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The section of a network of type "ovs"; see section.h. */
#include "plugins/net-ovs/section.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "common/size.h"

#define MAX_RATE INT32_MAX /* OVS keeps it as an integer; kbit/s. */

const struct hv_key ovs_keys[] = {
    { "bridge", HV_STRING, NULL, "the bridge's name in Open vSwitch", true },
    { "tag", HV_UINT, NULL, "the VLAN of the ports", false },
    { "trunks", HV_STRING, NULL, "VLANs that stay tagged: \"10,20-29\"",
      false },
    { "create", HV_BOOL, "no", "create the bridge if it is missing", false },
    { "datapath_type", HV_STRING, NULL, "of a bridge that is created: netdev",
      false },
    { "mtu", HV_UINT, NULL, "bytes; default: 1500", false },
    { "ingress_rate", HV_UINT, NULL, "kbit/s that a guest may send", false },
    { "ingress_burst", HV_UINT, NULL, "kbit on top of ingress_rate", false },
    { "offload", HV_BOOL, NULL, "checksum and segmentation offload", false },
    { "vhost_user", HV_BOOL, "no", "shared memory (DPDK) instead of a tap",
      false },
    { "vhost_user_dir", HV_PATH, "/var/run/openvswitch",
      "the directory of its sockets", false },
    { "socket", HV_PATH, "/var/run/openvswitch/db.sock",
      "the socket of ovsdb-server", false },
    { NULL, 0, NULL, NULL, false },
};

static bool
is_set (struct hv_ctx *ctx, const struct hv_options *options, const char *key)
{
    const char *text = hv_option (ctx, options, key);
    bool value;

    return text && parse_bool (text, &value) && value;
}

static int
read_number (struct hv_ctx *ctx, const struct hv_options *options,
             const char *key, int64_t max, int64_t *out)
{
    const char *text = hv_option (ctx, options, key);
    uint64_t value;

    if (!text) {
        return 0;
    }
    if (!parse_uint (text, &value) || value > (uint64_t)max) {
        return hv_fail (ctx, EINVAL, "%s = %s must be a number from 0 to %lld",
                        key, text, (long long)max);
    }
    *out = (int64_t)value;
    return 0;
}

/* Reads one VLAN and moves on; -1 if there is none. */
static long
read_vlan (const char **p)
{
    char *end;
    long value;

    if (**p < '0' || **p > '9') {
        return -1;
    }
    value = strtol (*p, &end, 10);
    *p = end;
    return value < VLANS ? value : -1;
}

/* "10,20-29": one or more VLANs and ranges. */
static bool
parse_trunks (const char *p, bool trunks[VLANS])
{
    for (;;) {
        long first, last;

        p += strspn (p, " ");
        first = last = read_vlan (&p);
        if (first >= 0 && *p == '-') {
            p++;
            last = read_vlan (&p);
        }
        if (first < 0 || last < first) {
            return false;
        }
        for (long i = first; i <= last; i++) {
            trunks[i] = true;
        }
        p += strspn (p, " ");
        if (*p != ',') {
            return *p == '\0';
        }
        p++;
    }
}

static int
read_vlans (struct hv_ctx *ctx, const struct hv_options *options,
            struct settings *out)
{
    const char *trunks = hv_option (ctx, options, "trunks");
    int64_t tag = NO_TAG;
    int r = read_number (ctx, options, "tag", INT_MAX, &tag);

    out->tag = (int)tag;
    out->has_trunks = trunks != NULL;
    if (r == 0 && trunks && !parse_trunks (trunks, out->trunks)) {
        return hv_fail (ctx, EINVAL,
                        "trunks = '%s' must be VLANs and ranges of VLANs from "
                        "0 to %d, separated by commas: \"10,20-29\"",
                        trunks, VLANS - 1);
    }
    return r;
}

int
section_read (struct hv_ctx *ctx, const struct hv_options *options,
              struct settings *out)
{
    const char *datapath = hv_option (ctx, options, "datapath_type");
    int r;

    memset (out, 0, sizeof *out);
    out->bridge = hv_option (ctx, options, "bridge");
    out->socket = hv_option (ctx, options, "socket");
    out->datapath = datapath ? datapath : "";
    out->vhost_dir = hv_option (ctx, options, "vhost_user_dir");
    out->create = is_set (ctx, options, "create");
    out->vhost_user = is_set (ctx, options, "vhost_user");
    out->offload = !hv_option (ctx, options, "offload") ? OFFLOAD_AUTO
                   : is_set (ctx, options, "offload")   ? OFFLOAD_YES
                                                        : OFFLOAD_NO;
    if (!out->bridge || !*out->bridge) {
        return hv_fail (ctx, EINVAL, "'bridge' is missing: name the bridge");
    }
    if ((r = read_vlans (ctx, options, out)) < 0
        || (r = read_number (ctx, options, "ingress_rate", MAX_RATE,
                             &out->rate))
               < 0
        || (r = read_number (ctx, options, "ingress_burst", MAX_RATE,
                             &out->burst))
               < 0) {
        return r;
    }
    if (out->burst && !out->rate) {
        return hv_fail (ctx, EINVAL, "'ingress_burst' needs 'ingress_rate'");
    }
    return 0;
}

int
section_check (struct hv_ctx *ctx, const struct settings *s)
{
    if (s->tag >= VLANS) {
        return hv_fail (ctx, EINVAL, "tag = %d: the highest VLAN is %d", s->tag,
                        VLANS - 1);
    }
    if (*s->datapath && strcmp (s->datapath, USERSPACE)
        && strcmp (s->datapath, "system")) {
        return hv_fail (ctx, EINVAL,
                        "datapath_type = '%s' must be \"system\" (in the "
                        "kernel) or \"netdev\" (in user space)",
                        s->datapath);
    }
    if (s->create
        && (strlen (s->bridge) >= IFNAMSIZ || strpbrk (s->bridge, "/ \t\n"))) {
        return hv_fail (ctx, EINVAL,
                        "'%s' is not a valid name for a new bridge: use at "
                        "most %d bytes, without '/' and blanks",
                        s->bridge, IFNAMSIZ - 1);
    }
    return 0;
}
