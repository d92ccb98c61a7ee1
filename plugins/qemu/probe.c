/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Learns facts about a QEMU by running it, stopped, in the jail:
 *
 *   version         "7.2.22"
 *   machines        "microvm=288 pc-q35-7.2=288 …": names, most processors
 *   machine.ALIAS   "pc-q35-7.2", for each alias: "q35", "pc", "virt"
 *   cpus            "Broadwell EPYC …": the models it has
 *   can             "json migrate-file …": see schema.c
 *   net.offloads    "csum gso …", of its virtio NICs
 *   kvm             "yes", or "no: why", if the host has the architecture
 *   kvm.cpu_host    likewise: with the host's own processor model
 *
 * That /dev/kvm is there says little: in nested machines it may open, and yet
 * QEMU aborts when it copies the host's processor. */

#include "plugins/qemu/qemu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/facts.h"
#include "plugins/common/kvm.h"
#include "plugins/qemu/qmp.h"

#define TIMEOUT 10000
#define KEEP_PASSING "300"
#define SANDBOX                                                                \
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"

#define REQUEST(command)                                                       \
    "{\"execute\":\"" command "\",\"id\":\"" command "\"}\r\n"
#define REQUEST_OF(command, arguments)                                         \
    "{\"execute\":\"" command "\",\"arguments\":{" arguments                   \
    "},\"id\":\"" command "\"}\r\n"

/* Runs QEMU with an empty machine, and stores its answers. */
static int
run (struct hv_ctx *ctx, const char *program, const char *const machine[],
     const char *const needs[], const char *input, const char **out)
{
    const char *argv[24] = { program };
    static const char *const rest[] = {
        "-nodefaults", "-no-user-config", "-display", "none",  "-S",
        "-qmp",        "stdio",           "-sandbox", SANDBOX,
    };
    struct hv_program p = { .size = sizeof p,
                            .argv = argv,
                            .input = input,
                            .timeout = TIMEOUT,
                            .needs = needs };
    size_t n = 1;

    for (size_t i = 0; machine[i]; i++) {
        argv[n++] = machine[i];
        p.devices |= !strcmp (machine[i], "kvm");
    }
    for (size_t i = 0; i < ARRAY_SIZE (rest); i++) {
        argv[n++] = rest[i];
    }
    return hv_ask (ctx, &p, out);
}

static int
compare (const void *a, const void *b)
{
    return strverscmp (*(const char *const *)a, *(const char *const *)b);
}

/* Sorts words and adds them as one fact: QEMU's order is not stable. */
static void
add_words (struct hv_ctx *ctx, struct hv_list *facts, const char *key,
           const char **words, size_t n)
{
    const char *all = "";

    if (n > 0) {
        qsort (words, n, sizeof *words, compare);
        all = words[0];
    }
    for (size_t i = 1; i < n; i++) {
        all = hv_format (ctx, "%s %s", all, words[i]);
    }
    hv_add (ctx, facts, key, all);
}

static void
add_machines (struct hv_ctx *ctx, const char *arch, struct json_object *reply,
              struct hv_list *facts)
{
    size_t n = json_array_size (reply), count = 0;
    const char **words = hv_alloc (ctx, (n + 1) * sizeof *words);

    for (size_t i = 0; i < n; i++) {
        struct json_object *m = json_object_array_get_idx (reply, i);
        const char *name = json_member_text (m, "name");
        const char *alias = json_member_text (m, "alias");
        struct json_object *max = json_member (m, "cpu-max", json_type_int);

        if (machine_family (arch, name) == FAMILY_OTHER
            || !is_word (name, "._-")) {
            continue;
        }
        words[count++] =
            hv_format (ctx, "%s=%d", name, max ? json_object_get_int (max) : 1);
        if (is_word (alias, "._-")) {
            hv_add (ctx, facts, hv_format (ctx, "machine.%s", alias), name);
        }
    }
    add_words (ctx, facts, "machines", words, count);
}

static void
add_cpus (struct hv_ctx *ctx, struct json_object *reply, struct hv_list *facts)
{
    size_t n = json_array_size (reply), count = 0;
    const char **words = hv_alloc (ctx, (n + 1) * sizeof *words);

    for (size_t i = 0; i < n; i++) {
        const char *name =
            json_member_text (json_object_array_get_idx (reply, i), "name");

        if (is_word (name, "._-+")) {
            words[count++] = hv_format (ctx, "%s", name);
        }
    }
    add_words (ctx, facts, "cpus", words, count);
}

static int
add_version (struct hv_ctx *ctx, const char *program, struct json_object *reply,
             struct hv_list *facts)
{
    struct json_object *v = json_member (reply, "qemu", json_type_object);
    struct json_object *major = json_member (v, "major", json_type_int);
    struct json_object *minor = json_member (v, "minor", json_type_int);
    struct json_object *micro = json_member (v, "micro", json_type_int);

    if (!major || !minor || !micro) {
        return hv_fail (
            ctx, EPROTO,
            "%s does not print its version: it is not QEMU, or is damaged",
            program);
    }
    hv_add (ctx, facts, "version",
            hv_format (ctx, "%d.%d.%d", json_object_get_int (major),
                       json_object_get_int (minor),
                       json_object_get_int (micro)));
    return 0;
}

/* Without an answer nothing is known about it. */
static void
add_abilities (struct hv_ctx *ctx, const char *said, struct hv_list *facts)
{
    struct json_object *reply = qmp_find_reply (said, "query-qmp-schema");

    if (reply) {
        hv_add (ctx, facts, "can", schema_words (ctx, reply));
    }
    json_object_put (reply);
    reply = qmp_find_reply (said, "device-list-properties");
    if (reply) {
        hv_add (ctx, facts, "net.offloads", offload_words (ctx, reply));
    }
    json_object_put (reply);
}

static int
probe_program (struct hv_ctx *ctx, const char *arch, const char *program,
               struct hv_list *facts)
{
    static const char *const machine[] = { "-M", "none", "-accel", "tcg",
                                           NULL };
    static const char *const needs[] = { "tcg", "terminal", NULL };
    static const char input[] = REQUEST ("qmp_capabilities")
        REQUEST ("query-version") REQUEST ("query-machines")
            REQUEST ("query-cpu-definitions") REQUEST ("query-qmp-schema")
                REQUEST_OF ("device-list-properties",
                            "\"typename\":\"" OFFLOAD_DEVICE "\"")
                    REQUEST ("quit");
    struct json_object *reply;
    const char *said = NULL;
    int rc = run (ctx, program, machine, needs, input, &said);

    if (rc < 0) {
        return rc;
    }
    reply = qmp_find_reply (said, "query-version");
    rc = add_version (ctx, program, reply, facts);
    json_object_put (reply);
    if (rc < 0) {
        return rc;
    }
    reply = qmp_find_reply (said, "query-machines");
    add_machines (ctx, arch, reply, facts);
    json_object_put (reply);
    reply = qmp_find_reply (said, "query-cpu-definitions");
    add_cpus (ctx, reply, facts);
    json_object_put (reply);
    add_abilities (ctx, said, facts);
    return 0;
}

/* Turns the output of a failed run into a phrase: QEMU's first "error: …", if
 * there is one, else all of it. */
static const char *
cause (struct hv_ctx *ctx, const char *said, int rc)
{
    const char *error = said ? strstr (said, "error: ") : NULL;
    char *text;
    size_t len;

    if (!said || !*said) {
        return strerror (-rc);
    }
    text = hv_format (ctx, "%.400s", error ? error + 7 : said);
    len = error ? strcspn (text, "\n;") : strlen (text);
    while (len > 0 && strchr (" \n.", text[len - 1])) {
        len--;
    }
    text[len] = '\0';
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ') {
            text[i] = ' ';
        }
    }
    return text;
}

/* Does it run with KVM?  By query-accelerators, or the older query-kvm, which
 * QEMU 11 calls deprecated: both are sent, and one is answered. */
static bool
says_kvm (const char *said)
{
    struct json_object *reply = qmp_find_reply (said, "query-accelerators");
    bool newer = !strcmp (json_member_text (reply, "enabled"), "kvm");
    bool older;

    json_object_put (reply);
    reply = qmp_find_reply (said, "query-kvm");
    older = json_member_flag (reply, "enabled");
    json_object_put (reply);
    return newer || older;
}

/* A result about KVM. */
struct verdict {
    const char *text; /* "yes" or "no: why" */
    bool passing;     /* It may be different in five minutes. */
};

/* Starts a small machine with KVM.  If QEMU exits with an error, that is the
 * result; if it was too slow, or could not even be run, the host may be
 * busy. */
static struct verdict
try_kvm (struct hv_ctx *ctx, const char *arch, const char *program,
         const char *cpu)
{
    const bool x86 = !strcmp (arch, "x86_64");
    const char *const machine[] = {
        "-M",     x86 ? "q35" : "virt,gic-version=max",
        "-m",     "16M",
        "-cpu",   cpu,
        "-accel", "kvm",
        NULL,
    };
    static const char *const needs[] = { "kvm", "terminal", NULL };
    static const char input[] = REQUEST ("qmp_capabilities")
        REQUEST ("query-accelerators") REQUEST ("query-kvm") REQUEST ("quit");
    const char *said = NULL;
    int rc = run (ctx, program, machine, needs, input, &said);

    if (rc < 0) {
        return (struct verdict){
            .text = hv_format (ctx, "no: %s", cause (ctx, said, rc)),
            .passing = rc != -EIO,
        };
    }
    return (struct verdict){
        .text =
            says_kvm (said) ? "yes" : "no: QEMU reports that it does not use it"
    };
}

/* If the host's model works, KVM does.  If not, a generic one may; Arm has no
 * other model. */
static void
probe_kvm (struct hv_ctx *ctx, const char *arch, const char *program,
           struct hv_list *facts)
{
    const char *missing = kvm_missing (ctx);
    struct verdict host = { .text = missing ? hv_format (ctx, "no: %s", missing)
                                            : NULL };
    struct verdict plain;

    if (!missing) {
        host = try_kvm (ctx, arch, program, "host");
    }
    plain = host;
    if (!missing && strcmp (host.text, "yes") && !strcmp (arch, "x86_64")) {
        plain = try_kvm (ctx, arch, program, "qemu64");
    }
    hv_add (ctx, facts, "kvm", plain.text);
    hv_add (ctx, facts, "kvm.cpu_host", host.text);
    if (host.passing || plain.passing) {
        hv_add (ctx, facts, FACT_KEEP_SECONDS, KEEP_PASSING);
    }
}

int
qemu_probe (struct hv_ctx *ctx, const char *arch, const char *program,
            struct hv_list *facts)
{
    int rc = probe_program (ctx, arch, program, facts);

    if (rc == 0 && arch_is_host (arch)) {
        probe_kvm (ctx, arch, program, facts);
    }
    return rc;
}
