/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads the filters that filter.c makes as the kernel would: walks every way
 * through them for each number, and runs them for exact arguments. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "core/base/error.h"
#include "core/sandbox/filter.h"
#include "core/sandbox/violation.h"
#include "core/sandbox/families.h"
#include "tests/probe/walk.h"
#include "tests/kit/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define EXEC_FD 300

static unsigned
exactly (const struct sock_fprog *p, long nr, uint64_t a0, uint64_t a1,
         uint64_t a2, uint64_t a3, uint64_t a4)
{
    uint64_t args[6] = { a0, a1, a2, a3, a4, 0 };

    return walk (p, 0, NATIVE, (uint32_t)nr, args, false, 0);
}

static struct sock_fprog
build (const char *const *groups, bool notify)
{
    struct filter_options options = {
        .groups = groups, .notify = notify, .pid_one = true, .exec_fd = EXEC_FD
    };
    struct sock_fprog p;
    struct error err = { 0 };

    if (filter_build (&options, &p, &err) < 0) {
        fail_msg ("%s", err.text);
    }
    return p;
}

static unsigned
count_allowed (const struct sock_fprog *p)
{
    unsigned n = 0;

    for (uint32_t nr = 0; nr < NUMBERS; nr++) {
        n += possible (p, NATIVE, nr) & MAY_ALLOW ? 1 : 0;
    }
    return n;
}

static unsigned
count_families (const struct sock_fprog *p)
{
    bool counted[NUMBERS] = { false };
    unsigned n = 0;

    for (uint32_t nr = 0; nr < NUMBERS; nr++) {
        counted[nr] = possible (p, NATIVE, nr) & MAY_ALLOW;
        n += counted[nr] && !is_counted (counted, nr) ? 1 : 0;
    }
    return n;
}

static const char *const headless[] = { "tcg", "save", NULL };
static const char *const usual[] = { "disk", "net", "kvm", "save", NULL };
static const char *const slirp[] = { "slirp", NULL };

static void
assert_few (const char *const *groups, const char *name, unsigned families,
            unsigned numbers)
{
    struct sock_fprog p = build (groups, true);
    unsigned f = count_families (&p), n = count_allowed (&p);

    print_message ("%s: %u families, %u numbers, %u instructions\n", name, f, n,
                   p.len);
    assert_between (f, 30, families);
    assert_between (n, f, numbers);
    free (p.filter);
}

/* The bars: a QEMU was measured to need 47 and 59 calls with one C library. */
static void
test_few_calls (void **state)
{
    assert_few (headless, "headless", 48, 70);
    assert_few (usual, "disk, net, kvm", 60, 85);
}

/* Does the group's table have this member of the family, in that class? */
static bool
has_member (const struct call_group *group, const struct call_rule *wanted,
            enum call_class class)
{
    for (size_t i = 0; i < group->n_rules; i++) {
        const struct call_rule *rule = &group->rules[i];

        if (rule->family && !strcmp (rule->family, wanted->family)
            && rule->nr == wanted->nr && rule->class == class) {
            return true;
        }
    }
    return false;
}

/* Whoever lets one call of a family through lets through all of them: the next
 * C library will use another. */
static void
test_whole_families (void **state)
{
    for (size_t g = 0; g < n_call_groups; g++) {
        for (size_t i = 0; i < call_groups[g].n_rules; i++) {
            const struct call_rule *rule = &call_groups[g].rules[i];

            if (!rule->family) {
                if (groups_family (rule->nr) && rule->nr >= 0 && !rule->values
                    && !rule->mask) {
                    fail_msg ("group %s has %s alone, and not its family %s",
                              call_groups[g].name, rule->name,
                              groups_family (rule->nr));
                }
                continue;
            }
            for (size_t h = 0; h < n_call_groups; h++) {
                for (size_t k = 0; k < call_groups[h].n_rules; k++) {
                    const struct call_rule *other = &call_groups[h].rules[k];

                    if (other->family && !strcmp (other->family, rule->family)
                        && !has_member (&call_groups[g], other, rule->class)) {
                        fail_msg ("group %s has %s, and not %s",
                                  call_groups[g].name, rule->name, other->name);
                    }
                }
            }
        }
    }
}

/* What is newer than the table fails as on an older kernel; what no kernel
 * will have for long ends the process. */
static void
test_newer_calls (void **state)
{
    struct sock_fprog p = build (usual, true);
    const uint64_t args[6] = { 0 };

    for (uint32_t nr = NEWEST_CALL + 1; nr < NUMBERS_END; nr++) {
        assert_int_equal (possible (&p, NATIVE, nr), MAY_FAIL);
        assert_true (filter_lets (usual, NULL, (int)nr, args, false));
    }
    assert_int_equal (possible (&p, NATIVE, NUMBERS_END), MAY_KILL);
    assert_int_equal (possible (&p, NATIVE, NEWEST_CALL), MAY_KILL);
    assert_int_equal (possible (&p, FOREIGN, NEWEST_CALL + 1), MAY_KILL);
    free (p.filter);
}

/* In no group, nor in all of them together. */
static void
test_never (void **state)
{
    static const long never[] = {
        SYS_execve,
        SYS_ptrace,
        SYS_mount,
        SYS_umount2,
        SYS_bpf,
        SYS_keyctl,
        SYS_unshare,
        SYS_setns,
        SYS_chroot,
        SYS_pivot_root,
        SYS_init_module,
        SYS_finit_module,
        SYS_kexec_load,
        SYS_reboot,
        SYS_setresuid,
        SYS_capset,
        SYS_kill,
        SYS_process_vm_readv,
        SYS_process_vm_writev,
        SYS_pidfd_open,
        SYS_perf_event_open,
        SYS_add_key,
        SYS_io_uring_enter,
        SYS_clone3,
        SYS_open_tree,
        SYS_dup3,
        SYS_setrlimit,
        SYS_personality,
        SYS_pidfd_getfd,
#ifdef __x86_64__
        SYS_fork,
        SYS_vfork,
        SYS_dup2,
        SYS_iopl,
        SYS_modify_ldt,
#endif
    };
    const char *all[32] = { NULL };
    struct sock_fprog p;

    for (size_t i = 0; i < n_call_groups; i++) {
        all[i] = call_groups[i].name;
    }
    p = build (all, false);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        if (possible (&p, NATIVE, (uint32_t)never[i])
            & (MAY_ALLOW | MAY_NOTIFY)) {
            fail_msg ("call %ld is allowed", never[i]);
        }
    }
    free (p.filter);
}

/* Sockets belong to user-mode networking alone, and only of the internet. */
static void
test_sockets (void **state)
{
    struct sock_fprog p = build (usual, true);

    assert_int_equal (possible (&p, NATIVE, SYS_socket), MAY_KILL);
    assert_int_equal (possible (&p, NATIVE, SYS_connect), MAY_KILL);
    assert_int_equal (possible (&p, NATIVE, SYS_bind), MAY_KILL);
    free (p.filter);
    p = build (slirp, true);
    assert_int_equal (exactly (&p, SYS_socket, AF_INET, 1, 0, 0, 0), MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_socket, AF_UNIX, 1, 0, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_socket, AF_NETLINK, 3, 0, 0, 0),
                      MAY_KILL);
    free (p.filter);
}

/* From one instruction, and from no other: the walk does not know which one
 * makes the call. */
static void
test_one_place (void **state)
{
    const struct filter_options options = { .groups = usual,
                                            .notify = true,
                                            .exec_fd = EXEC_FD,
                                            .exec_address = 0x5500123456789a };
    const uint64_t args[6] = { EXEC_FD, 1, 2, 3, 0x1000 };
    const uint64_t others[6] = { EXEC_FD + 1, 1, 2, 3, 0x1000 };
    struct sock_fprog p;
    struct error err = { 0 };

    assert_int_equal (filter_build (&options, &p, &err), 0);
    assert_int_equal (walk (&p, 0, NATIVE, SYS_execveat, args, false, 0),
                      MAY_ALLOW | MAY_KILL);
    assert_int_equal (walk (&p, 0, NATIVE, SYS_execveat, others, false, 0),
                      MAY_KILL);
    assert_int_equal (p.filter[5].k, 0x3456789a);
    assert_int_equal (p.filter[7].k, 0x550012);
    assert_int_equal (p.filter[5 + 1 + p.filter[5].jf].k,
                      SECCOMP_RET_KILL_PROCESS);
    assert_int_equal (p.filter[7 + 1 + p.filter[7].jf].k,
                      SECCOMP_RET_KILL_PROCESS);
    free (p.filter);
}

/* Killing one thread leaves a hijacked process running without it. */
/* passt may make one kind of child while it starts, which is none. */
static void
test_passt (void **state)
{
    static const char *const passt[] = { "passt", "outbound", NULL };
    static const char *const restricted[] = { "passt", NULL };
    const uint64_t child = CLONE_NEWUSER | SIGCHLD;
    struct sock_fprog p = build (passt, true);

    assert_int_equal (exactly (&p, SYS_clone, child, 0, 0, 0, 0), MAY_NOTIFY);
    assert_int_equal (exactly (&p, SYS_clone, SIGCHLD, 0, 0, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_clone, child | CLONE_NEWNET, 0, 0, 0, 0),
                      MAY_KILL);
    assert_int_equal (exactly (&p, SYS_kill, 1, SIGKILL, 0, 0, 0), MAY_FAIL);
    assert_int_equal (possible (&p, NATIVE, SYS_kill), MAY_FAIL);
    assert_int_equal (possible (&p, NATIVE, SYS_setns), MAY_FAIL);
    assert_int_equal (exactly (&p, SYS_ioctl, 5, TIOCOUTQ, 0, 0, 0), MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_ioctl, 5, TIOCSTI, 0, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_connect, 5, 0, 0, 0, 0), MAY_ALLOW);
    free (p.filter);
    p = build (restricted, true);
    assert_int_equal (exactly (&p, SYS_connect, 5, 0, 0, 0, 0), MAY_FAIL);
    free (p.filter);
    /* Nobody would answer: it must not be made instead. */
    p = build (passt, false);
    assert_int_equal (exactly (&p, SYS_clone, child, 0, 0, 0, 0), MAY_FAIL);
    free (p.filter);
}

static void
test_only_whole_processes_die (void **state)
{
    struct sock_fprog p = build (usual, true);

    for (uint32_t nr = 0; nr < NUMBERS; nr++) {
        assert_int_equal (possible (&p, NATIVE, nr) & MAY_OTHER, 0);
        assert_int_equal (possible (&p, FOREIGN, nr), MAY_KILL);
        assert_int_equal (possible (&p, 0, nr), MAY_KILL);
#ifdef __x86_64__
        assert_int_equal (possible (&p, NATIVE, nr | 0x40000000), MAY_KILL);
#endif
    }
    assert_int_equal (possible (&p, NATIVE, 0x3fffffff), MAY_KILL);
    assert_int_equal (possible (&p, NATIVE, 0xffffffff), MAY_KILL);
    free (p.filter);
}

static void
test_one_execution (void **state)
{
    struct sock_fprog p = build (usual, true);

    assert_int_equal (exactly (&p, SYS_execveat, EXEC_FD, 1, 2, 3, 0x1000),
                      MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_execveat, EXEC_FD, 1, 2, 3, 0),
                      MAY_KILL);
    assert_int_equal (exactly (&p, SYS_execveat, EXEC_FD, 1, 2, 3, 0x1100),
                      MAY_KILL);
    assert_int_equal (exactly (&p, SYS_execveat, EXEC_FD + 1, 1, 2, 3, 0x1000),
                      MAY_KILL);
    assert_int_equal (
        exactly (&p, SYS_execveat, (uint64_t)AT_FDCWD, 1, 2, 3, 0x1000),
        MAY_KILL);
    free (p.filter);
}

/* The kernel takes 32 bits of a request; what lies above is the sign. */
static void
test_high_bits_are_noise (void **state)
{
    struct sock_fprog p = build (usual, true);
    uint64_t request = KVM_GET_ONE_REG;

    assert_int_equal (exactly (&p, SYS_ioctl, 5, request, 0, 0, 0), MAY_ALLOW);
    request = (uint64_t)(int64_t)(int32_t)_IOR (KVMIO, 0x81, struct kvm_regs);
    assert_int_equal (request >> 32, 0xffffffff);
    assert_int_equal (exactly (&p, SYS_ioctl, 5, request, 0, 0, 0), MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_ioctl, 5, TIOCSTI, 0, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_ioctl, 5, 0xffffffff00005412, 0, 0, 0),
                      MAY_KILL);
    free (p.filter);
}

/* How many instructions decide about a call with these arguments. */
static unsigned
steps (const struct sock_fprog *p, uint32_t nr, const uint64_t args[6])
{
    uint32_t a = 0;
    unsigned n = 1;

    for (size_t pc = 0; BPF_CLASS (p->filter[pc].code) != BPF_RET; pc++, n++) {
        const struct sock_filter *i = &p->filter[pc];

        if (BPF_CLASS (i->code) == BPF_LD) {
            load (i->k, NATIVE, nr, args, &a);
        } else if (BPF_CLASS (i->code) == BPF_ALU) {
            a &= i->k;
        } else {
            pc += BPF_OP (i->code) == BPF_JA ? i->k
                  : jumps (i->code, a, i->k) ? i->jt
                                             : i->jf;
        }
    }
    return n;
}

/* What is called at each exit of a processor is decided at once, however many
 * requests of ioctl there are; and only where it is allowed. */
static void
test_processors_are_fast (void **state)
{
    const uint64_t run[6] = { 3, KVM_RUN }, other[6] = { 3, KVM_CREATE_VCPU };
    struct sock_fprog p = build (usual, true);

    assert_int_equal (exactly (&p, SYS_ioctl, 3, KVM_RUN, 0, 0, 0), MAY_ALLOW);
    assert_true (steps (&p, SYS_ioctl, run) <= 10);
    assert_true (steps (&p, SYS_ioctl, other) > 10);
    free (p.filter);
    p = build (headless, true);
    assert_int_equal (exactly (&p, SYS_ioctl, 3, KVM_RUN, 0, 0, 0), MAY_KILL);
    free (p.filter);
}

static void
test_memory (void **state)
{
    const uint64_t rw = PROT_READ | PROT_WRITE, rx = PROT_READ | PROT_EXEC;
    struct sock_fprog p = build (usual, true);

    assert_int_equal (exactly (&p, SYS_mmap, 0, 1, rw, 0, 0), MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_mmap, 0, 1, rx, 0, 0), MAY_NOTIFY);
    assert_int_equal (exactly (&p, SYS_mmap, 0, 1, rw | rx, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_mprotect, 0, 1, rw | rx, 0, 0),
                      MAY_KILL);
    free (p.filter);
    p = build (headless, true);
    assert_int_equal (exactly (&p, SYS_mprotect, 0, 1, rw | rx, 0, 0),
                      MAY_NOTIFY);
    free (p.filter);
    p = build (headless, false);
    assert_int_equal (exactly (&p, SYS_mmap, 0, 1, rx, 0, 0), MAY_ALLOW);
    free (p.filter);
}

static void
test_threads (void **state)
{
    struct filter_options options = { .groups = usual, .exec_fd = EXEC_FD };
    struct sock_fprog p = build (usual, true);
    struct error err = { 0 };

    assert_int_equal (exactly (&p, SYS_clone, 0x3d0f00, 0, 0, 0, 0), MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_clone, SIGCHLD, 0, 0, 0, 0), MAY_KILL);
    assert_int_equal (
        exactly (&p, SYS_clone, 0x3d0f00 | CLONE_NEWUSER, 0, 0, 0, 0),
        MAY_KILL);
    assert_int_equal (exactly (&p, SYS_tgkill, 1, 7, SIGUSR1, 0, 0), MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_tgkill, 2, 7, SIGUSR1, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_tgkill, 1, 7, SIGKILL, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_tkill, 7, SIGUSR1, 0, 0, 0), MAY_ALLOW);
    assert_int_equal (exactly (&p, SYS_tkill, 7, SIGKILL, 0, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_tkill, 7, SIGTERM, 0, 0, 0), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_clone3, 0, 0, 0, 0, 0), MAY_FAIL);
    free (p.filter);
    /* Beside other processes it could reach them. */
    options.pid_one = false;
    assert_int_equal (filter_build (&options, &p, &err), 0);
    assert_int_equal (possible (&p, NATIVE, SYS_tkill), MAY_KILL);
    assert_int_equal (exactly (&p, SYS_tgkill, 2, 7, SIGUSR1, 0, 0), MAY_ALLOW);
    free (p.filter);
}

/* Built with a cache; frees nothing but what it compares. */
static void
assert_cached (const char *dir, const char *const *groups, bool notify)
{
    struct filter_options options = { .groups = groups,
                                      .notify = notify,
                                      .exec_fd = EXEC_FD };
    struct sock_fprog fresh, first, second;
    struct error err = { 0 };

    assert_int_equal (filter_build (&options, &fresh, &err), 0);
    options.cache = dir;
    assert_int_equal (filter_build (&options, &first, &err), 0);
    assert_int_equal (filter_build (&options, &second, &err), 0);
    assert_int_equal (first.len, fresh.len);
    assert_int_equal (second.len, fresh.len);
    assert_memory_equal (first.filter, fresh.filter,
                         fresh.len * sizeof *fresh.filter);
    assert_memory_equal (second.filter, fresh.filter,
                         fresh.len * sizeof *fresh.filter);
    free (fresh.filter);
    free (first.filter);
    free (second.filter);
}

/* Changes a byte of each file, and returns how many there are. */
static unsigned
damage (const char *dir, long offset, bool last)
{
    DIR *d = opendir (dir);
    struct dirent *e;
    unsigned n = 0;

    while ((e = readdir (d))) {
        char path[512];
        FILE *f;
        int c;

        if (*e->d_name == '.') {
            continue;
        }
        snprintf (path, sizeof path, "%s/%s", dir, e->d_name);
        f = fopen (path, "r+e");
        assert_non_null (f);
        fseek (f, offset, SEEK_SET);
        c = fgetc (f);
        fseek (f, offset, SEEK_SET);
        fputc (c ^ 1, f);
        fclose (f);
        if (last) {
            unlink (path);
        }
        n++;
    }
    closedir (d);
    return n;
}

/* What is kept is what was made; one file for each set of rules; whatever is
 * wrong with it, the filter is right. */
static void
test_cache (void **state)
{
    char dir[] = "/tmp/hvctl-filter.XXXXXX";

    assert_non_null (mkdtemp (dir));
    assert_cached (dir, headless, true);
    assert_cached (dir, usual, true);
    assert_cached (dir, usual, false);
    assert_int_equal (damage (dir, 0, false), 3);
    assert_cached (dir, usual, true);
    assert_int_equal (damage (dir, 100, false), 3);
    assert_cached (dir, usual, true);
    assert_int_equal (damage (dir, 12, true), 3);
    assert_int_equal (rmdir (dir), 0);
    assert_cached (dir, usual, true);
}

static void
test_unknown_group (void **state)
{
    static const char *const groups[] = { "disk", "execve", NULL };
    struct filter_options options = { .groups = groups };
    struct sock_fprog p;
    struct error err = { 0 };
    char *text = NULL;

    assert_int_equal (filter_build (&options, &p, &err), -EINVAL);
    assert_non_null (strstr (err.text, "'execve'"));
    assert_non_null (strstr (err.text, "disk"));
    assert_int_equal (filter_describe (groups, NULL, &text, &err), -EINVAL);
}

static void
test_description (void **state)
{
    struct error err = { 0 };
    char *text = NULL;

    assert_int_equal (filter_describe (usual, NULL, &text, &err), 0);
    assert_non_null (strstr (text, "\nnet "));
    assert_non_null (strstr (text, "start-up       openat"));
    assert_null (strstr (text, "userfaultfd"));
    free (text);
}

/* The kernel's record of a killed process, in words. */
static void
test_violation (void **state)
{
    static const char record[] =
        "5,812,2560539902,-;audit: type=1326 audit(1795240683.270:2): "
        "auid=4294967295 uid=64123 gid=64123 ses=4294967295 pid=%d "
        "comm=%s exe=\"/usr/bin/x\" sig=31 arch=%x syscall=%d compat=0 "
        "ip=0x7fab2c273b07 code=0x80000000";
    char line[512], *text;

    snprintf (line, sizeof line, record, 213, "\"work er\"", NATIVE,
              SYS_socket);
    assert_null (violation_read (line, " pid=", 21));
    assert_null (violation_read (line, " uid=", 4294967295UL));
    text = violation_read (line, " uid=", 64123);
    assert_non_null (text);
    free (text);
    text = violation_read (line, " pid=", 213);
    assert_non_null (text);
    assert_non_null (strstr (text, "socket ("));
    assert_non_null (strstr (text, "thread work_er"));
    assert_non_null (strstr (text, "'slirp'"));
    free (text);
    snprintf (line, sizeof line, record, 213, "0A1B", NATIVE, SYS_execve);
    text = violation_read (line, " pid=", 213);
    assert_non_null (strstr (text, "execve ("));
    assert_non_null (strstr (text, "no group"));
    free (text);
    snprintf (line, sizeof line, record, 213, "\"x\"", FOREIGN, 20);
    text = violation_read (line, " pid=", 213);
    assert_non_null (strstr (text, "another architecture"));
    free (text);
    assert_null (
        violation_read ("6,1,1,-;type=1326 nothing else", " pid=", 213));
}

/* What the log calls a user of a container. */
static void
test_translate_uid (void **state)
{
    static const char map[] = "         0     100000      65536\n"
                              "    70000    9000000         10\n";
    unsigned long outside = 1;

    assert_true (violation_translate_uid (map, 0, &outside));
    assert_int_equal (outside, 100000);
    assert_true (violation_translate_uid (map, 65535, &outside));
    assert_int_equal (outside, 165535);
    assert_true (violation_translate_uid (map, 70009, &outside));
    assert_int_equal (outside, 9000009);
    assert_false (violation_translate_uid (map, 65536, &outside));
    assert_false (violation_translate_uid (map, 70010, &outside));
    assert_false (violation_translate_uid ("", 0, &outside));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_few_calls),
        cmocka_unit_test (test_whole_families),
        cmocka_unit_test (test_newer_calls),
        cmocka_unit_test (test_never),
        cmocka_unit_test (test_sockets),
        cmocka_unit_test (test_passt),
        cmocka_unit_test (test_only_whole_processes_die),
        cmocka_unit_test (test_one_execution),
        cmocka_unit_test (test_one_place),
        cmocka_unit_test (test_high_bits_are_noise),
        cmocka_unit_test (test_processors_are_fast),
        cmocka_unit_test (test_memory),
        cmocka_unit_test (test_threads),
        cmocka_unit_test (test_cache),
        cmocka_unit_test (test_unknown_group),
        cmocka_unit_test (test_description),
        cmocka_unit_test (test_violation),
        cmocka_unit_test (test_translate_uid),
    };

    return cmocka_run_group_tests_name ("filter", tests, NULL, NULL);
}
