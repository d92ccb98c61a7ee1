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

#include "core/violation.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "core/error.h"
#include "core/groups.h"
#include "core/hvctl.h"

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

/* How 'group' lets the call through: 2 whatever its arguments, 1 with some of
 * them, 0 not at all. */
static int
allows (const struct call_group *group, int nr)
{
    int best = 0;

    for (size_t i = 0; i < group->n_rules; i++) {
        const struct call_rule *rule = &group->rules[i];

        if (rule->nr == nr && rule->class == CALL_ALLOW) {
            int how = rule->values || rule->mask ? 1 : 2;

            best = how > best ? how : best;
        }
    }
    return best;
}

/* "group 'net' would allow it": those that let all of it through, or else
 * those that look at its arguments. */
static char *
describe_groups (int nr)
{
    CLEANUP_FREE char *names = xstrdup ("");
    size_t n = 0;
    int how = 2;

    for (; how > 0 && n == 0; how--) {
        for (size_t i = 0; i < n_call_groups; i++) {
            const struct call_group *group = &call_groups[i];
            char *longer;

            if (!group->beside && allows (group, nr) == how) {
                longer =
                    xformat ("%s%s'%s'", names, n++ ? " or " : "", group->name);
                free (names);
                names = longer;
            }
        }
    }
    return n ? xformat ("group %s would allow it%s", names,
                        how ? "" : ", with certain arguments only")
             : xstrdup ("no group allows it");
}

char *
describe_call (int nr, const char *thread)
{
    CLEANUP_FREE char *groups = describe_groups (nr);
    char *name = seccomp_syscall_resolve_num_arch (seccomp_arch_native (), nr);
    char *text = xformat ("%s (%d) in thread %s; %s", name ? name : "unknown",
                          nr, thread, groups);

    free (name);
    return text;
}

char *
read_violation (const char *record, pid_t pid)
{
    unsigned long found, arch, nr;
    char thread[32];

    if (!strstr (record, "type=1326 ")
        || !number_of (record, " pid=", 10, &found)
        || found != (unsigned long)pid
        || !number_of (record, " arch=", 16, &arch)
        || !number_of (record, " syscall=", 10, &nr)) {
        return NULL;
    }
    copy_thread (record, thread, sizeof thread);
    if (arch != seccomp_arch_native ()) {
        return xformat ("call %lu of another architecture (%lx) in thread %s; "
                        "no group allows it",
                        nr, arch, thread);
    }
    return describe_call ((int)nr, thread);
}

/* The kernel stamps its records in microseconds of its own running time, as
 * CLOCK_MONOTONIC has it (Documentation/ABI/testing/dev-kmsg).  Process
 * numbers come again, so one that is older than the end it should explain
 * tells of another process. */
static bool
is_about (const char *record, int64_t ended)
{
    struct timespec running, now;
    unsigned long long stamp;

    clock_gettime (CLOCK_MONOTONIC, &running);
    clock_gettime (CLOCK_REALTIME, &now);
    return sscanf (record, "%*u,%*u,%llu", &stamp) == 1
           && (int64_t)(stamp / 1000000) + SLACK
                  >= running.tv_sec - (now.tv_sec - ended);
}

/* The record is written by a thread of the kernel's, perhaps after the end;
 * or not at all, if there were many (printk_ratelimit). */
static bool
wait_for_record (int fd, int64_t until)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int64_t left = until - now_ms ();

    return left > 0 && poll (&p, 1, (int)left) == 1;
}

char *
find_violation (pid_t pid, int64_t ended)
{
    CLEANUP_CLOSE int fd =
        open ("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int64_t until = now_ms () + WRITTEN_WITHIN;
    char *text = NULL;

    for (int i = 0; fd >= 0 && i < MAX_RECORDS; i++) {
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
        later = is_about (record, ended) ? read_violation (record, pid) : NULL;
        if (later) { /* The last is ours: numbers come again. */
            free (text);
            text = later;
        }
    }
    return text;
}
