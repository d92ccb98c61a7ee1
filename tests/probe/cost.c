/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the jail costs, measured with and without it in turn, and the bounds
 * of it.
 *
 *   cost launch ROUNDS SUPERVISOR QEMU DISK
 *                     from before the launch until the first answer over QMP
 *                     (to qmp_capabilities: the greeting comes before the
 *                     machine is built), and until it is sealed
 *   cost exits ROUNDS SUPERVISOR QEMU FIRMWARE
 *                     of an exit of KVM to QEMU: tests/guest/exits.S does
 *                     nothing else; in processor time
 *
 * Prints a table.  Exits with 1 if the bound is exceeded, 77 if it can not be
 * measured.  The bounds are for medians.  On a machine that is busy with other
 * things those of launches say little (the jail's processes wake each other
 * 150 times): so a series that is scattered, with a median a tenth above the
 * least, is repeated, and if none was quiet, the least of all are compared.
 *
 * HVCTL_COST_CACHE is a directory for filters, as a start of hvctl's has it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/process/spawn.h"
#include "core/process/supervise.h"
#include "core/sandbox/jail.h"
#include "tests/kit/timing.h"

/* Milliseconds, where QEMU alone answers within LAUNCH_BARE; a machine that is
 * slower is so for both, and is judged by its own pace. */
#define LAUNCH_BOUND 5.0
#define LAUNCH_BARE 40.0
#define EXITS_BOUND 1.02 /* A ratio. */
#define EXITS_BLOCK 300  /* As the guest has it. */
/* Where the pairs of one run differ by five times what the bound is about, a
 * median beyond it, but not beyond this, cannot be told from none: two programs
 * of which one has no filter may measure so.  What a filter adds is counted by
 * test_processors_are_fast() in tests/unit/test-filter.c, everywhere. */
#define EXITS_NOISE 1.05
#define EXITS_SCATTER (5 * (EXITS_BOUND - 1))
#define TURNS 4
#define TURN 20 /* Milliseconds. */
#define SERIES 5
#define MAX_ROUNDS 1000
#define SCATTER 1.1
#define LIMIT 20000
#define USER 1990017
#define CONTROL 3
#define DISK 4
#define FIRMWARE "/firmware"

enum { BARE, JAILED, SIDES };

/* What is started, and how. */
struct subject {
    const char *const *argv;
    const char *const *groups;
    const char *supervisor;
    bool kvm;
    int disk;             /* Or -1. */
    const char *firmware; /* Or null. */
};

/* One that runs. */
struct running {
    pid_t pid;
    int control;
    struct process process; /* Of a jailed one. */
};

struct figures {
    double spawned[MAX_ROUNDS], answered[MAX_ROUNDS], sealed[MAX_ROUNDS];
};

/* Written by the supervisor, which renames another one to it. */

static _Noreturn void
die (const char *what)
{
    fprintf (stderr, "cost: %s\n", what);
    exit (2);
}

/* -------------------------------------------------------- with and without */

static void
start_bare (const struct subject *s, int theirs, struct running *out)
{
    out->pid = fork ();
    if (out->pid == 0) {
        int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

        for (int fd = 0; fd < 2; fd++) {
            dup2 (null, fd);
        }
        /* Out of the way of each other first. */
        theirs = fcntl (theirs, F_DUPFD_CLOEXEC, 20);
        null = s->disk >= 0 ? fcntl (s->disk, F_DUPFD_CLOEXEC, 20) : null;
        dup2 (theirs, CONTROL);
        dup2 (null, DISK);
        execv (s->argv[0], (char *const *)s->argv);
        _exit (127);
    }
    if (out->pid < 0) {
        die ("fork");
    }
}

static void
start_jailed (const struct subject *s, int theirs, struct running *out)
{
    static const char *const release[] = { "/bin/true", NULL };
    int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
    const struct jail_fd fds[] = { { null, 0 },
                                   { null, 1 },
                                   { 2, 2 },
                                   { theirs, CONTROL },
                                   { s->disk >= 0 ? s->disk : null, DISK } };
    const struct jail_file file = { .path = s->firmware, .as = FIRMWARE };
    const struct jail jail = { .program = s->argv[0],
                               .argv = s->argv,
                               .fds = fds,
                               .n_fds = 5,
                               .files = &file,
                               .n_files = s->firmware ? 1 : 0,
                               .groups = s->groups,
                               .uid = USER,
                               .kvm = s->kvm,
                               .cache = getenv ("HVCTL_COST_CACHE") };
    const struct supervision sup = { .supervisor = s->supervisor,
                                     .release = release };
    struct error err = { 0 };
    char *weaker;

    if (spawn_jailed (&jail, &sup, &out->process, &weaker, &err) < 0) {
        die (err.text);
    }
    out->pid = out->process.pid;
    free (weaker);
    close (null);
}

static void
start (const struct subject *s, int side, struct running *out)
{
    int pair[2];

    if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        die ("socketpair");
    }
    out->control = pair[0];
    (side == BARE ? start_bare : start_jailed) (s, pair[1], out);
    close (pair[1]);
}

static void
end (int side, struct running *r)
{
    close (r->control);
    kill (r->pid, SIGKILL);
    waitpid (side == BARE ? r->pid : r->process.supervisor, NULL, 0);
    if (side == JAILED) {
        close (r->process.pidfd);
    }
}

static void
seal (struct running *r)
{
    struct error err = { 0 };

    if (spawn_seal (&r->process, &err) < 0) {
        die (err.text);
    }
}

/* ------------------------------------------------------------------ figures */

static double
quantile (const double *values, int n, double q)
{
    static double sorted[SERIES * MAX_ROUNDS];

    memcpy (sorted, values, (size_t)n * sizeof *sorted);
    qsort (sorted, (size_t)n, sizeof *sorted, compare_doubles);
    return sorted[(int)(q * (n - 1) + 0.5)];
}

static double
median (const double *values, int n)
{
    return quantile (values, n, 0.5);
}

static double
least (const double *values, int n)
{
    return quantile (values, n, 0);
}

static bool
is_quiet (const double *bare, int n)
{
    return median (bare, n) <= SCATTER * least (bare, n);
}

static void
row (const char *what, const double *v, int n)
{
    printf ("  %-32s %9.3f  [%.3f, %.3f]\n", what, median (v, n), least (v, n),
            quantile (v, n, 0.9));
}

/* ------------------------------------------------------------------- launch */

static void
await_answer (int fd)
{
    static const char request[] = "{\"execute\":\"qmp_capabilities\"}\n";
    char text[8192];
    size_t len = 0;

    if (send (fd, request, strlen (request), MSG_NOSIGNAL) < 0) {
        die ("QEMU has gone");
    }
    do {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        ssize_t n = poll (&p, 1, LIMIT) == 1
                        ? recv (fd, text + len, sizeof text - 1 - len, 0)
                        : -1;

        if (n <= 0) {
            die ("QEMU does not answer");
        }
        len += (size_t)n;
        text[len] = '\0';
    } while (!strstr (text, "\"return\""));
}

static void
launch_once (const struct subject *s, int side, struct figures *f, int i)
{
    struct running r = { 0 };
    double from = now ();

    start (s, side, &r);
    f->spawned[i] = now () - from;
    await_answer (r.control);
    f->answered[i] = now () - from;
    if (side == JAILED) {
        seal (&r);
    }
    f->sealed[i] = now () - from;
    end (side, &r);
}

static double
launch_bound (double bare)
{
    return bare > LAUNCH_BARE ? LAUNCH_BOUND * bare / LAUNCH_BARE
                              : LAUNCH_BOUND;
}

static int
launch (int rounds, const char *supervisor, const char *qemu, const char *disk)
{
    const char *const argv[] = {
        qemu,
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-S",
        "-machine",
        "q35",
        "-accel",
        "tcg",
        "-m",
        "128M",
        "-chardev",
        "socket,id=qmp,fd=3",
        "-mon",
        "chardev=qmp,mode=control",
        "-add-fd",
        "fd=4,set=1",
        "-blockdev",
        "raw,node-name=root,file.driver=file,file.filename=/dev/fdset/1",
        "-device",
        "virtio-blk-pci,drive=root",
        NULL
    };
    static const char *const groups[] = { "tcg", "disk", "listener", NULL };
    static struct figures f[SIDES];
    struct subject s = { .argv = argv,
                         .groups = groups,
                         .supervisor = supervisor,
                         .disk = open (disk, O_RDWR | O_CLOEXEC) };
    double lowest[SIDES] = { 1e9, 1e9 }, more = 0, bound;

    for (int series = 0; series < SERIES; series++) {
        for (int i = 0; i < rounds; i++) {
            for (int k = 0; k < SIDES; k++) {
                int side = (i + k) % SIDES;

                launch_once (&s, side, &f[side], i);
            }
        }
        printf ("milliseconds, median of %d [least, 90%%]\n", rounds);
        row ("bare: spawned", f[BARE].spawned, rounds);
        row ("bare: first QMP answer", f[BARE].answered, rounds);
        row ("jailed: spawned", f[JAILED].spawned, rounds);
        row ("jailed: first QMP answer", f[JAILED].answered, rounds);
        row ("jailed: sealed", f[JAILED].sealed, rounds);
        more = median (f[JAILED].answered, rounds)
               - median (f[BARE].answered, rounds);
        printf ("  more: %.3f to the answer, %.3f with the seal\n", more,
                median (f[JAILED].sealed, rounds)
                    - median (f[BARE].answered, rounds));
        for (int k = 0; k < SIDES; k++) {
            double low = least (f[k].answered, rounds);

            lowest[k] = low < lowest[k] ? low : lowest[k];
        }
        if (more <= launch_bound (median (f[BARE].answered, rounds))) {
            return 0;
        }
        if (is_quiet (f[BARE].answered, rounds)
            && is_quiet (f[JAILED].answered, rounds)) {
            break;
        }
        printf ("the machine is busy: once more\n");
        more = lowest[JAILED] - lowest[BARE];
    }
    bound = launch_bound (lowest[BARE]);
    printf ("%.3f ms more, the bound is %.1f\n", more, bound);
    return more <= bound ? 0 : 1;
}

/* -------------------------------------------------------------------- exits */

/* Waits for the end of 'n' blocks; returns the time of the last. */
static double
await_blocks (const struct running *r, int n)
{
    char bytes[64];

    while (n > 0) {
        struct pollfd p = { .fd = r->control, .events = POLLIN };
        ssize_t got =
            poll (&p, 1, LIMIT) == 1
                ? recv (r->control, bytes, n < 64 ? (size_t)n : sizeof bytes, 0)
                : -1;

        if (got <= 0) {
            printf ("KVM does not run a loop in real mode here\n");
            exit (77);
        }
        n -= (int)got;
    }
    return now ();
}

/* What the process has used of the processors, in milliseconds. */
static double
used (pid_t pid)
{
    clockid_t clock;

    if (clock_getcpuclockid (pid, &clock) != 0) {
        die ("the processor time of QEMU");
    }
    return now_of (clock);
}

/* Lets it run while the other one is stopped, and counts blocks and time.  What
 * is begun of a block is ended in the next turn, so little is lost. */
static void
run_for (const struct running *r, int ms, double *time, double *blocks)
{
    double from = used (r->pid);
    char bytes[256];
    ssize_t n;

    kill (r->pid, SIGCONT);
    await_blocks (r, 1);
    ++*blocks;
    poll (NULL, 0, ms);
    kill (r->pid, SIGSTOP);
    poll (NULL, 0, 2);
    while ((n = recv (r->control, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        *blocks += (double)n;
    }
    *time += used (r->pid) - from;
}

/* Nanoseconds of processor time per exit of each side, over some turns. */
static void
time_exits (const struct running r[SIDES], int turn, double ns[SIDES])
{
    double time[SIDES] = { 0 }, blocks[SIDES] = { 0 };

    for (int i = 0; i < TURNS; i++) {
        for (int k = 0; k < SIDES; k++) {
            int side = (turn + i + k) % SIDES;

            run_for (&r[side], TURN, &time[side], &blocks[side]);
        }
    }
    for (int k = 0; k < SIDES; k++) {
        ns[k] = time[k] * 1e6 / (blocks[k] * EXITS_BLOCK);
    }
}

static void
start_loops (const char *supervisor, const char *qemu, const char *firmware,
             struct running r[SIDES])
{
    static const char *const groups[] = { "kvm", "disk", "net", "listener",
                                          NULL };

    for (int side = 0; side < SIDES; side++) {
        const char *const argv[] = { qemu,
                                     "-nodefaults",
                                     "-no-user-config",
                                     "-display",
                                     "none",
                                     "-machine",
                                     "pc",
                                     "-accel",
                                     "kvm",
                                     "-m",
                                     "16M",
                                     "-bios",
                                     side == BARE ? firmware : FIRMWARE,
                                     "-chardev",
                                     "socket,id=out,fd=3",
                                     "-device",
                                     "isa-debugcon,iobase=0xe9,chardev=out",
                                     NULL };
        const struct subject s = { .argv = argv,
                                   .groups = groups,
                                   .supervisor = supervisor,
                                   .kvm = true,
                                   .disk = -1,
                                   .firmware = firmware };

        start (&s, side, &r[side]);
        await_blocks (&r[side], 1);
        if (side == JAILED) {
            seal (&r[side]);
        }
        kill (r[side].pid, SIGSTOP);
    }
}

/* Between the first tenth and the last, sorted. */
static bool
is_noise (double *ratios, int n)
{
    median_of (ratios, n);
    return ratios[n - 1 - n / 10] - ratios[n / 10] > EXITS_SCATTER;
}

static int
exits (int rounds, const char *supervisor, const char *qemu,
       const char *firmware)
{
    static double ns[SIDES][MAX_ROUNDS], ratios[SERIES * MAX_ROUNDS];
    struct running r[SIDES] = { 0 };
    double ratio = 2;
    int n = 0;

    start_loops (supervisor, qemu, firmware, r);
    /* If it is not clear, more are looked at, and all count. */
    for (int series = 0; series < SERIES && ratio > EXITS_BOUND; series++) {
        for (int i = 0; i < rounds; i++) {
            double both[SIDES];

            time_exits (r, i, both);
            ns[BARE][i] = both[BARE];
            ns[JAILED][i] = both[JAILED];
            ratios[n++] = both[JAILED] / both[BARE];
        }
        printf ("nanoseconds of processor time per exit, median of %d "
                "[least, 90%%]\n",
                rounds);
        row ("bare", ns[BARE], rounds);
        row ("jailed", ns[JAILED], rounds);
        row ("ratio", ratios, n);
        ratio = median (ratios, n);
    }
    for (int k = 0; k < SIDES; k++) {
        end (k, &r[k]);
    }
    printf ("ratio %.4f, the bound is %.2f\n", ratio, EXITS_BOUND);
    if (ratio > EXITS_BOUND && ratio <= EXITS_NOISE && is_noise (ratios, n)) {
        printf ("the ratios of %d pairs are scattered: that decides nothing\n",
                n);
        return 77;
    }
    return ratio <= EXITS_BOUND ? 0 : 1;
}

int
main (int argc, char **argv)
{
    int rounds = argc > 2 ? atoi (argv[2]) : 0;

    setvbuf (stdout, NULL, _IOLBF, 0);
    /* Both sides inherit it: others are to disturb as little as they can. */
    setpriority (PRIO_PROCESS, 0, -20);
    if (rounds < 1 || rounds > MAX_ROUNDS) {
        die ("cost launch|exits ROUNDS…");
    }
    if (argc == 6 && !strcmp (argv[1], "launch")) {
        return launch (rounds, argv[3], argv[4], argv[5]);
    }
    if (argc == 6 && !strcmp (argv[1], "exits")) {
        return exits (rounds, argv[3], argv[4], argv[5]);
    }
    die ("cost launch|exits ROUNDS…");
}
