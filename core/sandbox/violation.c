/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* See violation.h.  The record is the kernel's AUDIT_SECCOMP, type 1326:
 *
 *   audit: type=1326 audit(…): … pid=22857 comm="worker" exe="…" sig=31
 *   arch=c000003e syscall=41 compat=0 ip=0x7fab2c273b07 code=0x80000000
 *
 * (kernel/auditsc.c, audit_seccomp() and audit_log_task()).  The name is the
 * thread's, and was chosen by it: it is quoted there if it is harmless, else
 * printed as hexadecimal digits. */

#include "core/sandbox/violation.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/process.h"
#include "core/sandbox/groups.h"

/* The log may be written to faster than we read. */
#define SLACK 2 /* Seconds. */
#define MAX_RECORDS 65536
#define WRITTEN_WITHIN 300 /* Milliseconds. */

/* Stores the value of ' key=' as a number. */
static bool
number_of (const char *record, const char *key, int base, unsigned long *value)
{
    const char *p = strstr (record, key);
    char *end;

    if (!p) {
        return false;
    }
    p += strlen (key);
    *value = strtoul (p, &end, base);
    return end != p;
}

/* Copies the thread's name, of harmless letters only. */
static void
copy_thread (const char *record, char *name, size_t size)
{
    const char *p = strstr (record, " comm=\"");
    size_t n = 0;

    for (p = p ? p + 7 : ""; *p && *p != '"' && n < size - 1; p++) {
        name[n++] = isgraph ((unsigned char)*p) ? *p : '_';
    }
    name[n] = '\0';
}

/* How 'group' lets a call of that class through: 2 whatever its arguments, 1
 * with some of them, 0 not at all. */
static int
allows (const struct call_group *group, int nr, enum call_class class)
{
    int best = 0;

    for (size_t i = 0; i < group->n_rules; i++) {
        const struct call_rule *rule = &group->rules[i];

        if (rule->nr == nr && rule->class == class) {
            int how = rule->values || rule->mask ? 1 : 2;

            best = how > best ? how : best;
        }
    }
    return best;
}

/* "'net' or 'slirp'": the groups that allow it in this way; null if none
 * does. */
static char *
name_groups (int nr, enum call_class class, int how)
{
    char *names = NULL;

    for (size_t i = 0; i < n_call_groups; i++) {
        const struct call_group *group = &call_groups[i];

        if (!group->beside && allows (group, nr, class) == how) {
            char *longer = xformat ("%s%s'%s'", names ? names : "",
                                    names ? " or " : "", group->name);

            free (names);
            names = longer;
        }
    }
    return names;
}

/* "group 'net' would allow it": names the groups that allow it with any
 * arguments, or else those that check its arguments or allow it only at
 * start-up. */
static char *
describe_groups (int nr)
{
    static const struct {
        enum call_class class;
        int how;
        const char *text;
    } ways[] = {
        { CALL_ALLOW, 2, "group %s would allow it" },
        { CALL_ALLOW, 1,
          "group %s would allow it with certain arguments only" },
        { CALL_STARTUP, 2, "group %s allows it at start-up only" },
        { CALL_STARTUP, 1,
          "group %s allows it at start-up only, and with certain arguments" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (ways); i++) {
        CLEANUP_FREE char *names = name_groups (nr, ways[i].class, ways[i].how);

        if (names) {
            return xformat (ways[i].text, names);
        }
    }
    return xstrdup ("no group allows it");
}

char *
violation_of_call (int nr, const char *thread)
{
    CLEANUP_FREE char *groups = describe_groups (nr);
    char *name = seccomp_syscall_resolve_num_arch (seccomp_arch_native (), nr);
    const char *family = groups_family (nr);
    char *text =
        xformat ("%s (%d) in thread %s; %s%s%s%s", name ? name : "unknown", nr,
                 thread, groups, family ? " (family '" : "",
                 family ? family : "", family ? "')" : "");

    free (name);
    return text;
}

char *
violation_read (const char *record, const char *key, unsigned long number)
{
    unsigned long found, arch, nr;
    char thread[32];

    if (!strstr (record, "type=1326 ") || !number_of (record, key, 10, &found)
        || found != number || !number_of (record, " arch=", 16, &arch)
        || !number_of (record, " syscall=", 10, &nr)) {
        return NULL;
    }
    copy_thread (record, thread, sizeof thread);
    if (arch != seccomp_arch_native ()) {
        return xformat ("call %lu of another architecture (%lx) in thread %s; "
                        "no group allows it",
                        nr, arch, thread);
    }
    return violation_of_call ((int)nr, thread);
}

/* --------------------------------------------------- whose record it is */

bool
violation_translate_uid (const char *map, uid_t uid, unsigned long *outside)
{
    unsigned long first, parent, n;
    int length;

    while (sscanf (map, "%lu %lu %lu%n", &first, &parent, &n, &length) == 3) {
        if (uid >= first && uid - first < n) {
            *outside = parent + (uid - first);
            return true;
        }
        map += length;
    }
    return false;
}

/* The user ID that the log means. */
static bool
find_uid (uid_t uid, unsigned long *in_log)
{
    char map[16384]; /* The kernel allows 340 lines. */
    CLEANUP_CLOSE int fd = open ("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read (fd, map, sizeof map - 1);

    if (n < 0) {
        return false;
    }
    map[n] = '\0';
    return violation_translate_uid (map, uid, in_log);
}

/* The process's name in the log. */
struct name {
    const char *key;
    unsigned long number;
};

/* In a nested user namespace the IDs are those of the outer one, not the
 * kernel's, and there is no way to find out: then no record is found. */
static bool
name_in_log (const struct victim *v, struct name *name)
{
    if (v->pid > 0 && process_in_first ("pid")) {
        *name = (struct name){ " pid=", (unsigned long)v->pid };
        return true;
    }
    *name = (struct name){ " uid=", v->uid };
    if (v->uid == 0 || v->uid == (uid_t)-1 || v->uid == geteuid ()) {
        return false;
    }
    return find_uid (v->uid, &name->number);
}

/* The kernel stamps its records in microseconds of CLOCK_MONOTONIC
 * (Documentation/ABI/testing/dev-kmsg).  Process and user IDs are reused, so a
 * record of another time than the process's end is about another process. */
static bool
is_about (const char *record, int64_t ended)
{
    struct timespec running, now;
    unsigned long long stamp;
    int64_t end;

    clock_gettime (CLOCK_MONOTONIC, &running);
    clock_gettime (CLOCK_REALTIME, &now);
    end = running.tv_sec - (now.tv_sec - ended);
    return sscanf (record, "%*u,%*u,%llu", &stamp) == 1
           && (int64_t)(stamp / 1000000) + SLACK >= end
           && (int64_t)(stamp / 1000000) <= end + SLACK;
}

/* ---------------------------------------------------------------- the log */

/* The record is written by a kernel thread, perhaps after the process has
 * exited; or not at all, if there were many (printk_ratelimit). */
static bool
wait_for_record (int fd, int64_t until)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int64_t left = until - now_ms ();

    return left > 0 && poll (&p, 1, (int)left) == 1;
}

/* Returns a description of the last record of the process, or null. */
static char *
search_log (int fd, const struct name *name, int64_t ended)
{
    int64_t until = now_ms () + WRITTEN_WITHIN;
    char *text = NULL;

    for (int i = 0; i < MAX_RECORDS; i++) {
        char record[8192];
        ssize_t n = read (fd, record, sizeof record - 1);
        char *later;

        if (n < 0 && errno == EPIPE) {
            continue; /* Overwritten meanwhile: the next one. */
        }
        if (n < 0 && errno == EAGAIN && !text && wait_for_record (fd, until)) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        record[n] = '\0';
        later = is_about (record, ended)
                    ? violation_read (record, name->key, name->number)
                    : NULL;
        if (later) { /* The last record counts, since numbers are reused. */
            free (text);
            text = later;
        }
    }
    return text;
}

static char *
explain_closed (int error)
{
    bool container = !process_in_first ("user") || !process_in_first ("pid");

    return xformat ("/dev/kmsg: %s; %s: dmesg | grep type=1326",
                    strerror (error),
                    container ? "a container may not be allowed to read the "
                                "kernel's log, so run this as root on its host"
                              : "run this as root");
}

char *
violation_find (const struct victim *v, char **why)
{
    CLEANUP_CLOSE int fd =
        open ("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int error = errno;
    struct name name;
    bool named = name_in_log (v, &name);
    char *text = fd >= 0 && named ? search_log (fd, &name, v->ended) : NULL;

    if (text || !why) {
        return text;
    }
    *why =
        fd < 0 ? explain_closed (error)
        : !named
            ? xstrdup ("the kernel's log has other process IDs than this "
                       "container, and the process had no user ID of its own; "
                       "run this as root on the host: dmesg | grep type=1326")
            : xstrdup ("the kernel's log has no record of it; with auditd, "
                       "run: ausearch -m SECCOMP");
    return NULL;
}
