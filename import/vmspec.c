/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/vmspec.h"

#include <ctype.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "common/mac.h"
#include "core/base/name.h"

#define MOST_NETIFS 64

/* Returns a copy without space around it. */
static char *
trimmed (struct arena *a, const char *from, size_t len)
{
    while (len && isspace ((unsigned char)*from)) {
        from++;
        len--;
    }
    while (len && isspace ((unsigned char)from[len - 1])) {
        len--;
    }
    return arena_dup_n (a, from, len);
}

/* Splits into exactly three parts, at " | " or, if there is none, at "|". */
static bool
split (struct arena *a, const char *text, char *parts[3])
{
    const char *bar = strstr (text, " | ") ? " | " : "|";
    int n = 0;

    for (;; n++) {
        const char *at = strstr (text, bar);

        if (n == 3) {
            return false;
        }
        parts[n] = trimmed (a, text, at ? (size_t)(at - text) : strlen (text));
        if (!at) {
            return n == 2;
        }
        text = at + strlen (bar);
    }
}

/* "0,2,4-5" */
static bool
read_cpuset (struct vm_spec *s, const char *text)
{
    for (;;) {
        char *end;
        unsigned long from, to;

        if (!isdigit ((unsigned char)*text)) {
            return false;
        }
        from = to = strtoul (text, &end, 10);
        if (*end == '-') {
            if (!isdigit ((unsigned char)end[1])) {
                return false;
            }
            to = strtoul (end + 1, &end, 10);
        }
        if (to < from || to >= VMSPEC_CPUS) {
            return false;
        }
        for (; from <= to; from++) {
            if (s->cpus[from]) {
                return false;
            }
            s->cpus[from] = true;
            s->n_cpus++;
        }
        if (!*end) {
            return true;
        }
        if (*end != ',') {
            return false;
        }
        text = end + 1;
    }
}

/* "HOST(CPUSET)" */
static bool
read_place (struct import *im, struct vm_spec *s, const char *text)
{
    const char *open = strchr (text, '('), *end = text + strlen (text);

    if (!open || end[-1] != ')') {
        draft_problem (
            im, s->from,
            "--vm %s: \"%s\": a set of CPUs must follow the host, as "
            "in %s(2-5)",
            s->name, text, *text && *text != '(' ? "host" : "");
        return false;
    }
    s->host = trimmed (im->a, text, (size_t)(open - text));
    s->cpuset = trimmed (im->a, open + 1, (size_t)(end - open - 2));
    if (strpbrk (s->host, "@()")) {
        draft_problem (im, s->from, "--vm %s: \"%s\" is no name of a host",
                       s->name, s->host);
        return false;
    }
    if (!read_cpuset (s, s->cpuset)) {
        draft_problem (im, s->from,
                       "--vm %s: (%s) is no set of CPUs such as 0,2,4-5, each "
                       "once, with rising ranges below %d",
                       s->name, s->cpuset, VMSPEC_CPUS);
        return false;
    }
    return true;
}

/* Is it "DDDD:BB:SS.F"? */
static bool
is_pci (const char *text)
{
    static const char form[] = "xxxx:xx:xx.x";

    for (size_t i = 0; i < sizeof form; i++) {
        if (form[i] == 'x' ? !isxdigit ((unsigned char)text[i])
                           : text[i] != form[i]) {
            return false;
        }
    }
    return true;
}

/* A MAC, or a name that an interface can have. */
static bool
is_netif (const char *text)
{
    uint8_t mac[6];

    if (strchr (text, ':')) {
        return parse_mac (text, mac);
    }
    return *text && strlen (text) < IFNAMSIZ
           && !text[strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
                                  "STUVWXYZ0123456789_.-")];
}

/* "GUESTIF@HOSTIF", "GUESTIF@MAC+pci=…", "GUESTIF@VF+pci=…" */
static bool
read_netif (struct import *im, struct vm_spec *s, const char *text)
{
    struct vm_netif *n = arena_alloc (im->a, sizeof *n);
    const char *at = strchr (text, '@'), *pci = strstr (text, "+pci=");
    struct error err = { 0 };
    char *guest;

    if (!at) {
        draft_problem (im, s->from, "--vm %s: \"%s\" is not GUESTIF@HOSTIF",
                       s->name, text);
        return false;
    }
    guest = trimmed (im->a, text, (size_t)(at - text));
    for (char *c = guest; *c; c++) {
        *c = (char)tolower ((unsigned char)*c);
    }
    n->guest = guest;
    n->host =
        trimmed (im->a, at + 1, pci ? (size_t)(pci - at - 1) : strlen (at + 1));
    n->pci = pci ? pci + 5 : NULL;
    if (name_validate ("nic", n->guest, &err) < 0) {
        draft_problem (im, s->from, "--vm %s: \"%s\": %s", s->name, text,
                       err.text);
        return false;
    }
    if (!is_netif (n->host) || (n->pci && !is_pci (n->pci))) {
        draft_problem (im, s->from,
                       "--vm %s: \"%s\": after the '@' there must be an "
                       "interface of the host, its MAC, or one of them, or VF, "
                       "with +pci=0000:1a:00.1",
                       s->name, text);
        return false;
    }
    for (size_t i = 0; i < s->netifs.n; i++) {
        if (!strcmp (((struct vm_netif *)s->netifs.p[i])->guest, n->guest)) {
            draft_problem (im, s->from, "--vm %s: there are two interfaces %s",
                           s->name, n->guest);
            return false;
        }
    }
    if (s->netifs.n == MOST_NETIFS) {
        draft_problem (im, s->from,
                       "--vm %s: there are more than %d interfaces", s->name,
                       MOST_NETIFS);
        return false;
    }
    vec_add (im->a, &s->netifs, n);
    return true;
}

static bool
read_netifs (struct import *im, struct vm_spec *s, const char *text)
{
    bool vmctrl = false;

    for (;;) {
        size_t len = strcspn (text, ",");

        if (!read_netif (im, s, trimmed (im->a, text, len))) {
            return false;
        }
        if (!text[len]) {
            break;
        }
        text += len + 1;
    }
    for (size_t i = 0; i < s->netifs.n; i++) {
        vmctrl |=
            !strcmp (((struct vm_netif *)s->netifs.p[i])->guest, "vmctrl");
    }
    if (!vmctrl) {
        draft_problem (im, s->from, "--vm %s: it has no network vmctrl",
                       s->name);
    }
    return vmctrl;
}

struct vm_spec *
vmspec_read (struct import *im, struct tree *from, const char *text)
{
    struct vm_spec *s = arena_alloc (im->a, sizeof *s);
    struct error err = { 0 };
    char *parts[3];

    s->from = from;
    if (!split (im->a, text, parts)) {
        draft_problem (im, from,
                       "--vm \"%s\" does not have three parts: NAME | "
                       "HOST(CPUSET) | GUESTIF@HOSTIF,…",
                       text);
        return NULL;
    }
    s->name = parts[0];
    if (name_validate ("VM", s->name, &err) < 0) {
        draft_problem (im, from, "--vm \"%s\": %s", text, err.text);
        return NULL;
    }
    return read_place (im, s, parts[1]) && read_netifs (im, s, parts[2]) ? s
                                                                         : NULL;
}

static void
clash_cpus (struct import *im, const struct vm_spec *a, const struct vm_spec *b)
{
    for (unsigned i = 0; i < VMSPEC_CPUS; i++) {
        if (a->cpus[i] && b->cpus[i]) {
            draft_problem (im, b->from,
                           "--vm %s: CPU %u of host '%s' is also given to %s, "
                           "in line %d",
                           b->name, i, b->host, a->name, a->from->line);
            return;
        }
    }
}

static void
clash_pci (struct import *im, const struct vm_spec *a, const struct vm_spec *b)
{
    for (size_t i = 0; i < a->netifs.n; i++) {
        const struct vm_netif *x = a->netifs.p[i];

        for (size_t k = a == b ? i + 1 : 0; k < b->netifs.n; k++) {
            const struct vm_netif *y = b->netifs.p[k];

            if (x->pci && y->pci && !strcmp (x->pci, y->pci)) {
                draft_problem (im, b->from,
                               "--vm %s: PCI device %s of host '%s' is used "
                               "twice",
                               b->name, x->pci, b->host);
            }
        }
    }
}

void
vmspec_clash (struct import *im, const struct vec *specs)
{
    for (size_t i = 0; i < specs->n; i++) {
        for (size_t k = 0; k <= i; k++) {
            const struct vm_spec *a = specs->p[k], *b = specs->p[i];

            if (strcmp (a->host, b->host) != 0) {
                continue;
            }
            if (a != b) {
                clash_cpus (im, a, b);
            }
            clash_pci (im, a, b);
        }
    }
}
