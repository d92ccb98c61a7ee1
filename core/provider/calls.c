/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/calls.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "common/cleanup.h"
#include "core/sandbox/filter.h"

/* Calls that a plugin may add: they act on the process's own memory, threads
 * and time, and on descriptors that it was given.  None names a file, another
 * process or an address, none executes a program, and none extends the
 * process's rights.  A list of forbidden calls would be outdated by the next
 * kernel. */
static const char addable[] =
    " accept accept4 brk clock_getres clock_gettime clock_nanosleep "
    "copy_file_range dup epoll_create epoll_create1 epoll_ctl epoll_pwait "
    "epoll_pwait2 epoll_wait eventfd eventfd2 fadvise64 fallocate fdatasync "
    "flock fstat fstatfs fsync ftruncate futex_waitv get_mempolicy getcpu "
    "getdents64 getegid geteuid getgid getitimer getpeername getpgrp getppid "
    "getpriority getrandom getrusage getsockname gettimeofday getuid "
    "io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit listen "
    "lseek mbind membarrier memfd_create mincore mlock mlock2 mlockall mremap "
    "mseal msync munlock munlockall munmap nanosleep pause pipe pipe2 poll "
    "ppoll pread64 preadv preadv2 pselect6 pwrite64 pwritev pwritev2 readahead "
    "readv recvfrom recvmmsg rt_sigaction rt_sigpending rt_sigprocmask "
    "rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_getaffinity "
    "sched_getparam sched_getscheduler sched_yield select sendfile sendmmsg "
    "set_mempolicy setitimer shutdown sigaltstack signalfd signalfd4 splice "
    "sync_file_range sysinfo tee time timerfd_create timerfd_gettime "
    "timerfd_settime times umask uname vmsplice writev ";

/* Multiplexed calls, allowed only with a list of values of this argument. */
static const struct {
    const char *name;
    int argument;
} listed[] = { { "ioctl", 1 }, { "fcntl", 1 }, { "madvise", 2 } };

/* Values that no list may contain. */
static const struct {
    const char *name;
    uint32_t value;
    const char *what;
} never_values[] = {
    { "ioctl", TIOCSTI, "TIOCSTI" },
    { "ioctl", TIOCLINUX, "TIOCLINUX" },
    { "ioctl", TUNSETIFF, "TUNSETIFF" },
    { "ioctl", TUNSETPERSIST, "TUNSETPERSIST" },
    { "ioctl", TUNSETOWNER, "TUNSETOWNER" },
    { "ioctl", TUNSETGROUP, "TUNSETGROUP" },
    { "ioctl", TUNATTACHFILTER, "TUNATTACHFILTER" },
    { "ioctl", KVM_CREATE_VM, "KVM_CREATE_VM" },
    { "ioctl", 0x2285, "SG_IO" },
    { "fcntl", F_SETOWN, "F_SETOWN" },
    { "fcntl", 15, "F_SETOWN_EX" },
    { "fcntl", 10, "F_SETSIG" },
    { "fcntl", 1024, "F_SETLEASE" },
    { "fcntl", 1026, "F_NOTIFY" },
    { "madvise", 100, "MADV_HWPOISON" },
    { "madvise", 101, "MADV_SOFT_OFFLINE" },
};

/* Reasons for calls that people are likely to try first. */
static const struct {
    const char *names, *reason;
} reasons[] = {
    { " execve execveat uselib ", "no other program may be executed" },
    { " clone clone3 fork vfork ",
      "threads are always allowed, and new processes never are" },
    { " kcmp kill pidfd_getfd pidfd_open pidfd_send_signal process_madvise "
      "process_vm_readv process_vm_writev ptrace rt_sigqueueinfo "
      "rt_tgsigqueueinfo tgkill tkill ",
      "it affects other processes" },
    { " chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount "
      "open_tree pivot_root setns umount2 unshare ",
      "it changes the process's view of the host" },
    { " creat name_to_handle_at open open_by_handle_at openat openat2 ",
      "files are passed as descriptors: hv_open()" },
    { " bind connect socket socketpair ",
      "sockets are passed as descriptors (hv_listen(), hv_port()) or allowed "
      "by group" },
    { " mmap mprotect pkey_mprotect remap_file_pages ",
      "non-executable memory is always allowed, and executable memory never "
      "is" },
    { " io_uring_enter io_uring_register io_uring_setup ",
      "operations through it bypass the filter" },
};

static bool
is_word_of (const char *words, const char *name)
{
    size_t len = strlen (name);

    for (const char *p = strstr (words, name); p; p = strstr (p + 1, name)) {
        if (p > words && p[-1] == ' ' && p[len] == ' ') {
            return true;
        }
    }
    return false;
}

static const char *
reason_against (const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE (reasons); i++) {
        if (is_word_of (reasons[i].names, name)) {
            return reasons[i].reason;
        }
    }
    return "plugins may use only calls that act on the process itself and on "
           "the descriptors it was given";
}

/* Returns why these values cannot be allowed, or null. */
static const char *
refuse_values (struct arena *a, const struct hv_call *call)
{
    if (call->argument < 0 || call->argument > 5) {
        return arena_format (a, "call %s: %d is not a valid argument number",
                             call->name, call->argument);
    }
    for (size_t i = 0; i < call->n_values; i++) {
        for (size_t k = 0; k < ARRAY_SIZE (never_values); k++) {
            if (!strcmp (never_values[k].name, call->name)
                && never_values[k].value == call->values[i]) {
                return arena_format (
                    a, "a plugin cannot be allowed the system call %s with %s",
                    call->name, never_values[k].what);
            }
        }
    }
    return NULL;
}

/* libseccomp has one action for a call without conditions.  If "base" has such
 * a rule, a plugin cannot add a rule for some arguments. */
static bool
is_settled (const struct hv_call *call)
{
    const struct call_group *base = groups_find ("base");

    for (size_t i = 0; i < base->n_rules; i++) {
        const struct call_rule *rule = &base->rules[i];

        if (!strcmp (rule->name, call->name) && !rule->values && !rule->mask
            && rule->class != CALL_ALLOW) {
            return true;
        }
    }
    return false;
}

static const char *
refuse_call (struct arena *a, const struct hv_call *call)
{
    if (!filter_is_call (call->name)) {
        return arena_format (a, "there is no system call '%s'", call->name);
    }
    if (!call->why || !*call->why) {
        return arena_format (a, "call %s: 'why' is missing", call->name);
    }
    if (!call->values != !call->n_values) {
        return arena_format (
            a, "call %s: 'values' and 'n_values' must be set together",
            call->name);
    }
    for (size_t i = 0; i < ARRAY_SIZE (listed); i++) {
        if (strcmp (listed[i].name, call->name) != 0) {
            continue;
        }
        if (!call->values || call->argument != listed[i].argument) {
            return arena_format (
                a,
                "a plugin cannot be allowed the system call %s with any "
                "argument: list the values of its argument %d",
                call->name, listed[i].argument);
        }
        return refuse_values (a, call);
    }
    if (!is_word_of (addable, call->name)) {
        return arena_format (
            a, "a plugin cannot be allowed the system call %s: %s", call->name,
            reason_against (call->name));
    }
    if (call->values && is_settled (call)) {
        return arena_format (
            a,
            "call %s: group 'base' covers all of its arguments, so it can be "
            "allowed without a list only",
            call->name);
    }
    return call->values ? refuse_values (a, call) : NULL;
}

const char *
calls_refused (struct arena *a, const struct hv_call *table)
{
    const char *why = NULL;

    for (; table && table->name && !why; table++) {
        why = refuse_call (a, table);
        for (size_t i = 0; !why && i < n_call_groups; i++) {
            if (!strcmp (call_groups[i].name, table->name)) {
                why = arena_format (a, "'%s' is the name of a group",
                                    table->name);
            }
        }
    }
    return why;
}

bool
calls_take (struct arena *a, const struct hv_call *table, const char *name,
            struct vec *rules)
{
    bool found = false;

    for (; table && table->name; table++) {
        struct call_rule *rule;

        if (strcmp (table->name, name) != 0) {
            continue;
        }
        rule = arena_alloc (a, sizeof *rule);
        *rule = (struct call_rule){
            .name = table->name,
            .nr = filter_call_number (table->name),
            .class = table->start ? CALL_STARTUP : CALL_ALLOW,
            .arg = (unsigned)table->argument,
            .values = table->values,
            .n_values = table->n_values,
            .why = table->why,
        };
        vec_add (a, rules, rule);
        found = true;
    }
    return found;
}

const struct call_group *
calls_group (struct arena *a, const char *plugin, const struct vec *rules)
{
    struct call_rule *copy;
    struct call_group *group;

    if (!rules->n) {
        return NULL;
    }
    copy = arena_alloc (a, rules->n * sizeof *copy);
    group = arena_alloc (a, sizeof *group);
    for (size_t i = 0; i < rules->n; i++) {
        copy[i] = *(const struct call_rule *)rules->p[i];
    }
    *group = (struct call_group){ .name = plugin,
                                  .summary = "the plugin's own",
                                  .rules = copy,
                                  .n_rules = rules->n };
    return group;
}
