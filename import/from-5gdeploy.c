/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The command line of 5gdeploy's "virt": --vm='NAME | HOST(CPUSET) |
 * GUESTIF@HOSTIF,…' and its other options.  The addresses, and so the MACs, are
 * those that 5gdeploy itself derives. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mac.h"
#include "core/base/name.h"
#include "import/draft-note.h"
#include "import/vmspec.h"

/* A place in the address plan: one /24 per name of a network, in the order of
 * their first use, and one host byte per VM. */
#define SPACE "172.25.160.0/20"
#define FIRST_HOST 3
#define LAST_HOST 254
#define MOST_VMS (LAST_HOST - FIRST_HOST + 1)

struct fixed {
    const struct tree *from;
    const char *vm, *net;
    uint32_t ip;
};

struct plan {
    struct import *im;
    uint32_t space;   /* Host byte order. */
    unsigned most;    /* /24s in it. */
    struct vec nets;  /* char * */
    struct vec fixed; /* struct fixed * */
    struct vec specs; /* struct vm_spec * */
    unsigned next;    /* Host byte. */
};

/* Returns the value of an option, "--vm=X" or "--vm X"; null: it is another. */
static const char *
option (struct tree *const *words, size_t n, size_t *i, const char *name)
{
    const char *word = words[*i]->value;
    size_t len = strlen (name);

    if (strncmp (word, name, len) || (word[len] && word[len] != '=')) {
        return NULL;
    }
    words[*i]->used = true;
    if (word[len]) {
        return word + len + 1;
    }
    if (*i + 1 == n) {
        return "";
    }
    words[++*i]->used = true;
    return words[*i]->value;
}

static void
read_space (struct plan *p, const struct tree *t, const char *text)
{
    const char *slash = strchr (text, '/');
    char *end = NULL;
    long bits = slash ? strtol (slash + 1, &end, 10) : 0;
    struct in_addr ip;
    const char *address =
        arena_dup_n (p->im->a, text, slash ? (size_t)(slash - text) : 0);

    if (!slash || *end || bits < 8 || bits > 20
        || inet_pton (AF_INET, address, &ip) != 1) {
        draft_problem (p->im, t,
                       "--ip-space=%s is not a network such as " SPACE
                       ", of /20 or larger",
                       text);
        return;
    }
    p->space = ntohl (ip.s_addr) & (0xffffffffu << (32 - bits));
    p->most = 1u << (24 - bits);
}

/* "vm_NAME,NET,IP" */
static void
read_fixed (struct plan *p, const struct tree *t, const char *text)
{
    const char *net = strchr (text, ','),
               *ip = net ? strchr (net + 1, ',') : NULL;
    struct fixed *f = arena_alloc (p->im->a, sizeof *f);
    struct in_addr address;

    if (strncmp (text, "vm_", 3) != 0 || !ip
        || inet_pton (AF_INET, ip + 1, &address) != 1) {
        draft_problem (p->im, t, "--ip-fixed=%s is not vm_NAME,NET,ADDRESS",
                       text);
        return;
    }
    f->from = t;
    f->vm = arena_dup_n (p->im->a, text + 3, (size_t)(net - text - 3));
    f->net = arena_dup_n (p->im->a, net + 1, (size_t)(ip - net - 1));
    f->ip = ntohl (address.s_addr);
    vec_add (p->im->a, &p->fixed, f);
}

/* Returns the number of a network in the plan; a new one gets the next. */
static unsigned
net_number (struct plan *p, const char *name, const struct tree *t)
{
    for (size_t i = 0; i < p->nets.n; i++) {
        if (!strcmp (p->nets.p[i], name)) {
            return (unsigned)i;
        }
    }
    vec_add (p->im->a, &p->nets, name);
    if (p->nets.n == p->most + 1) {
        draft_problem (p->im, t,
                       "there are more than %u networks: each takes a /24 of "
                       "--ip-space, and vmctrl and vmbuild are two of them",
                       p->most);
    }
    return (unsigned)p->nets.n - 1;
}

/* Returns the last byte of the addresses of a VM: that of a fixed address, or
 * the next. */
static unsigned
host_byte (struct plan *p, const char *vm)
{
    for (size_t i = 0; i < p->fixed.n; i++) {
        const struct fixed *f = p->fixed.p[i];

        if (!strcmp (f->vm, vm)) {
            return f->ip & 0xff;
        }
    }
    for (size_t i = 0; i < p->fixed.n; i++) {
        const struct fixed *f = p->fixed.p[i];

        if ((f->ip & 0xff) == p->next) {
            p->next++;
            i = (size_t)-1; /* From the beginning. */
        }
    }
    return p->next++;
}

static const char *
mac_of (struct plan *p, const char *vm, const struct vm_netif *n, unsigned host,
        const struct tree *t)
{
    uint32_t ip = p->space + (net_number (p, n->guest, t) << 8) + host;
    uint8_t mac[6];
    char text[MAC_TEXT];

    for (size_t i = 0; i < p->fixed.n; i++) {
        const struct fixed *f = p->fixed.p[i];

        ip = !strcmp (f->vm, vm) && !strcmp (f->net, n->guest) ? f->ip : ip;
    }
    mac[0] = 0x52;
    mac[1] = 0xde;
    for (int i = 0; i < 4; i++) {
        mac[2 + i] = (uint8_t)(ip >> (24 - 8 * i));
    }
    return arena_dup (p->im->a, format_mac (mac, text));
}

static void
add_nic (struct plan *p, struct draft *d, const struct vm_spec *s,
         const struct vm_netif *n, unsigned host)
{
    const char *mac = mac_of (p, s->name, n, host, s->from);

    if (n->pci) {
        draft_note (p->im, s->from,
                    arena_format (p->im->a, "--vm %s: %s@%s+pci=%s", s->name,
                                  n->guest, n->host, n->pci),
                    "hvctl passes no devices of the host through yet (the MAC "
                    "was %s)",
                    mac);
        return;
    }
    draft_set (
        p->im, d, "nic", n->guest, "network",
        draft_network (p->im, n->host, "macvtap", "parent", n->host, s->from));
    draft_set (p->im, d, "nic", n->guest, "mac", mac);
}

/* 5gdeploy gives each VM 4096 MiB, and -cpu host,-vmx,-svm. */
static void
add_vm (struct plan *p, const struct vm_spec *s)
{
    struct import *im = p->im;
    struct draft *d = draft_vm (im, s->name, s->from);
    unsigned host = host_byte (p, s->name);

    draft_set (im, d, NULL, NULL, "memory", "4G");
    draft_set (im, d, NULL, NULL, "cpus",
               arena_format (im->a, "%u", s->n_cpus));
    draft_set (im, d, NULL, NULL, "cpu", "host");
    for (size_t i = 0; i < s->netifs.n; i++) {
        add_nic (p, d, s, s->netifs.p[i], host);
    }
    if (*s->host) {
        draft_note (im, s->from,
                    arena_format (im->a, "--vm %s: %s", s->name, s->host),
                    "it is defined on this host: hvctl has no others yet");
    }
    draft_note (im, s->from,
                arena_format (im->a, "--vm %s: (%s)", s->name, s->cpuset),
                "hvctl does not pin virtual CPUs yet");
    draft_note (
        im, s->from, arena_format (im->a, "--vm %s: vm.qcow2", s->name),
        "5gdeploy keeps the disk in a volume of Docker's: copy it out of "
        "there, and add a section 'disk' with image and format = qcow2 "
        "('hvctl edit %s')",
        s->name);
}

static void
read_option (struct plan *p, struct tree *const *words, size_t n, size_t *i)
{
    static const char *const others[][2] = {
        { "--ctrlif", "the control interface of the host is not hvctl's" },
        { "--out", "hvctl has its own places" },
        { "--volume-prefix0", "hvctl has no volumes of Docker" },
        { "--volume-prefix1", "hvctl has no volumes of Docker" },
        { "--cpufreq", "hvctl leaves the CPU frequency of the host alone" },
        { "--ssh-uri", "hvctl has no other hosts yet" },
    };
    struct tree *t = words[*i];
    const char *value;

    if ((value = option (words, n, i, "--vm"))) {
        struct vm_spec *s = vmspec_read (p->im, t, value);

        if (s && p->specs.n == MOST_VMS) {
            draft_problem (p->im, t, "there are more than %d VMs", MOST_VMS);
        } else if (s && p->specs.n < MOST_VMS) {
            vec_add (p->im->a, &p->specs, s);
        }
    } else if ((value = option (words, n, i, "--ip-space"))) {
        read_space (p, t, value);
    } else if ((value = option (words, n, i, "--ip-fixed"))) {
        read_fixed (p, t, value);
    } else {
        for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
            if (option (words, n, i, others[k][0])) {
                draft_note (p->im, t, others[k][0], "%s", others[k][1]);
                return;
            }
        }
        draft_problem (p->im, t, "5gdeploy's virt has no option '%s'",
                       t->value);
    }
}

/* The words before the first option are the command. */
static void
read_words_of (struct plan *p, struct tree *file)
{
    struct tree *const *words = (struct tree *const *)file->kids.p;
    bool begun = false;

    file->used = true;
    for (size_t i = 0; i < file->kids.n; i++) {
        begun |= !strncmp (words[i]->value, "--", 2);
        words[i]->used |= !begun;
        if (begun) {
            read_option (p, words, file->kids.n, &i);
        }
    }
}

static void
check_fixed (struct plan *p)
{
    for (size_t i = 0; i < p->fixed.n; i++) {
        const struct fixed *f = p->fixed.p[i];
        bool found = false;

        for (size_t k = 0; k < p->specs.n; k++) {
            const struct vm_spec *s = p->specs.p[k];

            found |= !strcmp (s->name, f->vm);
        }
        if (!found) {
            draft_problem (p->im, f->from, "--ip-fixed: there is no VM %s",
                           f->vm);
        }
    }
}

void
from_5gdeploy (struct import *im, struct tree *const *files, size_t n)
{
    struct plan p = { .im = im, .next = FIRST_HOST };

    read_space (&p, files[0], SPACE);
    vec_add (im->a, &p.nets, "vmctrl");
    vec_add (im->a, &p.nets, "vmbuild");
    for (size_t i = 0; i < n; i++) {
        read_words_of (&p, files[i]);
    }
    if (!p.specs.n && !im->p.lines.n) {
        draft_problem (im, files[0], "there is no --vm in it");
    }
    vmspec_clash (im, &p.specs);
    check_fixed (&p);
    for (size_t i = 0; i < p.specs.n; i++) {
        add_vm (&p, p.specs.p[i]);
    }
}
