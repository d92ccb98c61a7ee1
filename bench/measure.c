/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Times commands against each other, in turn: A B A B …, each round beginning
 * with another one, so that what else the machine does hits all of them.
 *
 *   measure ROUNDS NAME UP DOWN [NAME UP DOWN]…
 *
 * UP is the command that is timed, from before it is spawned until it has
 * ended, and DOWN what undoes it ("-": nothing).  Words are separated by
 * spaces, and commands by " ; ": of UP, the last is timed.  No shell is run. An
 * UP of "bare:PLAN" is what 'hvctl plan' printed to the file PLAN, run by hand:
 * the descriptors are opened, the hypervisor is executed without a sandbox of
 * ours, and driven over QMP until it says "running"; if it waits for a saved
 * state, that is $MEASURE_STATE.  Its sockets and logs are in $MEASURE_DIR.
 *
 * Prints a line for each, all in milliseconds, separated by tabs:
 *   NAME  wall: median, least, most  its own CPU time: median  its CPU time
 *   with that of the children it waited for: median  ratio to the first one:
 *   the median of the rounds' ratios */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "bench/qmp.h"
#include "tests/kit/timing.h"

#define MAX_ROUNDS 1000
#define MAX_WORDS 256
#define FIRST_SPARE_FD 200

extern char **environ;

static int said; /* What a command said. */

/* What takes part. */
struct entry {
    const char *name;
    char *up[MAX_WORDS], *down[MAX_WORDS]; /* Each command ends in null. */
    struct json_object *launch;            /* Of a bare one. */
    double wall[MAX_ROUNDS], cpu[MAX_ROUNDS], all_cpu[MAX_ROUNDS];
    double ratio[MAX_ROUNDS];
};

/* A hypervisor that was started by hand. */
struct bare {
    pid_t pid;
    char dir[64];
    char *argv[MAX_WORDS];
    posix_spawn_file_actions_t actions;
    int fds[MAX_WORDS];
    size_t n_fds;
    int qmp;
    char answer[QMP_ANSWER];
};

static double
cpu_of (const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3
           + (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

/* --------------------------------------------------------------- commands */

static void
split (char *text, char *words[])
{
    size_t n = 0;

    for (char *w = strtok (text, " "); w; w = strtok (NULL, " ")) {
        if (n == MAX_WORDS - 2) {
            die ("too many words");
        }
        words[n++] = strcmp (w, ";") != 0 ? w : NULL;
    }
    words[n] = words[n + 1] = NULL;
}

/* Returns the command after this one, whose first word is null at the end. */
static char **
next_command (char **words)
{
    while (*words) {
        words++;
    }
    return words + 1;
}

/* What it says to standard error is of interest only if it fails. */
static pid_t
spawn_command (char *const argv[])
{
    posix_spawn_file_actions_t actions;
    pid_t pid;

    if (ftruncate (said, 0) < 0 || lseek (said, 0, SEEK_SET) < 0) {
        die ("ftruncate: %m");
    }
    posix_spawn_file_actions_init (&actions);
    posix_spawn_file_actions_addopen (&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2 (&actions, said, 2);
    errno = posix_spawnp (&pid, argv[0], &actions, NULL, argv, environ);
    if (errno) {
        die ("cannot execute %s: %m", argv[0]);
    }
    posix_spawn_file_actions_destroy (&actions);
    return pid;
}

/* Waits for the end, and reads the process's own time before it is reaped:
 * afterwards it is one with its children's. */
static void
wait_command (char *const argv[], pid_t pid, double *end, double *cpu,
              double *all_cpu)
{
    siginfo_t info;
    struct rusage usage;
    clockid_t clock;
    int status;

    while (waitid (P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0) {
        if (errno != EINTR) {
            die ("waitid: %m");
        }
    }
    *end = now ();
    *cpu = clock_getcpuclockid (pid, &clock) ? 0 : now_of (clock);
    wait4 (pid, &status, 0, &usage);
    *all_cpu = cpu_of (&usage);
    if (!WIFEXITED (status) || WEXITSTATUS (status) != 0) {
        char text[1024];
        ssize_t n = pread (said, text, sizeof text - 1, 0);

        text[n > 0 ? n : 0] = '\0';
        die ("%s ended with status 0x%x: %s", argv[0], status, text);
    }
}

static void
run_command (char *const argv[])
{
    double ignored;

    wait_command (argv, spawn_command (argv), &ignored, &ignored, &ignored);
}

/* -------------------------------------------------- the bare hypervisor */

static const char *
text_of (struct json_object *o, const char *key)
{
    struct json_object *value;

    return json_object_object_get_ex (o, key, &value)
               ? json_object_get_string (value)
               : "";
}

static struct json_object *
list_of (struct json_object *o, const char *key)
{
    struct json_object *value;

    if (!json_object_object_get_ex (o, key, &value)
        || !json_object_is_type (value, json_type_array)) {
        die ("the plan has no list '%s'", key);
    }
    return value;
}

static struct json_object *
load_launch (const char *path)
{
    struct json_object *plan = json_object_from_file (path);
    struct json_object *launch;

    if (!plan || !json_object_object_get_ex (plan, "launch", &launch)) {
        die ("%s is not a plan", path);
    }
    return launch;
}

static int
open_listener (const char *path)
{
    int fd = unix_listen (path, 1);

    if (fd < 0) {
        die ("cannot listen on %s: %m", path);
    }
    return fd;
}

static int
open_descriptor (const struct bare *b, struct json_object *d)
{
    const char *kind = text_of (d, "kind"), *name = text_of (d, "name");
    const char *mode = text_of (d, "mode");
    char path[100];

    if (!strcmp (kind, "open")) {
        return open (name, (!strcmp (mode, "read-write") ? O_RDWR
                            : !strcmp (mode, "append")   ? O_WRONLY | O_APPEND
                                                         : O_RDONLY)
                               | O_CLOEXEC);
    }
    snprintf (path, sizeof path, "%s/%s.%s", b->dir, name,
              !strcmp (kind, "listen") ? "sock" : "log");
    if (!strcmp (kind, "listen")) {
        return open_listener (path);
    }
    if (!strcmp (kind, "log")) {
        return open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    die ("a descriptor of kind '%s' cannot be made by hand", kind);
}

static void
open_descriptors (struct bare *b, struct json_object *launch)
{
    struct json_object *list = list_of (launch, "descriptors"), *number;

    posix_spawn_file_actions_init (&b->actions);
    for (int i = 0; i < 3; i++) {
        posix_spawn_file_actions_addopen (&b->actions, i, "/dev/null", O_RDWR,
                                          0);
    }
    for (size_t i = 0; i < json_object_array_length (list); i++) {
        struct json_object *d = json_object_array_get_idx (list, i);
        int fd = open_descriptor (b, d), high;

        if (fd < 0) {
            die ("cannot open %s: %m", text_of (d, "name"));
        }
        /* Out of the way of the numbers that the plan gives out. */
        high = fcntl (fd, F_DUPFD_CLOEXEC, FIRST_SPARE_FD);
        close (fd);
        b->fds[b->n_fds++] = high;
        json_object_object_get_ex (d, "number", &number);
        posix_spawn_file_actions_adddup2 (&b->actions, high,
                                          json_object_get_int (number));
    }
}

/* Files that the jail shows under another name have their own one here. */
static void
fill_arguments (struct bare *b, struct json_object *launch)
{
    struct json_object *args = list_of (launch, "arguments");
    struct json_object *files = list_of (launch, "files");
    size_t n = json_object_array_length (args);

    if (n >= MAX_WORDS) {
        die ("too many arguments");
    }
    for (size_t i = 0; i < n; i++) {
        struct json_object *arg = json_object_array_get_idx (args, i);

        b->argv[i] = (char *)json_object_get_string (arg);
        for (size_t k = 0; k < json_object_array_length (files); k++) {
            struct json_object *f = json_object_array_get_idx (files, k);

            if (!strcmp (b->argv[i], text_of (f, "as"))) {
                b->argv[i] = (char *)text_of (f, "path");
            }
        }
    }
}

static bool
is_incoming (struct bare *b)
{
    for (char **arg = b->argv; *arg; arg++) {
        if (!strcmp (*arg, "-incoming")) {
            return true;
        }
    }
    return false;
}

/* The state that hand.c has saved. */
static void
load_state (struct bare *b)
{
    const char *path = getenv ("MEASURE_STATE");
    int fd = open (path ? path : "", O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        die ("cannot open the saved state: %m");
    }
    qmp_ask (b->qmp, fd,
             "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"f\"}}\n",
             b->answer);
    close (fd);
    qmp_ask (b->qmp, -1,
             "{\"execute\":\"migrate-incoming\",\"arguments\":"
             "{\"uri\":\"fd:f\"}}\n",
             b->answer);
    qmp_await_migration (b->qmp, b->answer);
}

static void
bare_up (struct bare *b, struct json_object *launch)
{
    char path[100];

    open_descriptors (b, launch);
    fill_arguments (b, launch);
    errno = posix_spawn (&b->pid, text_of (launch, "program"), &b->actions,
                         NULL, b->argv, environ);
    if (errno) {
        die ("cannot execute %s: %m", text_of (launch, "program"));
    }
    snprintf (path, sizeof path, "%s/qmp.sock", b->dir);
    b->qmp = qmp_connect (path, b->answer);
    if (is_incoming (b)) {
        load_state (b);
    }
    qmp_ask (b->qmp, -1, "{\"execute\":\"cont\"}\n", b->answer);
    do {
        qmp_ask (b->qmp, -1, "{\"execute\":\"query-status\"}\n", b->answer);
    } while (!strstr (b->answer, "\"running\": true"));
}

static void
bare_down (struct bare *b)
{
    char path[100];

    kill (b->pid, SIGKILL);
    waitpid (b->pid, NULL, 0);
    close (b->qmp);
    for (size_t i = 0; i < b->n_fds; i++) {
        close (b->fds[i]);
    }
    posix_spawn_file_actions_destroy (&b->actions);
    for (const char *const *f =
             (const char *const[]){ "qmp.sock", "console.sock", "console.log",
                                    NULL };
         *f; f++) {
        snprintf (path, sizeof path, "%s/%s", b->dir, *f);
        unlink (path);
    }
    rmdir (b->dir);
}

/* ----------------------------------------------------------------- rounds */

static void
run_bare (struct entry *e, int round)
{
    struct bare *b = calloc (1, sizeof *b);
    const char *dir = getenv ("MEASURE_DIR");
    double begin;

    snprintf (b->dir, sizeof b->dir, "%s/bare.XXXXXX", dir ? dir : "/tmp");
    if (!mkdtemp (b->dir)) {
        die ("mkdtemp: %m");
    }
    begin = now ();
    bare_up (b, e->launch);
    e->wall[round] = now () - begin;
    bare_down (b);
    free (b);
}

static void
run_entry (struct entry *e, int round)
{
    char **up = e->up;
    double begin, end;

    if (e->launch) {
        run_bare (e, round);
        return;
    }
    while (next_command (up)[0]) {
        run_command (up);
        up = next_command (up);
    }
    begin = now ();
    wait_command (up, spawn_command (up), &end, &e->cpu[round],
                  &e->all_cpu[round]);
    e->wall[round] = end - begin;
    for (char **down = e->down; down[0]; down = next_command (down)) {
        run_command (down);
    }
}

static void
print_entry (struct entry *e, int rounds)
{
    double wall = median_of (e->wall, rounds);

    printf ("%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.4f\n", e->name, wall,
            e->wall[0], e->wall[rounds - 1], median_of (e->cpu, rounds),
            median_of (e->all_cpu, rounds), median_of (e->ratio, rounds));
}

int
main (int argc, char **argv)
{
    int rounds = argc > 1 ? atoi (argv[1]) : 0, n = (argc - 2) / 3;
    struct entry *entries = calloc ((size_t)n + 1, sizeof *entries);

    if (rounds < 1 || rounds > MAX_ROUNDS || n < 1 || argc != 2 + 3 * n) {
        die ("usage: measure ROUNDS NAME UP DOWN [NAME UP DOWN]…");
    }
    for (int i = 0; i < n; i++) {
        char **arg = argv + 2 + 3 * i;

        entries[i].name = arg[0];
        if (!strncmp (arg[1], "bare:", 5)) {
            entries[i].launch = load_launch (arg[1] + 5);
        } else {
            split (arg[1], entries[i].up);
        }
        if (strcmp (arg[2], "-") != 0) {
            split (arg[2], entries[i].down);
        }
    }
    said = memfd_create ("words", MFD_CLOEXEC);
    /* One round to warm up, which does not count. */
    for (int round = -1; round < rounds; round++) {
        for (int i = 0; i < n; i++) {
            run_entry (&entries[(round + 1 + i) % n], round < 0 ? 0 : round);
        }
    }
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < n; i++) {
            entries[i].ratio[round] =
                entries[i].wall[round] / entries[0].wall[round];
        }
    }
    for (int i = 0; i < n; i++) {
        print_entry (&entries[i], rounds);
    }
    return 0;
}
