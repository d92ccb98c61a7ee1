/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A plugin of all four kinds for the tests of the core.  It does as little as
 * the contract allows, but for real: its ports and activations are files in a
 * directory, so that one can see what was left behind, and its machines are
 * processes (null-hypervisor.c).
 *
 * Each call appends a line "KIND.OPERATION OBJECT" to the log.  A call fails
 * when it is told to: "fail" is a list, separated by spaces, of
 *
 *   OP             fails with EIO        OP is "attach" or "network.attach"
 *   OP:28          fails with errno 28
 *   OP:slow        sleeps a second, then works
 *   OP:deaf        sleeps for ever, whatever comes
 *   OP:hang        sleeps until its time is up, then fails with ETIMEDOUT
 *   OP:int         sends SIGINT to hvctl, then works
 *   OP:intrun      sends it, the first time, and runs a program to do its work
 *   OP:kill        hvctl is killed before the operation has done its work
 *   OP:killafter   ... and after
 *   save:settle    fails twice with EAGAIN, then works
 *   OP:exit        calls exit (0); _exit, crash, abort, overflow (its stack),
 *                  loop, alloc (all memory there is) likewise
 *   OP:blockloop   blocks all signals first
 *   OP:alarm       calls alarm (0)
 *   OP:fork        forks, and both return
 *   OP:umask       calls umask (0777)
 *   OP:print       prints to standard output
 *   OP:exitafter   does its work before it calls exit (0)
 *   OP:positive    returns 1
 *   OP:mute        fails, and does not say why
 *   OP:=WORD       hands back nonsense, see nonsense()
 *
 * What it needs to know comes from its section of the host configuration or,
 * more strongly, from the environment: HVCTL_NULL_DIR, HVCTL_NULL_LOG,
 * HVCTL_NULL_FAIL, HVCTL_NULL_HYPERVISOR.
 *
 * Only with HVCTL_NULL_OVERLAY it can snapshot disks of running machines.
 * HVCTL_NULL_WITHOUT lists optional operations of the hypervisor that it then
 * does not have: "pause save". */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "hvctl/plugin.h"

static const char *
setting (struct hv_ctx *ctx, const char *variable, const char *key)
{
    const char *value = getenv (variable);

    return value && *value ? value : hv_option (ctx, NULL, key);
}

static void
note (struct hv_ctx *ctx, const char *op, const char *object)
{
    const char *path = setting (ctx, "HVCTL_NULL_LOG", "log");
    CLEANUP_CLOSE int fd = -1;

    hv_log (ctx, HV_DEBUG, "%s %s", op, object);
    if (path) {
        fd = open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
        dprintf (fd, "%s %s\n", op, object);
    }
}

/* Returns what 'op' ("network.attach") has to suffer: null for nothing, ""
 * for EIO, or what follows the colon. */
static const char *
fate (struct hv_ctx *ctx, const char *op)
{
    const char *list = setting (ctx, "HVCTL_NULL_FAIL", "fail");
    char *copy, *word, *how, *save = NULL;

    copy = hv_format (ctx, "%s", list ? list : "");
    for (word = strtok_r (copy, " ", &save); word;
         word = strtok_r (NULL, " ", &save)) {
        how = strchr (word, ':');
        if (how) {
            *how++ = '\0';
        }
        if (!strcmp (word, op) || !strcmp (word, strchr (op, '.') + 1)) {
            return how ? how : "";
        }
    }
    return NULL;
}

static void
die_if (const char *how, const char *when)
{
    if (how && !strcmp (how, when)) {
        kill (getpid (), SIGKILL);
        pause ();
    }
}

/* Sanitizers would end the program by a call that nothing can stand in for. */
#define UNSANITIZED                                                            \
    __attribute__ ((no_sanitize ("undefined"), no_sanitize ("address")))

static UNSANITIZED int
overflow (volatile int depth)
{
    volatile char room[4096] = { 0 };

    return depth < 0 ? 0 : overflow (depth + 1) + room[depth % 4096];
}

/* Does what no plugin may; returns where that is possible. */
static UNSANITIZED void
misbehave (struct hv_ctx *ctx, const char *how)
{
    static int *volatile nowhere;

    if (!strcmp (how, "exit")) {
        exit (0);
    } else if (!strcmp (how, "_exit")) {
        _exit (0);
    } else if (!strcmp (how, "crash")) {
        *nowhere = 1;
    } else if (!strcmp (how, "abort")) {
        abort ();
    } else if (!strcmp (how, "overflow")) {
        overflow (0);
    } else if (!strcmp (how, "alloc")) {
        hv_alloc (ctx, SIZE_MAX);
    } else if (!strcmp (how, "blockloop")) {
        sigset_t all;

        sigfillset (&all);
        sigprocmask (SIG_BLOCK, &all, NULL);
        how = "loop";
    } else if (!strcmp (how, "alarm")) {
        alarm (0);
    }
    while (!strcmp (how, "loop")) {
    }
}

/* What 'op' was told to hand back, or "". */
static const char *
nonsense (struct hv_ctx *ctx, const char *op)
{
    const char *how = fate (ctx, op);

    return how && *how == '=' ? how + 1 : "";
}

static bool
is_told (struct hv_ctx *ctx, const char *op, const char *word)
{
    return !strcmp (nonsense (ctx, op), word);
}

/* Who was interrupted has no time left. */
static int
run_interrupted (struct hv_ctx *ctx, const char *op)
{
    static const char *const argv[] = { "sleep", "0.1", NULL };
    struct hv_program program = { .size = sizeof program, .argv = argv };
    static bool sent;

    if (!sent) {
        kill (getpid (), SIGINT);
        sent = true;
    }
    program.timeout = hv_remaining (ctx) + 1;
    return hv_run (ctx, &program, NULL) < 0
               ? hv_fail (ctx, EINTR, "%s was interrupted", op)
               : 0;
}

/* Every operation begins with this. */
static int
begin (struct hv_ctx *ctx, const char *op, const char *object)
{
    const char *how = fate (ctx, op);

    note (ctx, op, object);
    die_if (how, "kill");
    if (!how || !strcmp (how, "killafter") || !strcmp (how, "settle")
        || !strcmp (how, "exitafter") || *how == '=') {
        return 0;
    }
    misbehave (ctx, how);
    if (!strcmp (how, "positive") || !strcmp (how, "mute")) {
        return *how == 'p' ? 1 : -EIO;
    }
    if (!strcmp (how, "int")) {
        kill (getpid (), SIGINT);
        return 0;
    }
    if (!strcmp (how, "intrun")) {
        return run_interrupted (ctx, op);
    }
    if (!strcmp (how, "fork")) {
        return fork () < 0;
    }
    if (!strcmp (how, "umask")) {
        return (umask (0777), 0);
    }
    if (!strcmp (how, "print")) {
        return printf ("a plugin's words\n") < 0;
    }
    if (!strcmp (how, "slow")) {
        sleep (1);
        return 0;
    }
    while (!strcmp (how, "deaf")) {
        pause ();
    }
    if (!strcmp (how, "hang")) {
        poll (NULL, 0, (int)hv_remaining (ctx));
        return hv_fail (ctx, ETIMEDOUT, "%s was told to hang", op);
    }
    return hv_fail (ctx, *how ? atoi (how) : EIO, "%s was told to fail", op);
}

/* Every operation that changes the world ends with this. */
static int
end (struct hv_ctx *ctx, const char *op)
{
    const char *how = fate (ctx, op);

    die_if (how, "killafter");
    if (how && !strcmp (how, "exitafter")) {
        exit (0);
    }
    return 0;
}

/* ------------------------------------------------ Marks in the world */

static const char *
mark_path (struct hv_ctx *ctx, const char *kind, const char *name)
{
    const char *dir = setting (ctx, "HVCTL_NULL_DIR", "dir");

    return hv_format (ctx, "%s/%s-%s", dir ? dir : "/nonexistent", kind, name);
}

static int
make_mark (struct hv_ctx *ctx, const char *kind, const char *name)
{
    const char *path = mark_path (ctx, kind, name);
    int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        return hv_fail (ctx, errno, "cannot make %s: %m", path);
    }
    return fd;
}

static int
remove_mark (struct hv_ctx *ctx, const char *kind, const char *name)
{
    const char *path = mark_path (ctx, kind, name);

    if (unlink_if_any (path) < 0) {
        return hv_fail (ctx, errno, "cannot remove %s: %m", path);
    }
    return 0;
}

/* -------------------------------------------------------- Hypervisor */

static const struct hv_key null_vm_keys[] = {
    { "mode", HV_STRING, "obey", "how the process behaves", false },
    { "need", HV_STRING, NULL, "what more it asks of the sandbox", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static int
null_locate (struct hv_ctx *ctx, const char *arch, const char **program)
{
    int r = begin (ctx, "hypervisor.locate", arch);

    if (r) {
        return r;
    }
    if (is_told (ctx, "hypervisor.locate", "nothing")) {
        return 0;
    }
    if (is_told (ctx, "hypervisor.locate", "relative")) {
        *program = "null-hypervisor";
        return 0;
    }
    *program = setting (ctx, "HVCTL_NULL_HYPERVISOR", "hypervisor");
    if (!*program || access (*program, X_OK) < 0) {
        return hv_fail (ctx, ENOENT,
                        "there is no null-hypervisor; set "
                        "HVCTL_NULL_HYPERVISOR to its path");
    }
    return 0;
}

static int
null_probe (struct hv_ctx *ctx, const char *arch, const char *program,
            struct hv_list *facts)
{
    const char *argv[] = { program, "--version", NULL };
    struct hv_program p = { .size = sizeof p, .argv = argv };
    const char *out;
    int r = begin (ctx, "hypervisor.probe", arch);

    if (r < 0 || (r = hv_ask (ctx, &p, &out)) < 0) {
        return r;
    }
    hv_add (ctx, facts, "version", out);
    return 0;
}

static int
null_capabilities (struct hv_ctx *ctx, const char *arch, struct hv_list *out)
{
    static const char *const all[] = {
        "machine:*",  "cpu:*",         "accelerator:tcg",
        "disk:raw",   "disk:qcow2",    "overlay",
        "cdrom",      "readonly",      "nic:tap",
        "nic:user",   "nic:stream",    "multiqueue",
        "kernel",     "firmware:uefi", "firmware:bios",
        "boot-order", "rng",           "pause",
        "agent"
    };
    int r = begin (ctx, "hypervisor.capabilities", arch);

    if (r) {
        return r;
    }
    hv_add (ctx, out, hv_format (ctx, "arch:%s", arch), NULL);
    for (size_t i = 0; i < ARRAY_SIZE (all); i++) {
        hv_add (ctx, out, all[i], NULL);
    }
    return 0;
}

static int
null_hypervisor_check (struct hv_ctx *ctx, const struct hv_vm *vm,
                       struct hv_choice *out)
{
    int r = begin (ctx, "hypervisor.check", vm->name);

    if (r) {
        return r;
    }
    if (is_told (ctx, "hypervisor.check", "nothing")) {
        return 0;
    }
    out->machine = vm->machine ? vm->machine : "null-1";
    out->accelerator = "tcg";
    out->accelerator_why = "there is nothing to accelerate";
    out->cpu = vm->cpu ? vm->cpu : "null";
    return 0;
}

static void
describe_disk (struct hv_ctx *ctx, const struct hv_disk *disk,
               struct hv_launch *out)
{
    const struct hv_layer *const *layer = disk->layers;

    for (; *layer; layer++) {
        bool top = layer == disk->layers;
        int fd = hv_open (ctx, out, (*layer)->path,
                          top && !disk->readonly ? HV_RDWR : HV_RDONLY);

        hv_arg (ctx, out, "--disk");
        if (fd < 0) {
            hv_arg (ctx, out, "%s=%s", disk->name, (*layer)->path);
        } else {
            hv_arg (ctx, out, "%s=%d", disk->name, fd);
        }
    }
}

static void
describe_nic (struct hv_ctx *ctx, const struct hv_nic *nic,
              struct hv_launch *out)
{
    if (nic->kind != HV_NIC_TAP && nic->kind != HV_NIC_STREAM) {
        return;
    }
    for (uint32_t q = 0; q < nic->queues; q++) {
        hv_arg (ctx, out, "--nic");
        hv_arg (ctx, out, "%s=%d", nic->name, hv_port (ctx, out, nic->name, q));
    }
}

/* Of no group. */
static const struct hv_call null_calls[] = {
    { .name = "timerfd_create", .why = "a clock as a descriptor" },
    { .name = "ioctl",
      .why = "how much there is to read",
      .values = (const uint32_t[]){ FIONREAD },
      .n_values = 1,
      .argument = 1 },
    { .name = NULL },
};

static void
describe_nonsense (struct hv_ctx *ctx, struct hv_launch *out, const char *word)
{
    if (!strcmp (word, "need")) {
        hv_need (ctx, out, NULL);
    } else if (!strcmp (word, "listen")) {
        hv_listen (ctx, out, "../x");
    } else if (!strcmp (word, "twice")) {
        hv_listen (ctx, out, "null");
    } else if (!strcmp (word, "logfile")) {
        hv_logfile (ctx, out, "../../../pwned");
    } else if (!strcmp (word, "own-log")) {
        hv_logfile (ctx, out, "hypervisor");
    } else if (!strcmp (word, "port")) {
        hv_port (ctx, out, "nonic", 3);
    } else if (!strcmp (word, "queue")) {
        hv_port (ctx, out, "lan", 3);
    } else if (!strcmp (word, "open")) {
        hv_open (ctx, out, "etc/passwd", HV_RDONLY);
    } else if (!strcmp (word, "expose")) {
        hv_expose (ctx, out, NULL);
    } else if (!strcmp (word, "argument")) {
        hv_arg (ctx, out, "null-hypervisor");
    } else if (!strcmp (word, "watch")) {
        hv_watch (ctx, out, "../x", "gone");
    }
}

static int
null_describe (struct hv_ctx *ctx, const struct hv_vm *vm,
               struct hv_launch *out)
{
    const char *more = hv_option (ctx, vm->options, "need");
    char *save = NULL, *words = hv_format (ctx, "%s", more ? more : "");
    int fd, r = begin (ctx, "hypervisor.describe", vm->name);

    if (r) {
        return r;
    }
    describe_nonsense (ctx, out, nonsense (ctx, "hypervisor.describe"));
    hv_need (ctx, out, "listener");
    hv_need (ctx, out, "disk");
    hv_need (ctx, out, "net");
    for (char *word = strtok_r (words, " ", &save); word;
         word = strtok_r (NULL, " ", &save)) {
        hv_need (ctx, out, word);
    }
    hv_arg (ctx, out, "%s", vm->program);
    hv_arg (ctx, out, "--mode");
    hv_arg (ctx, out, "%s", hv_option (ctx, vm->options, "mode"));
    fd = hv_listen (ctx, out, "null");
    hv_arg (ctx, out, "--control");
    if (fd < 0) {
        hv_arg (ctx, out, "%s/null.sock", vm->rundir);
    } else {
        hv_arg (ctx, out, "%d", fd);
    }
    for (size_t i = 0; vm->disks[i]; i++) {
        describe_disk (ctx, vm->disks[i], out);
    }
    for (size_t i = 0; vm->nics[i]; i++) {
        describe_nic (ctx, vm->nics[i], out);
    }
    return 0;
}

/* Waits for 'events' on 'fd'. */
static int
wait_for (struct hv_ctx *ctx, int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };

    if (poll (&p, 1, (int)hv_remaining (ctx)) <= 0) {
        return hv_fail (ctx, ETIMEDOUT, "null-hypervisor does not answer");
    }
    return 0;
}

/* Sends one command and stores the answer, a line of less than 'size'. */
static int
command (struct hv_ctx *ctx, const struct hv_vm *vm, const char *word,
         char *reply, size_t size)
{
    CLEANUP_CLOSE int fd = hv_connect (ctx, vm->rundir, "null");
    size_t len = 0;
    ssize_t n;
    int r;

    if (fd < 0) {
        return fd;
    }
    if (dprintf (fd, "%s\n", word) < 0) {
        return hv_fail (ctx, errno, "cannot write to null-hypervisor: %m");
    }
    while (len == 0 || reply[len - 1] != '\n') {
        r = wait_for (ctx, fd, POLLIN);
        if (r < 0) {
            return r;
        }
        n = read (fd, reply + len, size - len);
        if (n <= 0) {
            return hv_fail (ctx, EPIPE,
                            "null-hypervisor went away, or "
                            "answered more than a line");
        }
        len += (size_t)n;
    }
    reply[len - 1] = '\0';
    return 0;
}

static int
order (struct hv_ctx *ctx, const struct hv_vm *vm, const char *op,
       const char *word)
{
    char reply[64];
    int r = begin (ctx, op, vm->name);

    if (r) {
        return r;
    }
    r = command (ctx, vm, word, reply, sizeof reply);
    if (r < 0) {
        return r;
    }
    if (strcmp (reply, "ok")) {
        return hv_fail (ctx, EPROTO, "null-hypervisor answers '%s' to '%s'",
                        reply, word);
    }
    return end (ctx, op);
}

static int
null_hypervisor_ready (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return order (ctx, vm, "hypervisor.ready", "ready");
}

/* The disks of the machine are lines of a file: "+root", "-root". */
static void
note_disk (struct hv_ctx *ctx, const struct hv_vm *vm, char sign,
           const char *name)
{
    CLEANUP_CLOSE int fd =
        open (hv_format (ctx, "%s/disks", vm->rundir),
              O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    dprintf (fd, "%c%s\n", sign, name);
}

static int
null_go (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    for (size_t i = 0; vm->disks && vm->disks[i]; i++) {
        note_disk (ctx, vm, '+', vm->disks[i]->name);
    }
    return order (ctx, vm, "hypervisor.go", "go");
}

static int
null_powerdown (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return order (ctx, vm, "hypervisor.powerdown", "powerdown");
}

static int
null_quit (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return order (ctx, vm, "hypervisor.quit", "quit");
}

static int
null_pause (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return order (ctx, vm, "hypervisor.pause", "pause");
}

static int
null_resume (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    return order (ctx, vm, "hypervisor.resume", "resume");
}

/* "fixed" stays where it is, and there is no 13th processor. */
static int
refuse (struct hv_ctx *ctx, const char *name, uint32_t cpus)
{
    return name && !strncmp (name, "fixed", 5)
               ? hv_fail (ctx, ENOTSUP, "a fixed device stays")
           : cpus >= 13 ? hv_fail (ctx, ENOTSUP, "there are 12 processors")
                        : 0;
}

static int
null_can_change (struct hv_ctx *ctx, const struct hv_vm *vm,
                 const struct hv_change *change)
{
    int r = begin (ctx, "hypervisor.can_change", vm->name);

    if (r == 0) {
        r = refuse (ctx, change->name, change->cpus);
    }
    return r;
}

static int
null_attach_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                  const struct hv_disk *disk, const struct hv_files *files)
{
    int r = refuse (ctx, disk->name, 0);

    r = r ? r : order (ctx, vm, "hypervisor.attach_disk", "change");
    (void)files;
    if (r == 0) {
        note_disk (ctx, vm, '+', disk->name);
    }
    return r;
}

static int
null_attach_nic (struct hv_ctx *ctx, const struct hv_vm *vm,
                 const struct hv_nic *nic, const int fds[])
{
    int r = refuse (ctx, nic->name, 0);

    (void)fds;
    return r ? r : order (ctx, vm, "hypervisor.attach_nic", "change");
}

static int
null_unplug (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name)
{
    int r = refuse (ctx, name, 0);

    r = r ? r : order (ctx, vm, "hypervisor.detach", "change");

    if (r == 0) {
        note_disk (ctx, vm, '-', name);
    }
    return r;
}

static int
null_resize (struct hv_ctx *ctx, const struct hv_vm *vm, uint32_t cpus,
             uint64_t memory)
{
    int r = refuse (ctx, NULL, cpus);

    (void)memory;
    return r ? r : order (ctx, vm, "hypervisor.resize", "change");
}

static int
null_overlay_disk (struct hv_ctx *ctx, const struct hv_vm *vm,
                   const struct hv_disk *disk, const struct hv_files *files)
{
    (void)disk;
    (void)files;
    return order (ctx, vm, "hypervisor.overlay_disk", "change");
}

static int
null_resize_disk (struct hv_ctx *ctx, const struct hv_vm *vm, const char *name,
                  uint64_t size)
{
    (void)name;
    (void)size;
    return order (ctx, vm, "hypervisor.resize_disk", "change");
}

/* Is it the last line about that disk? */
static bool
is_last (FILE *f, const char *name)
{
    long at = ftell (f);
    char line[128];
    bool last = true;

    while (fgets (line, sizeof line, f)) {
        last &= strcmp (line + 1, name) != 0;
    }
    fseek (f, at, SEEK_SET);
    return last;
}

/* "root" is counted anyway. */
static void
count_disks (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_list *out)
{
    FILE *f = fopen (hv_format (ctx, "%s/disks", vm->rundir), "re");
    char line[128];

    while (f && fgets (line, sizeof line, f)) {
        if (*line == '+' && strcmp (line + 1, "root\n") != 0
            && is_last (f, line + 1)) {
            hv_add (ctx, out,
                    hv_format (ctx, "disk.%.*s.read_bytes",
                               (int)strcspn (line + 1, "\n"), line + 1),
                    "512");
        }
    }
    if (f) {
        fclose (f);
    }
}

/* Has the disk "root" been detached? */
static bool
lost_root (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    FILE *f = fopen (hv_format (ctx, "%s/disks", vm->rundir), "re");
    char line[128];
    bool lost = false;

    while (f && fgets (line, sizeof line, f)) {
        lost = !strcmp (line + 1, "root\n") ? *line == '-' : lost;
    }
    if (f) {
        fclose (f);
    }
    return lost;
}

static int
null_counters (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_list *out)
{
    int r = begin (ctx, "hypervisor.counters", vm->name);

    if (r) {
        return r;
    }
    if (!lost_root (ctx, vm)) {
        hv_add (ctx, out, "disk.root.read_bytes",
                is_told (ctx, "hypervisor.counters", "text") ? "many" : "512");
    }
    count_disks (ctx, vm, out);
    if (is_told (ctx, "hypervisor.counters", "dots")) {
        hv_add (ctx, out, "disk.more.or.less.read_bytes", "512");
    }
    return 0;
}

static int
null_status (struct hv_ctx *ctx, const struct hv_vm *vm, struct hv_status *out)
{
    char reply[64];
    int r = begin (ctx, "hypervisor.status", vm->name);

    if (r) {
        return r;
    }
    r = command (ctx, vm, "status", reply, sizeof reply);
    if (r < 0) {
        return r;
    }
    if (is_told (ctx, "hypervisor.status", "state")) {
        out->state = (enum hv_state)77;
        return 0;
    }
    out->state = !strcmp (reply, "running")  ? HV_RUNNING
                 : !strcmp (reply, "paused") ? HV_PAUSED
                                             : HV_PREPARED;
    return 0;
}

static const char *const null_state_files[] = { "null-state", NULL };

/* What there is to know of a guest is its name. */
static int
null_save (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[])
{
    static int settling = 2;
    const char *how = fate (ctx, "hypervisor.save");
    char reply[64];
    int r = begin (ctx, "hypervisor.save", vm->name);

    if (r == 0 && how && !strcmp (how, "settle") && settling-- > 0) {
        return hv_fail (ctx, EAGAIN, "the guest is about to be ready");
    }
    if (r == 0) {
        r = command (ctx, vm, "status", reply, sizeof reply);
    }
    if (r < 0) {
        return r;
    }
    if (strcmp (reply, "paused")) {
        return hv_fail (ctx, EINVAL, "the guest is %s", reply);
    }
    if (dprintf (fds[0], "%s\n", vm->name) < 0) {
        return hv_fail (ctx, errno, "cannot write the state: %m");
    }
    return end (ctx, "hypervisor.save");
}

static int
null_restore (struct hv_ctx *ctx, const struct hv_vm *vm, const int fds[])
{
    char text[64] = "";
    int r = begin (ctx, "hypervisor.restore", vm->name);

    if (r) {
        return r;
    }
    if (!vm->saved || read (fds[0], text, sizeof text - 1) <= 0
        || strncmp (text, vm->name, strlen (vm->name))) {
        return hv_fail (ctx, EINVAL, "that is the state of '%s'", text);
    }
    return end (ctx, "hypervisor.restore");
}

static struct hv_hypervisor null_hypervisor = {
    .size = sizeof (struct hv_hypervisor),
    .keys = null_vm_keys,
    .locate = null_locate,
    .probe = null_probe,
    .capabilities = null_capabilities,
    .check = null_hypervisor_check,
    .describe = null_describe,
    .ready = null_hypervisor_ready,
    .go = null_go,
    .powerdown = null_powerdown,
    .quit = null_quit,
    .status = null_status,
    .pause = null_pause,
    .resume = null_resume,
    .attach_disk = null_attach_disk,
    .detach_disk = null_unplug,
    .attach_nic = null_attach_nic,
    .detach_nic = null_unplug,
    .resize = null_resize,
    .resize_disk = null_resize_disk,
    .overlay_disk = null_overlay_disk,
    .can_change = null_can_change,
    .counters = null_counters,
    .calls = null_calls,
    .state_files = null_state_files,
    .save = null_save,
    .restore = null_restore,
};

static bool
is_without (const char *op)
{
    const char *list = getenv ("HVCTL_NULL_WITHOUT");
    CLEANUP_FREE char *all = NULL, *word = NULL;

    return list && asprintf (&all, " %s ", list) > 0
           && asprintf (&word, " %s ", op) > 0 && strstr (all, word);
}

/* As a plugin of an older or a smaller kind. */
static void __attribute__ ((constructor)) leave_out (void)
{
#define LEAVE_OUT(op)                                                          \
    if (is_without (#op)) {                                                    \
        null_hypervisor.op = NULL;                                             \
    }
    if (!getenv ("HVCTL_NULL_OVERLAY")) {
        null_hypervisor.overlay_disk = NULL;
    }
    LEAVE_OUT (pause)
    LEAVE_OUT (resume)
    LEAVE_OUT (attach_disk)
    LEAVE_OUT (detach_disk)
    LEAVE_OUT (attach_nic)
    LEAVE_OUT (detach_nic)
    LEAVE_OUT (resize)
    LEAVE_OUT (resize_disk)
    LEAVE_OUT (can_change)
    LEAVE_OUT (counters)
    LEAVE_OUT (state_files)
    LEAVE_OUT (save)
    LEAVE_OUT (restore)
#undef LEAVE_OUT
}

/* ----------------------------------------------------------- Network */

static const char *
port_name (struct hv_ctx *ctx, const struct hv_port *port)
{
    return hv_format (ctx, "%s-%s", port->vm, port->name);
}

static int
null_network_check (struct hv_ctx *ctx, const struct hv_port *port,
                    struct hv_nic *out)
{
    int r = begin (ctx, "network.check", port_name (ctx, port));

    if (r) {
        return r;
    }
    out->kind = HV_NIC_TAP;
    out->ifname = port->ifname;
    out->socket = hv_option (ctx, port->options, "socket");
    if (out->socket) {
        out->kind = HV_NIC_VHOST_USER;
    }
    out->mtu = port->mtu;
    out->offload = true;
    if (is_told (ctx, "network.check", "kind")) {
        out->kind = (enum hv_nic_kind)77;
    } else if (is_told (ctx, "network.check", "stream")) {
        out->kind = HV_NIC_STREAM;
    } else if (is_told (ctx, "network.check", "name")) {
        out->name = NULL;
    } else if (is_told (ctx, "network.check", "queues")) {
        out->queues = 1000000;
    } else if (is_told (ctx, "network.check", "address")) {
        out->kind = HV_NIC_PCI;
        out->address = "../../x";
    }
    return 0;
}

static int
null_attach (struct hv_ctx *ctx, const struct hv_port *port, int fds[])
{
    const char *name = port_name (ctx, port);
    int r = begin (ctx, "network.attach", name);

    if (r) {
        return r;
    }
    r = make_mark (ctx, "port", name);
    if (r < 0) {
        return r;
    }
    fds[0] = r;
    for (uint32_t q = 1; q < port->queues; q++) {
        fds[q] = fcntl (fds[0], F_DUPFD_CLOEXEC, 3);
    }
    if (is_told (ctx, "network.attach", "socket")) {
        fds[0] = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    } else if (is_told (ctx, "network.attach", "closed")) {
        fds[0] = 999;
    }
    return end (ctx, "network.attach");
}

static int
null_network_ready (struct hv_ctx *ctx, const struct hv_port *port)
{
    return begin (ctx, "network.ready", port_name (ctx, port));
}

static int
null_detach (struct hv_ctx *ctx, const struct hv_port *port)
{
    const char *name = port_name (ctx, port);
    int r = begin (ctx, "network.detach", name);

    if (r) {
        return r;
    }
    r = remove_mark (ctx, "port", name);
    return r < 0 ? r : end (ctx, "network.detach");
}

/* Nothing outlives a run directory; only who wants to see it is told. */
static int
null_sweep (struct hv_ctx *ctx, const struct hv_options *network,
            const char *const live[])
{
    (void)network;
    (void)live;
    return fate (ctx, "network.sweep") != NULL
               ? begin (ctx, "network.sweep", "its network")
               : 0;
}

static const struct hv_key null_network_keys[] = {
    { "socket", HV_STRING, NULL, "of a vhost-user port", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const struct hv_network null_network = {
    .size = sizeof (struct hv_network),
    .type = "null",
    .keys = null_network_keys,
    .check = null_network_check,
    .attach = null_attach,
    .ready = null_network_ready,
    .detach = null_detach,
    .sweep = null_sweep,
};

/* ----------------------------------------------------------- Storage */

static const struct hv_key null_pool_keys[] = {
    { "path", HV_STRING, NULL, "the directory of the volumes", true },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const char *
volume_path (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    return vol->path
               ? vol->path
               : hv_format (ctx, "%s/%s.null",
                            hv_option (ctx, vol->options, "path"), vol->name);
}

static int
null_chain (struct hv_ctx *ctx, const struct hv_volume *vol,
            struct hv_chain *out, struct hv_volume_info *info)
{
    const char *path = volume_path (ctx, vol);
    int r = begin (ctx, "storage.chain", vol->name);
    struct stat st;

    if (r) {
        return r;
    }
    if (stat (path, &st) < 0) {
        return hv_fail (ctx, errno, "cannot find %s: %m", path);
    }
    if (is_told (ctx, "storage.chain", "nothing")) {
        return 0;
    }
    hv_layer (ctx, out, is_told (ctx, "storage.chain", "relative") ? "x" : path,
              is_told (ctx, "storage.chain", "format") ? NULL : "raw");
    info->size = (uint64_t)st.st_size;
    info->allocated = (uint64_t)st.st_blocks * 512;
    return 0;
}

static int
null_check_volume (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    return vol->size % 512
               ? hv_fail (ctx, EINVAL, "a volume consists of whole sectors")
               : 0;
}

static int
null_create (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char *path = volume_path (ctx, vol);
    CLEANUP_CLOSE int fd = -1;
    int r = begin (ctx, "storage.create", vol->name);

    r = r ? r : null_check_volume (ctx, vol);
    if (r) {
        return r;
    }
    fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return hv_fail (ctx, errno, "cannot create %s: %m", path);
    }
    if (ftruncate (fd, (off_t)vol->size) < 0) {
        r = hv_fail (ctx, errno, "cannot make %s that long: %m", path);
        unlink (path);
        return r;
    }
    return end (ctx, "storage.create");
}

static int
null_destroy (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char *path = volume_path (ctx, vol);
    int r = begin (ctx, "storage.destroy", vol->name);

    if (r) {
        return r;
    }
    if (unlink_if_any (path) < 0) {
        return hv_fail (ctx, errno, "cannot remove %s: %m", path);
    }
    return end (ctx, "storage.destroy");
}

/* To any size: that a guest's data would be cut off is not its concern. */
static int
null_resize_volume (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char *path = volume_path (ctx, vol);
    int r = begin (ctx, "storage.resize", vol->name);

    if (r) {
        return r;
    }
    return truncate (path, (off_t)vol->size) < 0
               ? hv_fail (ctx, errno, "cannot resize %s: %m", path)
               : 0;
}

static int
null_list (struct hv_ctx *ctx, const struct hv_options *options,
           struct hv_list *out)
{
    const char *path = hv_option (ctx, options, "path");
    CLEANUP_CLOSEDIR DIR *dir = NULL;
    struct dirent *e;
    int r = begin (ctx, "storage.list", path);

    if (r) {
        return r;
    }
    if (is_told (ctx, "storage.list", "empty")) {
        hv_add (ctx, out, "", NULL);
    } else if (is_told (ctx, "storage.list", "null")) {
        hv_add (ctx, out, NULL, NULL);
    } else if (is_told (ctx, "storage.list", "path")) {
        hv_add (ctx, out, "../etc/passwd", NULL);
    }
    dir = opendir (path);
    if (!dir) {
        return hv_fail (ctx, errno, "cannot read %s: %m", path);
    }
    while ((e = readdir (dir))) {
        size_t len = strlen (e->d_name);

        if (len > 5 && !strcmp (e->d_name + len - 5, ".null")) {
            hv_add (ctx, out, hv_format (ctx, "%.*s", (int)len - 5, e->d_name),
                    NULL);
        }
    }
    return 0;
}

static int
null_activate (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    int r = begin (ctx, "storage.activate", vol->name);

    if (r) {
        return r;
    }
    r = make_mark (ctx, "active", vol->name);
    if (r < 0) {
        return r;
    }
    close (r);
    return end (ctx, "storage.activate");
}

static int
null_deactivate (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    int r = begin (ctx, "storage.deactivate", vol->name);

    if (r) {
        return r;
    }
    r = remove_mark (ctx, "active", vol->name);
    return r < 0 ? r : end (ctx, "storage.deactivate");
}

static const struct hv_storage null_storage = {
    .size = sizeof (struct hv_storage),
    .type = "null",
    .keys = null_pool_keys,
    .chain = null_chain,
    .create = null_create,
    .destroy = null_destroy,
    .resize = null_resize_volume,
    .check = null_check_volume,
    .list = null_list,
    .activate = null_activate,
    .deactivate = null_deactivate,
};

/* ---------------------------------------------------------- Firmware */

static int
null_find (struct hv_ctx *ctx, const struct hv_firmware_want *want,
           struct hv_firmware_image *out)
{
    int r = begin (ctx, "firmware.find", want->hypervisor);

    if (r) {
        return r;
    }
    if (strcmp (want->hypervisor, "null")) {
        return hv_fail (ctx, ENOENT,
                        "this firmware is for machines of the "
                        "null hypervisor only");
    }
    /* It is a file that is certainly there. */
    out->mapping = HV_MAP_MEMORY;
    out->code = setting (ctx, "HVCTL_NULL_HYPERVISOR", "hypervisor");
    out->code_format = "raw";
    out->description = "nothing";
    if (is_told (ctx, "firmware.find", "nothing")) {
        *out = (struct hv_firmware_image){ 0 };
    } else if (is_told (ctx, "firmware.find", "mapping")) {
        out->mapping = (enum hv_mapping)9;
    }
    return 0;
}

static const struct hv_firmware null_firmware = {
    .size = sizeof (struct hv_firmware),
    .find = null_find,
};

/* ------------------------------------------------------------ Plugin */

static const struct hv_key null_keys[] = {
    { "dir", HV_STRING, NULL, "where ports and activations are", false },
    { "log", HV_STRING, NULL, "the file that calls are noted in", false },
    { "fail", HV_STRING, NULL, "the operations that fail", false },
    { "hypervisor", HV_STRING, NULL, "the path of null-hypervisor", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static int
null_open (struct hv_ctx *ctx)
{
    return begin (ctx, "plugin.open", "null");
}

static void
null_close (struct hv_ctx *ctx)
{
    note (ctx, "plugin.close", "null");
}

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof (struct hv_plugin),
    .name = "null",
    .version = "1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "does nothing, and fails on request",
    .keys = null_keys,
    .open = null_open,
    .close = null_close,
    .hypervisor = &null_hypervisor,
    .network = &null_network,
    .storage = &null_storage,
    .firmware = &null_firmware,
};
