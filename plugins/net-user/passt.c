/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* passt, the process that is a guest's network; see passt(1).  Supported are
 * 2023-03 (Debian 12), 2025-05 (13) and 2026-10 (sid); other versions may need
 * system calls that the sandbox forbids, and exit.
 *
 * By default it would copy the host's addresses.  It is given all of them
 * instead, so that the guest sees the same network on every host, and the same
 * as with slirp; and it is told to use no interface but lo, since it refuses to
 * start where it finds no default route. */

#include "plugins/net-user/net-user.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/forward.h"
#include "common/program.h"

/* The interval between two checks of a process that is starting, in
 * milliseconds. */
#define LOOK_EVERY 1

/* Number of checks that find the process asleep until it counts as settled, on
 * a kernel that does not report its filters (Linux 5.9 does). */
#define CALM 20

/* passt executes its variant for newer processors itself, if it may execute
 * anything: so the right one is started. */
static bool
has_avx2 (void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports ("avx2");
#else
    return false;
#endif
}

static const char *
find_passt (struct hv_ctx *ctx)
{
    static const char *const paths[] = { "/usr/bin/passt",
                                         "/usr/local/bin/passt", NULL };
    const char *own = hv_option (ctx, NULL, "program"), *variant;

    for (size_t i = 0; !own && paths[i]; i++) {
        if (access (paths[i], X_OK) == 0) {
            own = paths[i];
        }
    }
    if (!own || *own != '/' || access (own, X_OK) < 0) {
        return NULL;
    }
    variant = hv_format (ctx, "%s.avx2", own);
    return has_avx2 () && access (variant, X_OK) == 0 ? variant : own;
}

/* Does the program's own help offer this option? */
static bool
offers (const char *program, const char *option)
{
    CLEANUP_CLOSE int fd = open (program, O_RDONLY | O_CLOEXEC);
    struct stat st;
    bool found;
    void *text;

    if (fd < 0 || fstat (fd, &st) < 0 || st.st_size <= 0) {
        return false;
    }
    text = mmap (NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED) {
        return false;
    }
    found = memmem (text, (size_t)st.st_size, option, strlen (option));
    munmap (text, (size_t)st.st_size);
    return found;
}

/* passt tracks a forwarded port by its number alone. */
static bool
has_twice (const char *forward)
{
    struct forward_rule a, b;

    while (forward && forward_next (&forward, &a)) {
        const char *rest = forward;

        while (rest && forward_next (&rest, &b)) {
            if (a.udp == b.udp && a.from == b.from) {
                return true;
            }
        }
    }
    return false;
}

static bool
has_udp (const char *forward)
{
    struct forward_rule rule;

    while (forward && forward_next (&forward, &rule)) {
        if (rule.udp) {
            return true;
        }
    }
    return false;
}

const char *
passt_lacks (struct hv_ctx *ctx, const struct user_network *n,
             const char *forward)
{
    const char *own = hv_option (ctx, NULL, "program");
    const char *fault =
        own ? program_fault (ctx, "net-user", "program", own) : NULL;

    if (fault || !find_passt (ctx)) {
        return fault ? fault : "passt is not installed";
    }
    if (n->hostname) {
        return "passt cannot give the guest a hostname";
    }
    if (has_twice (forward)) {
        return "passt cannot forward the same port of two addresses";
    }
    if (n->restricted && has_udp (forward)) {
        return "passt cannot forward UDP to a guest that is restricted";
    }
    return NULL;
}

static void
add_forward (struct hv_ctx *ctx, const char *forward, struct hv_launch *out)
{
    struct forward_rule rule;

    while (forward && forward_next (&forward, &rule)) {
        hv_arg (ctx, out, rule.udp ? "-u" : "-t");
        hv_arg (ctx, out, "%s/%u:%u", rule.address, rule.from, rule.to);
    }
}

/* Without UDP it answers DHCP all the same.  What keeps a restricted guest in
 * is the sandbox: there is no connect() without the group "outbound". */
static void
add_limits (struct hv_ctx *ctx, const struct user_network *n,
            struct hv_launch *out)
{
    hv_need (ctx, out, "passt");
    if (!n->restricted) {
        hv_need (ctx, out, "outbound");
        return;
    }
    hv_arg (ctx, out, "--no-udp");
    hv_arg (ctx, out, "--no-icmp");
    hv_arg (ctx, out, "--no-map-gw");
}

int
passt_helper (struct hv_ctx *ctx, const struct hv_port *port,
              const struct hv_nic *nic, struct hv_launch *out)
{
    const char *program = find_passt (ctx);
    struct user_network n;
    int r = user_read (ctx, port, &n), fd;

    if (r < 0) {
        return r;
    }
    fd = hv_port (ctx, out, port->name, 0);
    if (!program) {
        return hv_fail (ctx, ENOENT, "passt is not installed");
    }
    hv_arg (ctx, out, "%s", program);
    if (fd >= 0) {
        hv_arg (ctx, out, "--foreground");
    }
    hv_arg (ctx, out, "--quiet");
    /* That of 2023 logs to syslog alone without; later ones need not be told,
     * and are going to drop it. */
    if (fd >= 0 && offers (program, "-e, --stderr")) {
        hv_arg (ctx, out, "--stderr");
    }
    hv_arg (ctx, out, "--ipv4-only");
    hv_arg (ctx, out, "--interface");
    hv_arg (ctx, out, "lo");
    hv_arg (ctx, out, "--mac-addr");
    hv_arg (ctx, out, "52:55:%02x:%02x:%02x:%02x", n.gateway >> 24,
            n.gateway >> 16 & 255, n.gateway >> 8 & 255, n.gateway & 255);
    hv_arg (ctx, out, "--address");
    hv_arg (ctx, out, "%s", user_address (ctx, n.guest));
    hv_arg (ctx, out, "--netmask");
    hv_arg (ctx, out, "%u", n.bits);
    hv_arg (ctx, out, "--gateway");
    hv_arg (ctx, out, "%s", user_address (ctx, n.gateway));
    hv_arg (ctx, out, "--dns-forward");
    hv_arg (ctx, out, "%s", user_address (ctx, n.dns));
    hv_arg (ctx, out, "--no-dhcp-search");
    if (nic->mtu) {
        hv_arg (ctx, out, "--mtu");
        hv_arg (ctx, out, "%u", nic->mtu);
    }
    add_limits (ctx, &n, out);
    add_forward (ctx, nic->forward, out);
    if (fd >= 0) {
        hv_arg (ctx, out, "--fd");
        hv_arg (ctx, out, "%d", fd);
    } else {
        /* For a command to paste: it listens in the run directory, goes to the
         * background then, and exits with its client. */
        hv_arg (ctx, out, "--one-off");
        hv_arg (ctx, out, "--socket");
        hv_arg (ctx, out, "nic-%s.sock", port->name);
    }
    return 0;
}

/* The state in /proc/PID/status. */
struct look {
    char state;
    int filters; /* -1: the kernel does not tell. */
};

static bool
look_at (int pid, struct look *out)
{
    char path[64], text[4096], *p;
    CLEANUP_CLOSE int fd = -1;
    ssize_t n;

    snprintf (path, sizeof path, "/proc/%d/status", pid);
    fd = open (path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read (fd, text, sizeof text - 1);
    if (n <= 0) {
        return false;
    }
    text[n] = '\0';
    p = strstr (text, "\nState:\t");
    out->state = p ? p[8] : '?';
    p = strstr (text, "\nSeccomp_filters:\t");
    out->filters = p ? atoi (p + 18) : -1;
    return true;
}

/* The version that passt reports, if it does; for a message. */
static const char *
version (struct hv_ctx *ctx)
{
    const char *path = find_passt (ctx), *space;
    const char *const argv[] = { path, "--version", NULL };
    const struct hv_program program = { .size = sizeof program, .argv = argv };
    const char *text = NULL;

    if (!path || hv_ask (ctx, &program, &text) < 0 || !text) {
        return "passt";
    }
    space = strchr (text, ' ');
    return space && isdigit ((unsigned char)space[1])
               ? hv_format (ctx, "%.*s", (int)strcspn (text, "\n"), text)
               : "passt";
}

/* Its own filter, in addition to the jail's, is the last that it installs
 * before it serves: see isolate_postfork() in its sources. */
int
passt_settled (struct hv_ctx *ctx, const struct hv_port *port, int pid)
{
    struct look look;
    int calm = 0;

    while (look_at (pid, &look) && look.state != 'Z' && look.state != 'X') {
        calm = look.state == 'S' ? calm + 1 : 0;
        if (look.filters >= 2 || (look.filters < 0 && calm >= CALM)) {
            return 0;
        }
        if (hv_remaining (ctx) == 0) {
            return hv_fail (ctx, ETIMEDOUT, "passt does not become ready");
        }
        poll (NULL, 0, LOOK_EVERY);
    }
    return hv_fail (ctx, ECHILD,
                    "%s exited before it was ready (if the sandbox blocks this "
                    "version, use another one, or the hypervisor's own "
                    "user-mode network: backend = slirp)",
                    version (ctx));
}
