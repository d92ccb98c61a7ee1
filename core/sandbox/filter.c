/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* See filter.h.  The filter is made before the fork, by the parent: a failure
 * is then an ordinary error, and the child has only to load it. */

#include "core/sandbox/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "core/sandbox/families.h"
#include "core/sandbox/filter-cache.h"
#include "core/sandbox/filter-head.h"

#define MAX_GROUPS 32

struct selection {
    const struct call_group *groups[MAX_GROUPS];
    size_t n;
};

bool
filter_is_call (const char *name)
{
    return seccomp_syscall_resolve_name (name) != __NR_SCMP_ERROR;
}

int
filter_call_number (const char *name)
{
    return seccomp_syscall_resolve_name (name);
}

static int
unknown_group (struct error *err, const char *name)
{
    char known[512];
    size_t len = 0;

    for (size_t i = 0; i < n_call_groups && len < sizeof known; i++) {
        len += (size_t)snprintf (known + len, sizeof known - len, "%s%s",
                                 i ? ", " : "", call_groups[i].name);
    }
    if (filter_is_call (name)) {
        return fail (err, EINVAL,
                     "'%s' is a system call, and system calls are allowed by "
                     "group only, each with its arguments: the groups are %s",
                     name, known);
    }
    return fail (err, EINVAL,
                 "there is no group of system calls '%s': the groups are %s",
                 name, known);
}

/* Collects "base" and the named groups, each once, and the plugin's own. */
static int
select_groups (const char *const *names, const struct call_group *own,
               struct selection *sel, struct error *err)
{
    sel->n = 0;
    sel->groups[sel->n++] = groups_find ("base");
    if (own) {
        sel->groups[sel->n++] = own;
    }
    for (; names && *names; names++) {
        const struct call_group *group = groups_find (*names);
        bool seen = false;

        if (!group) {
            return unknown_group (err, *names);
        }
        for (size_t i = 0; i < sel->n; i++) {
            seen = seen || sel->groups[i] == group;
        }
        if (!seen && sel->n < MAX_GROUPS) {
            sel->groups[sel->n++] = group;
        }
    }
    return 0;
}

static bool
unconditional (const struct call_rule *rule)
{
    return !rule->values && !rule->mask;
}

static bool
matches (const struct call_rule *rule, const uint64_t args[6])
{
    if (rule->mask) {
        return (args[rule->arg] & rule->mask) == rule->value;
    }
    for (size_t i = 0; i < rule->n_values; i++) {
        if ((uint32_t)args[rule->arg] == rule->values[i]) {
            return true;
        }
    }
    return !rule->values;
}

/* Does another selected rule allow this call with any arguments, or, at times
 * when 'rule' does not, with the same arguments?  Then 'rule' adds nothing, and
 * libseccomp would report a conflict or keep the first. */
static bool
overruled (const struct selection *sel, const struct call_rule *rule,
           const uint64_t *args)
{
    for (size_t i = 0; i < sel->n; i++) {
        for (size_t j = 0; j < sel->groups[i]->n_rules; j++) {
            const struct call_rule *other = &sel->groups[i]->rules[j];
            bool all = unconditional (other);

            if (other->nr == rule->nr
                && (other->class < rule->class
                        ? all
                              || (args && other->arg == rule->arg
                                  && matches (other, args))
                        : other->class == rule->class && all
                              && !unconditional (rule))) {
                return true;
            }
        }
    }
    return false;
}

static uint32_t
default_action (const struct filter_options *options)
{
    switch (options->mode) {
    case SANDBOX_LOG:
        return SCMP_ACT_LOG;
    case SANDBOX_DIAGNOSE:
    case SANDBOX_LEARN:
        return SCMP_ACT_NOTIFY;
    case SANDBOX_KILL:
        break;
    }
    return SCMP_ACT_KILL_PROCESS;
}

/* Calls that cannot be brokered: the supervisor gets the listener through the
 * first one, and the others do not return. */
static bool
may_ask (const struct call_rule *rule)
{
    static const char *const never[] = { "sendmsg", "exit", "exit_group",
                                         "rt_sigreturn", "restart_syscall" };

    for (size_t i = 0; i < ARRAY_SIZE (never); i++) {
        if (!strcmp (rule->name, never[i])) {
            return false;
        }
    }
    return true;
}

static uint32_t
action (const struct call_rule *rule, const struct filter_options *options)
{
    switch (rule->class) {
    case CALL_ALLOW:
        return options->mode == SANDBOX_LEARN && may_ask (rule)
                   ? SCMP_ACT_NOTIFY
                   : SCMP_ACT_ALLOW;
    case CALL_STARTUP:
        return options->notify ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW;
    case CALL_EPERM:
        return SCMP_ACT_ERRNO (EPERM);
    case CALL_NOTHING:
        return SCMP_ACT_ERRNO (0);
    case CALL_NO_CHILD:
        return options->notify ? SCMP_ACT_NOTIFY : SCMP_ACT_ERRNO (EPERM);
    case CALL_ENOSYS:
        break;
    }
    return SCMP_ACT_ERRNO (ENOSYS);
}

/* Given a thread only, a call could signal other processes, where there are
 * others. */
static bool
may_reach_others (const struct call_rule *rule,
                  const struct filter_options *options)
{
    return !options->pid_one && !strcmp (rule->name, "tkill");
}

/* A thread may signal its own process only, which is known beforehand if it
 * is the first of a pid namespace. */
static unsigned
pin_target (struct scmp_arg_cmp *cmp, const struct call_rule *rule,
            const struct filter_options *options)
{
    if (!options->pid_one || strcmp (rule->name, "tgkill")) {
        return 0;
    }
    *cmp = SCMP_CMP (0, SCMP_CMP_MASKED_EQ, UINT32_MAX, 1);
    return 1;
}

static int
add_rule (scmp_filter_ctx ctx, const struct selection *sel,
          const struct call_rule *rule, const struct filter_options *options)
{
    uint32_t act = action (rule, options);
    struct scmp_arg_cmp cmp[2];
    unsigned pinned = pin_target (&cmp[1], rule, options);
    uint64_t args[6] = { 0 };
    int r = 0;

    if (act == default_action (options) /* libseccomp would not take it. */
        || may_reach_others (rule, options)) {
        return 0;
    }
    if (unconditional (rule)) {
        return seccomp_rule_add_array (ctx, act, rule->nr, 0, NULL);
    }
    if (rule->mask) {
        cmp[0] =
            SCMP_CMP (rule->arg, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);
        return seccomp_rule_add_array (ctx, act, rule->nr, 1 + pinned, cmp);
    }
    for (size_t i = 0; i < rule->n_values && (r == 0 || r == -EEXIST); i++) {
        cmp[0] = SCMP_CMP (rule->arg, SCMP_CMP_MASKED_EQ, UINT32_MAX,
                           rule->values[i]);
        args[rule->arg] = rule->values[i];
        if (overruled (sel, rule, args)) {
            continue;
        }
        r = seccomp_rule_add_array (ctx, act, rule->nr, 1 + pinned, cmp);
    }
    return r;
}

static int
add_all (scmp_filter_ctx ctx, const struct selection *sel,
         const struct filter_options *options, struct error *err)
{
    int r;

    for (size_t i = 0; i < sel->n; i++) {
        for (size_t j = 0; j < sel->groups[i]->n_rules; j++) {
            const struct call_rule *rule = &sel->groups[i]->rules[j];

            if (rule->nr < 0 || overruled (sel, rule, NULL)) {
                continue;
            }
            r = add_rule (ctx, sel, rule, options);
            if (r < 0 && r != -EEXIST) {
                return fail (err, -r,
                             "libseccomp refuses the rule for %s in group %s: "
                             "%s",
                             rule->name, sel->groups[i]->name, strerror (-r));
            }
        }
    }
    return 0;
}

/* libseccomp writes to a descriptor only. */
static int export(scmp_filter_ctx ctx, struct sock_fprog *out,
                  struct error *err)
{
    CLEANUP_CLOSE int fd = memfd_create ("filter", MFD_CLOEXEC);
    struct stat st;
    int r;

    if (fd < 0) {
        return fail (err, errno,
                     "cannot create the system call filter: memfd_create: %m");
    }
    r = seccomp_export_bpf (ctx, fd);
    if (r < 0 || fstat (fd, &st) < 0) {
        return fail (err, r < 0 ? -r : errno,
                     "libseccomp cannot write the system call filter: %s",
                     strerror (r < 0 ? -r : errno));
    }
    out->filter = xalloc ((size_t)st.st_size);
    out->len = (unsigned short)(st.st_size / (off_t)sizeof *out->filter);
    if (out->len > BPF_MAXINSNS - FILTER_HEAD
        || pread (fd, out->filter, (size_t)st.st_size, 0) != st.st_size) {
        free (steal (&out->filter));
        return fail (err, EIO,
                     "the system call filter has %u instructions, and the "
                     "kernel accepts at most %d",
                     out->len, BPF_MAXINSNS);
    }
    return 0;
}

/* Everything that the filter of libseccomp depends on. */
static uint64_t
filter_key (const struct filter_options *options, const struct selection *sel)
{
    const struct scmp_version *v = seccomp_version ();
    const uint32_t about[] = { v->major,        v->minor,
                               v->micro,        seccomp_arch_native (),
                               options->notify, options->pid_one,
                               options->mode,   FILTER_HEAD };
    uint64_t key = hash_bytes (HASH_START, about, sizeof about);

    for (size_t i = 0; i < sel->n; i++) {
        for (size_t j = 0; j < sel->groups[i]->n_rules; j++) {
            const struct call_rule *r = &sel->groups[i]->rules[j];
            const uint64_t rule[] = { (uint64_t)r->nr, r->class, r->arg,
                                      r->n_values,     r->mask,  r->value };

            key = hash_bytes (key, rule, sizeof rule);
            key = hash_bytes (key, r->values, r->n_values * sizeof *r->values);
        }
    }
    return key;
}

static int
make_filter (const struct filter_options *options, const struct selection *sel,
             struct sock_fprog *out, struct error *err)
{
    scmp_filter_ctx ctx = seccomp_init (default_action (options));
    int r;

    if (!ctx) {
        return fail (err, ENOMEM, "libseccomp cannot create a filter");
    }
    /* Other architectures end the process, too, and the calls are found by
     * halving, not one after the other. */
    if ((r = seccomp_attr_set (ctx, SCMP_FLTATR_ACT_BADARCH,
                               SCMP_ACT_KILL_PROCESS))
            < 0
        || (r = seccomp_attr_set (ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)) < 0) {
        fail (err, -r, "libseccomp refuses an attribute: %s", strerror (-r));
    } else {
        r = add_all (ctx, sel, options, err);
    }
    if (r == 0) {
        r = export(ctx, out, err);
    }
    seccomp_release (ctx);
    return r;
}

int
filter_build (const struct filter_options *options, struct sock_fprog *out,
              struct error *err)
{
    struct selection sel;
    uint64_t key;
    int r;

    memset (out, 0, sizeof *out);
    r = select_groups (options->groups, options->own, &sel, err);
    if (r < 0) {
        return r;
    }
    key = options->cache ? filter_key (options, &sel) : 0;
    if (!options->cache || !filter_recall (options->cache, key, out)) {
        r = make_filter (options, &sel, out, err);
        if (r == 0 && options->cache) {
            filter_keep (options->cache, key, out);
        }
    }
    if (r == 0) {
        filter_head (options, default_action (options), out);
    }
    return r;
}

int
filter_check (const char *const *groups, struct error *err)
{
    struct selection sel;

    return select_groups (groups, NULL, &sel, err);
}

bool
filter_lets (const char *const *groups, const struct call_group *own, int nr,
             const uint64_t args[6], bool starting)
{
    struct selection sel;
    struct error ignored = { 0 };

    if (select_groups (groups, own, &sel, &ignored) < 0) {
        return false;
    }
    if (nr > NEWEST_CALL && nr < NUMBERS_END) {
        return true; /* With ENOSYS, by filter_head (). */
    }
    for (size_t i = 0; i < sel.n; i++) {
        for (size_t j = 0; j < sel.groups[i]->n_rules; j++) {
            const struct call_rule *rule = &sel.groups[i]->rules[j];

            if (rule->nr == nr && matches (rule, args)
                && (starting
                    || (rule->class != CALL_STARTUP
                        && rule->class != CALL_NO_CHILD))) {
                return true;
            }
        }
    }
    return false;
}

static void
describe_rule (FILE *f, const struct call_group *group,
               const struct call_rule *rule)
{
    fprintf (f, "%-10s %-14s %s", group->name, groups_class_name (rule->class),
             rule->name);
    if (rule->values) {
        fprintf (f, " argument %u in {", rule->arg);
        for (size_t i = 0; i < rule->n_values; i++) {
            fprintf (f, "%s0x%" PRIx32, i ? " " : "", rule->values[i]);
        }
        fputc ('}', f);
    } else if (rule->mask == UINT64_MAX) {
        fprintf (f, " argument %u = 0x%" PRIx64, rule->arg, rule->value);
    } else if (rule->mask) {
        fprintf (f, " argument %u & 0x%" PRIx64 " = 0x%" PRIx64, rule->arg,
                 rule->mask, rule->value);
    }
    fprintf (f, rule->why ? "  # %s\n" : "\n", rule->why);
}

int
filter_describe (const char *const *groups, const struct call_group *own,
                 char **text, struct error *err)
{
    struct selection sel;
    size_t size;
    FILE *f;
    int r = select_groups (groups, own, &sel, err);

    if (r < 0) {
        return r;
    }
    f = open_memstream (text, &size);
    if (!f) {
        return fail (err, errno, "cannot describe the sandbox: %m");
    }
    for (size_t i = 0; i < sel.n; i++) {
        for (size_t j = 0; j < sel.groups[i]->n_rules; j++) {
            if (sel.groups[i]->rules[j].nr >= 0) {
                describe_rule (f, sel.groups[i], &sel.groups[i]->rules[j]);
            }
        }
    }
    fprintf (f, "%-10s %-14s numbers %d to %d  # newer than this table\n",
             "base", groups_class_name (CALL_ENOSYS), NEWEST_CALL + 1,
             NUMBERS_END - 1);
    fclose (f);
    return 0;
}
