/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The families of machines, and lists of words (facts are strings: "NAME" or
 * "NAME=VALUE", with spaces between). */

#include "plugins/qemu/qemu.h"

#include <ctype.h>
#include <string.h>
#include <sys/utsname.h>

#include "common/cleanup.h"

static const struct {
    const char *arch;
    const char *alias;
    const char *prefix; /* Of the concrete names. */
    enum family family;
} families[] = {
    { "x86_64", "q35", "pc-q35-", FAMILY_Q35 },
    { "x86_64", "pc", "pc-i440fx-", FAMILY_PC },
    { "x86_64", "microvm", "microvm-", FAMILY_MICROVM },
    { "aarch64", "virt", "virt-", FAMILY_VIRT },
};

enum family
machine_family (const char *arch, const char *machine)
{
    for (size_t i = 0; i < ARRAY_SIZE (families); i++) {
        if (!strcmp (families[i].arch, arch)
            && (!strcmp (families[i].alias, machine)
                || !strncmp (families[i].prefix, machine,
                             strlen (families[i].prefix)))) {
            return families[i].family;
        }
    }
    return FAMILY_OTHER;
}

const char *
machine_default (const char *arch)
{
    for (size_t i = 0; i < ARRAY_SIZE (families); i++) {
        if (!strcmp (families[i].arch, arch)) {
            return families[i].alias;
        }
    }
    return NULL;
}

/* The CD-ROM drives that args-disk.c can wire: two IDE channels of two, six
 * AHCI ports of one, or a SCSI bus (of more; a round figure). */
unsigned int
machine_max_cdroms (enum family family)
{
    static const unsigned int max[] = {
        [FAMILY_PC] = 4, [FAMILY_Q35] = 6, [FAMILY_VIRT] = 16
    };

    return family < ARRAY_SIZE (max) ? max[family] : 0;
}

bool
arch_is_known (const char *arch)
{
    return machine_default (arch) != NULL;
}

bool
arch_is_host (const char *arch)
{
    struct utsname u;

    return uname (&u) == 0 && !strcmp (u.machine, arch);
}

/* Is it letters, digits, and 'more', and at least one? */
bool
is_word (const char *text, const char *more)
{
    const char *p = text;

    while (isalnum ((unsigned char)*p) || (*p && strchr (more, *p))) {
        p++;
    }
    return p > text && *p == '\0';
}

/* Stores the start of the word's value, which ends at a space. */
bool
find_word (const char *list, const char *word, const char **value)
{
    size_t len = strlen (word);

    for (const char *p = list; *p; p += strcspn (p, " ")) {
        p += strspn (p, " ");
        if (!strncmp (p, word, len) && strchr (" =", p[len])) {
            *value = p[len] == '=' ? p + len + 1 : "";
            return true;
        }
    }
    return false;
}

/* The length of the common prefix of two words. */
static size_t
shared (const char *a, const char *b)
{
    size_t n = 0;

    while (a[n]
           && tolower ((unsigned char)a[n]) == tolower ((unsigned char)b[n])) {
        n++;
    }
    return n;
}

/* The first four of "a, b, c". */
static const char *
first_four (struct hv_ctx *ctx, const char *names)
{
    size_t len = 0;

    for (int i = 0; i < 4; i++) {
        len += strcspn (names + len, ",");
        len += i < 3 && names[len] == ',';
    }
    return hv_format (ctx, "%.*s", (int)len, names);
}

/* Returns up to four words with the longest common prefix with 'wanted', the
 * last of the list first, "b, a"; "" if there are none. */
const char *
nearest_words (struct hv_ctx *ctx, const char *list, const char *wanted)
{
    const char *near = "";
    size_t best = 1;

    for (const char *p = list; *p; p += strcspn (p, " ")) {
        size_t n;

        p += strspn (p, " ");
        n = shared (wanted, p);
        if (n < best) {
            continue;
        }
        near =
            hv_format (ctx, "%.*s%s%s", (int)strcspn (p, " ="), p,
                       n == best && *near ? ", " : "", n == best ? near : "");
        best = n;
    }
    return first_four (ctx, near);
}
