/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The one program that gets the user's terminal, environment and time. */
#include "core/process/editor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/vec.h"

/* "code --wait": words, no shell. */
static char **
split_words (struct arena *a, const char *editor, const char *path)
{
    struct vec words = { 0 };

    while (*editor) {
        size_t len = strcspn (editor, " ");

        if (len) {
            vec_add (a, &words, arena_dup_n (a, editor, len));
        }
        editor += len + (editor[len] == ' ');
    }
    vec_add (a, &words, path);
    return (char **)words.p;
}

int
editor_run (const char *editor, const char *path, struct error *err)
{
    struct arena a = { 0 };
    char **argv = split_words (&a, editor, path);
    pid_t pid = fork ();
    int status = 0;

    if (pid == 0) {
        signal (SIGPIPE, SIG_DFL);
        execvp (argv[0], argv);
        _exit (127);
    }
    arena_free (&a);
    if (pid < 0) {
        return fail (err, errno, "cannot start the editor: %m");
    }
    while (waitpid (pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED (status)) {
        return fail (err, ECANCELED, "the editor '%s' was killed by signal %d",
                     editor, WTERMSIG (status));
    }
    if (WEXITSTATUS (status) == 127) {
        return fail (err, ECANCELED,
                     "the editor '%s' cannot be executed: set $EDITOR to a "
                     "program that exists",
                     editor);
    }
    return WEXITSTATUS (status) != 0
               ? fail (err, ECANCELED, "the editor '%s' exited with status %d",
                       editor, WEXITSTATUS (status))
               : 0;
}
