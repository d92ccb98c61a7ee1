/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* console and logs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "common/size.h"
#include "core/machine.h"
#include "core/services.h"

#define CTRL_RIGHT_BRACKET 0x1d

static struct termios saved;
static bool is_raw;

static void
restore_terminal (void)
{
    if (is_raw) {
        tcsetattr (STDIN_FILENO, TCSADRAIN, &saved);
        is_raw = false;
    }
}

static void
on_signal (int signal)
{
    (void)signal;
    hvctl_interrupted = 1;
}

static void
make_raw (void)
{
    struct termios raw;
    struct sigaction action = { .sa_handler = on_signal };

    sigaction (SIGTERM, &action, NULL);
    sigaction (SIGHUP, &action, NULL);
    signal (SIGPIPE, SIG_IGN);
    if (!isatty (STDIN_FILENO) || tcgetattr (STDIN_FILENO, &saved) < 0) {
        return;
    }
    raw = saved;
    cfmakeraw (&raw);
    atexit (restore_terminal);
    is_raw = tcsetattr (STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

/* "^X", "x": the character that leaves. */
static int
escape_char (const char *text)
{
    if (!text) {
        return CTRL_RIGHT_BRACKET;
    }
    if (text[0] == '^' && text[1] && !text[2]) {
        return text[1] & 0x1f;
    }
    return text[0] && !text[1] ? (unsigned char)text[0] : -1;
}

static bool
write_all (int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write (fd, data, len);

        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = { .fd = fd, .events = POLLOUT };

            if (poll (&p, 1, 10000) <= 0) {
                return false;
            }
            continue;
        }
        if (n < 0 && errno == EINTR && !hvctl_interrupted) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        data += n;
        len -= (size_t)n;
    }
    return true;
}

enum pump { GO_ON, LEFT, ENDED };

static enum pump
from_user (int fd, int escape, bool *input)
{
    char buffer[512];
    ssize_t n = read (STDIN_FILENO, buffer, sizeof buffer);
    char *leave;

    if (n <= 0) {
        /* A script's input ends; the console is still of interest. */
        *input = false;
        return isatty (STDIN_FILENO) ? LEFT : GO_ON;
    }
    leave = memchr (buffer, escape, (size_t)n);
    if (leave) {
        n = leave - buffer;
    }
    if (n && !write_all (fd, buffer, (size_t)n)) {
        return ENDED;
    }
    return leave ? LEFT : GO_ON;
}

static enum pump
from_guest (int fd)
{
    char buffer[4096];
    ssize_t n = read (fd, buffer, sizeof buffer);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return GO_ON;
    }
    return n > 0 && write_all (STDOUT_FILENO, buffer, (size_t)n) ? GO_ON
                                                                 : ENDED;
}

/* The guest's serial port takes 16 bytes at a time, and the hypervisor drops
 * what it has not read when we close: wait for that, but not for a guest that
 * takes nothing. */
static void
drain (int fd)
{
    int unread = 0;

    for (int i = 0; i < 200 && ioctl (fd, SIOCOUTQ, &unread) == 0 && unread;
         i++) {
        poll (NULL, 0, 10);
    }
}

/* Who closes with something unread resets the connection, and of that the
 * serial port of cloud-hypervisor does not recover (v53, serial_manager.rs:
 * its thread ends).  So the other side is told, and read to its end. */
static void
part (int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char unseen[4096];

    shutdown (fd, SHUT_WR);
    for (int i = 0; i < 200 && poll (&p, 1, 1000) > 0
                    && read (fd, unseen, sizeof unseen) > 0;
         i++) {
    }
}

static enum pump
pump (int fd, int escape)
{
    enum pump state = GO_ON;
    bool input = true;

    while (state == GO_ON && !hvctl_interrupted) {
        struct pollfd p[] = { { .fd = fd, .events = POLLIN },
                              { .fd = input ? STDIN_FILENO : -1,
                                .events = POLLIN } };

        if (poll (p, 2, -1) < 0) {
            continue;
        }
        if (p[0].revents) {
            state = from_guest (fd);
        }
        if (state == GO_ON && p[1].revents) {
            state = from_user (fd, escape, &input);
        }
    }
    if (state != ENDED) {
        drain (fd);
        part (fd);
    }
    return hvctl_interrupted ? LEFT : state;
}

static void
copy_log (struct cli *c, const char *name)
{
    CLEANUP_FREE char *text = read_small_file (arena_format (
        &c->h.arena, "%s/console.log", state_log_dir (&c->h, name)));

    if (text) {
        write_all (STDOUT_FILENO, text, strlen (text));
    }
}

int
cmd_console (struct cli *c)
{
    const char *name = c->args.p[0];
    /* 'start --console' comes here, too, without our options. */
    bool own = !strcmp (c->command->name, "console");
    int escape = escape_char (own ? option_value (c, "escape") : NULL);
    struct vm_state state;
    int fd;

    if (escape < 0) {
        hvctl_warn ("--escape takes one character, or ^X for Ctrl-X");
        return EXIT_USAGE;
    }
    state_read (&c->h, name, &state);
    if (check_name ("VM", name, &c->err) < 0) {
        return report (c);
    }
    if (state.run <= RUN_STALE) {
        fail_exit (&c->err, EXIT_NOT_RUNNING, ESRCH, "%s is not running", name);
        return report (c);
    }
    fd = connect_socket (state_dir (&c->h, name), "console", &c->err);
    if (fd < 0) {
        return report (c);
    }
    if (isatty (STDIN_FILENO)) {
        fprintf (stderr, "Console of %s; leave with %s.\n", name,
                 escape == CTRL_RIGHT_BRACKET ? "Ctrl-]" : "the escape key");
    }
    if (!own || has_option (c, "log")) {
        copy_log (c, name);
    }
    make_raw ();
    if (pump (fd, escape) == ENDED) {
        restore_terminal ();
        fprintf (stderr, "\nThe console of %s is closed.\n", name);
    }
    restore_terminal ();
    close (fd);
    return EXIT_OK;
}

/* Where the last 'lines' lines begin. */
static off_t
tail_offset (int fd, uint64_t lines)
{
    off_t at = lseek (fd, 0, SEEK_END);
    uint64_t seen = 0;
    char byte;

    while (at > 0 && pread (fd, &byte, 1, at - 1) == 1) {
        if (byte == '\n' && ++seen > lines) {
            break;
        }
        at--;
    }
    return at;
}

/* A log that had grown too long was begun anew by the supervisor. */
static void
rewind_if_emptied (int fd)
{
    struct stat st;

    if (fstat (fd, &st) == 0 && st.st_size < lseek (fd, 0, SEEK_CUR)) {
        lseek (fd, 0, SEEK_SET);
    }
}

static void
follow (int fd, bool forever)
{
    char buffer[4096];

    while (!hvctl_interrupted) {
        ssize_t n = read (fd, buffer, sizeof buffer);

        if (n > 0 && !write_all (STDOUT_FILENO, buffer, (size_t)n)) {
            return;
        }
        if (n <= 0 && !forever) {
            return;
        }
        if (n <= 0) {
            rewind_if_emptied (fd);
            poll (NULL, 0, 100);
        }
    }
}

static void
no_log (struct cli *c, const char *name, const char *path)
{
    int code = errno;
    const char *words = arena_format (&c->h.arena, "%s/hypervisor.log",
                                      state_log_dir (&c->h, name));

    if (code == ENOENT && !has_option (c, "hypervisor")
        && access (words, F_OK) == 0) {
        fail (&c->err, code,
              "%s has no log of its console, which its hypervisor gives to "
              "'hvctl console' only; its own words are in logs --hypervisor",
              name);
    } else {
        fail (&c->err, code,
              code == ENOENT ? "there is no log %s: %s has not run yet"
                             : "cannot read %s: %s",
              path, code == ENOENT ? name : strerror (code));
    }
}

int
cmd_logs (struct cli *c)
{
    const char *name = c->args.p[0], *lines = option_value (c, "lines");
    const char *path;
    uint64_t n = 0;
    struct definition *def;
    CLEANUP_CLOSE int fd = -1;

    if (lines && !parse_uint (lines, &n)) {
        hvctl_warn ("--lines takes a number");
        return EXIT_USAGE;
    }
    if (definition_load (&c->h, name, &def, &c->err) < 0
        && c->err.exit_code != EXIT_CONFIG) {
        return report (c);
    }
    path =
        arena_format (&c->h.arena, "%s/%s.log%s", state_log_dir (&c->h, name),
                      has_option (c, "hypervisor") ? "hypervisor" : "console",
                      has_option (c, "previous") ? ".1" : "");
    fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        no_log (c, name, path);
        return report (c);
    }
    fflush (stdout);
    if (lines) {
        lseek (fd, tail_offset (fd, n), SEEK_SET);
    }
    follow (fd, has_option (c, "follow"));
    return EXIT_OK;
}
