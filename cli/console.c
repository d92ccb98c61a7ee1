/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* console: a terminal session with the guest, the only command that shows
 * output as it arrives. */
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

#include "cli/console.h"
#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/interrupt.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/socket.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/tend-all.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define CTRL_RIGHT_BRACKET 0x1d
#define RELAY_PATIENCE 5000

/* The console's own state, for its signal handlers. */
static struct {
    struct termios saved, raw;
    bool is_raw;
    int wake[2];      /* A pipe: a byte in it ends the next poll(). */
    int interruption; /* The signal. */
} terminal = { .wake = { -1, -1 } };

/* Also called by handlers: tcsetattr() may be. */
static void
restore_terminal (void)
{
    if (terminal.is_raw) {
        terminal.is_raw = false;
        tcsetattr (STDIN_FILENO, TCSANOW, &terminal.saved);
    }
}

static void
leave_on (int signal)
{
    int saved = errno;

    interrupt_note ();
    terminal.interruption = signal;
    if (write (terminal.wake[1], "", 1) < 0) {
        /* The pipe is full of such bytes already. */
    }
    errno = saved;
}

static void
die_of (int signal)
{
    restore_terminal ();
    raise (signal); /* SA_RESETHAND: now it is fatal. */
}

/* Stopped by job control: the shell gets its terminal settings back. */
static void
stop_on (int signal)
{
    bool was_raw = terminal.is_raw;
    int saved = errno;

    (void)signal;
    restore_terminal ();
    raise (SIGSTOP);
    if (was_raw && tcsetattr (STDIN_FILENO, TCSANOW, &terminal.raw) == 0) {
        terminal.is_raw = true;
    }
    errno = saved;
}

/* Whatever signal ends us, the terminal is restored. */
static void
catch_all (void)
{
    for (int i = 1; i < NSIG; i++) {
        struct sigaction action = { .sa_handler = die_of,
                                    .sa_flags = (int)SA_RESETHAND };

        switch (i) {
        case SIGKILL:
        case SIGSTOP:
        case SIGCHLD:
        case SIGCONT:
        case SIGURG:
        case SIGWINCH:
        case SIGTTIN:
        case SIGTTOU:
            continue;
        case SIGPIPE:
            signal (i, SIG_IGN);
            continue;
        case SIGHUP:
        case SIGINT:
        case SIGQUIT:
        case SIGTERM:
            action = (struct sigaction){ .sa_handler = leave_on };
            break;
        case SIGTSTP:
            action = (struct sigaction){ .sa_handler = stop_on };
            break;
        default:
            break;
        }
        /* The C library keeps some for itself. */
        sigaction (i, &action, NULL);
    }
}

static void
make_raw (void)
{
    if (pipe2 (terminal.wake, O_CLOEXEC | O_NONBLOCK) < 0) {
        terminal.wake[0] = terminal.wake[1] = -1;
    }
    catch_all ();
    if (!isatty (STDIN_FILENO)
        || tcgetattr (STDIN_FILENO, &terminal.saved) < 0) {
        return;
    }
    terminal.raw = terminal.saved;
    cfmakeraw (&terminal.raw);
    atexit (restore_terminal);
    terminal.is_raw = true;
    if (tcsetattr (STDIN_FILENO, TCSANOW, &terminal.raw) < 0) {
        terminal.is_raw = false;
    }
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
        if (n < 0 && errno == EINTR && !interrupt_came) {
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

/* Input is /dev/null: nobody types, the console is only watched. */
static bool
only_watches (void)
{
    struct stat st;

    return fstat (STDIN_FILENO, &st) == 0 && S_ISCHR (st.st_mode)
           && !isatty (STDIN_FILENO);
}

static enum pump
from_user (int fd, int escape, bool *input)
{
    char buffer[512];
    ssize_t n = read (STDIN_FILENO, buffer, sizeof buffer);
    char *leave;

    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return GO_ON;
    }
    if (n <= 0) {
        *input = false;
        return only_watches () ? GO_ON : LEFT;
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

/* The guest's serial port accepts 16 bytes at a time, and the hypervisor drops
 * unread input when we close: so wait for it to be read, unless the guest reads
 * nothing. */
static void
drain (int fd)
{
    int unread = 0;

    for (int i = 0; i < 200 && ioctl (fd, SIOCOUTQ, &unread) == 0 && unread;
         i++) {
        poll (NULL, 0, 10);
    }
}

/* Closing with unread data resets the connection: the last input might be lost.
 *  And for a VM that was started by an older hvctl, it is the serial port of
 * cloud-hypervisor, which does not recover from that (v53, serial_manager.rs:
 * its thread exits).  So the connection is shut down for writing, and read to
 * its end. */
static void
part (int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    bool shows = !isatty (STDIN_FILENO) && !interrupt_came;
    char last[4096];

    shutdown (fd, SHUT_WR);
    for (int i = 0; i < 200 && poll (&p, 1, 1000) > 0; i++) {
        ssize_t n = read (fd, last, sizeof last);

        if (n <= 0) {
            break;
        }
        /* A script's input has ended: the answer to it is still shown. */
        shows = shows && write_all (STDOUT_FILENO, last, (size_t)n);
    }
}

static enum pump
pump (int fd, int escape)
{
    enum pump state = GO_ON;
    bool input = true;

    while (state == GO_ON && !interrupt_came) {
        struct pollfd p[] = { { .fd = fd, .events = POLLIN },
                              { .fd = input ? STDIN_FILENO : -1,
                                .events = POLLIN },
                              { .fd = terminal.wake[0], .events = POLLIN } };

        if (poll (p, 3, -1) < 0) {
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
    return interrupt_came ? LEFT : state;
}

/* A supervisor that relays the console may have died; then it is replaced. */
static int
connect_console (struct cli *c, const char *name, const struct vm_state *state)
{
    const char *dir = state_dir (&c->h, name);
    int64_t until = now_ms () + RELAY_PATIENCE;
    int fd = socket_connect (dir, "console", CONNECT_TIMEOUT, &c->err);

    if (fd >= 0 || !state_serial_dir (&c->h, name)) {
        return fd;
    }
    if (state->run == RUN_STARTING) {
        return fail (&c->err, EAGAIN,
                     "%s is starting: its console is available as soon as the "
                     "guest runs",
                     name);
    }
    tend_all (&c->h, NULL);
    while (fd < 0 && now_ms () < until && !interrupt_came) {
        memset (&c->err, 0, sizeof c->err);
        fd = socket_connect (dir, "console", CONNECT_TIMEOUT, &c->err);
        poll (NULL, 0, fd < 0 ? 20 : 0);
    }
    return fd;
}

static int
open_console (struct cli *c, const char *name, int escape)
{
    struct vm_state state;
    struct definition *def;
    bool own = c->command->run == cmd_console;
    int fd;

    if (escape < 0) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--escape takes one character, or ^X for Ctrl-X");
    }
    if (name_validate ("VM", name, &c->err) < 0) {
        return -c->err.code;
    }
    state_read (&c->h, name, &state);
    if (state.run == RUN_UNKNOWN) {
        return state_unknown (&c->h, &state, &c->err);
    }
    if (state.run <= RUN_STALE) {
        return definition_load (&c->h, name, &def, &c->err) < 0
                       && c->err.exit_code == EXIT_NOT_FOUND
                   ? -c->err.code
                   : fail_exit (&c->err, EXIT_NOT_RUNNING, ESRCH,
                                "%s is not running", name);
    }
    if (console_take (c, name, own && has_option (c, "force")) < 0) {
        return -c->err.code;
    }
    fd = connect_console (c, name, &state);
    return fd < 0 ? -c->err.code : fd;
}

static void
show_log (struct cli *c, const char *name)
{
    CLEANUP_CLOSE int fd =
        open (log_path (c, name, "console.log"), O_RDONLY | O_CLOEXEC);
    struct error ignored = { 0 };

    if (fd >= 0) {
        copy_log (fd, &ignored);
        output_end (&ignored);
    }
}

int
cmd_console (struct cli *c)
{
    const char *name = c->args.p[0];
    /* 'start --console' comes here, too, without our options. */
    bool own = c->command->run == cmd_console;
    int escape = escape_char (own ? option_value (c, "escape") : NULL);
    CLEANUP_CLOSE int fd = open_console (c, name, escape);
    const char *taker;

    if (fd < 0) {
        return report (c);
    }
    if (isatty (STDIN_FILENO)) {
        err_out ("Console of %s; leave with %s.\n", name,
                 escape == CTRL_RIGHT_BRACKET ? "Ctrl-]" : "the escape key");
    }
    if (!own || has_option (c, "log")) {
        show_log (c, name);
    }
    make_raw ();
    if (pump (fd, escape) == ENDED) {
        restore_terminal ();
        err_out ("\nThe console of %s is closed.\n", name);
    }
    restore_terminal ();
    taker = terminal.interruption ? console_taker (c) : NULL;
    if (taker) {
        err_out ("\nThe console of %s was taken over by %s.\n", name, taker);
    }
    return terminal.interruption ? EXIT_INTERRUPTED : EXIT_OK;
}
