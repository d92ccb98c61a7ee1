/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Zombies and user IDs: which is alive is told by a pidfd, which valgrind does
 * not know (VALGRIND_NOT in tests/local.mk). */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "core/base/file.h"
#include "core/base/process.h"
#include "core/config/host.h"
#include "core/state/state-uid.h"

static struct world w;

static int
begin (void **state)
{
    world_begin (&w);
    return world_open (&w, "uid_count = 8\n");
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

struct taken {
    uint64_t uid;
    int lock, fd;
};

static int
take (const char *name, struct taken *t)
{
    return state_take_uid (&w.h, name, &t->uid, &t->lock, &t->fd, &w.err);
}

static void
let_go (struct taken *t)
{
    close (t->lock);
    close (t->fd);
}

static bool
is_zombie (pid_t pid)
{
    char path[64], text[4096];

    snprintf (path, sizeof path, "/proc/%d/status", (int)pid);
    return file_read_kernel (path, text, sizeof text) > 0
           && strstr (text, "\nState:\tZ");
}

static void *
stay (void *unused)
{
    pause ();
    return unused;
}

/* Whether that user ID is free while a child of it is a zombie, which it is for
 * ps(1) when its first thread alone has ended, too. */
static bool
is_free_of (const struct taken *t, bool other_thread)
{
    siginfo_t info;
    struct taken second;
    pthread_t thread;
    pid_t pid = fork ();
    bool same;

    if (pid == 0) {
        if (setuid ((uid_t)t->uid) < 0
            || (other_thread
                && pthread_create (&thread, NULL, stay, NULL) != 0)) {
            abort ();
        }
        syscall (SYS_exit, 0);
    }
    while (!is_zombie (pid)) {
        usleep (1000);
    }
    assert_int_equal (process_is_alive (pid, process_start_time (pid)),
                      other_thread);
    assert_int_equal (take ("vm1", &second), 0);
    same = second.uid == t->uid;
    let_go (&second);
    kill (pid, SIGKILL);
    assert_int_equal (waitid (P_PID, (id_t)pid, &info, WEXITED), 0);
    return same;
}

/* Zombies, which stay in a container whose first process reaps nobody, have no
 * use for a user ID. */
static void
test_zombies (void **state)
{
    struct taken first;

    if (geteuid () != 0) {
        skip ();
    }
    assert_int_equal (file_make_dirs (w.h.host->run_dir, 0755, &w.err), 0);
    assert_int_equal (take ("vm1", &first), 0);
    let_go (&first);
    assert_true (is_free_of (&first, false));
    assert_false (is_free_of (&first, true));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_zombies, begin, end),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
