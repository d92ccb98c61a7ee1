/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/cloud-init.h"

#include <string.h>

#include "common/cleanup.h"
#include "core/config/about.h"
#include "core/config/keys.h"
#include "core/config/pairs.h"
#include "core/config/settings.h"

#define KEYS_MAX 64
#define KEY_MAX 16384 /* An RSA key of 16384 bits has 2.8 KiB. */
#define HOST_MAX 253
#define LABEL_MAX 63
#define USER_MAX 32
#define ID_MAX 255
#define HASH_MAX 512

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool
consists_of (const char *text, const char *characters, size_t most)
{
    size_t n = strspn (text, characters);

    return n && !text[n] && n <= most;
}

/* ------------------------------------------------------------------- Keys */

bool
cloud_init_is_key (const char *text)
{
    static const char *const types[] = { "ssh-", "ecdsa-", "sk-" };
    size_t len = strcspn (text, " "), data;
    bool known = false;

    for (size_t i = 0; i < ARRAY_SIZE (types); i++) {
        known |= !strncmp (text, types[i], strlen (types[i]));
    }
    if (!known || text[len] != ' ' || strlen (text) > KEY_MAX) {
        return false;
    }
    data = strspn (text + len + 1, LETTERS CAPITALS DIGITS "+/=");
    /* Each begins with the length of its type, which takes less than 256. */
    return data >= 40 && !strncmp (text + len + 1, "AAAA", 4)
           && (!text[len + 1 + data] || text[len + 1 + data] == ' ')
           && about_is_printable (text);
}

bool
cloud_init_is_hash (const char *text)
{
    static const char *const kinds[] = { "$5$", "$6$", "$2a$", "$2y$" };
    const char *second = NULL;

    for (size_t i = 0; i < ARRAY_SIZE (kinds); i++) {
        if (!strncmp (text, kinds[i], strlen (kinds[i]))) {
            second = text + strlen (kinds[i]);
        }
    }
    return second && strchr (second, '$') > second
           && strlen (strrchr (text, '$')) > 20
           && consists_of (text, LETTERS CAPITALS DIGITS "$./=", HASH_MAX);
}

/* "{a, b}" is "a,b" here: a key has no comma but in its comment. */
static void
read_keys (struct cloud_init *c, struct problems *p)
{
    const char *rest = settings_get (c->section, "ssh_keys");

    while (rest) {
        const char *comma = strchr (rest, ',');
        const char *one = arena_dup_n (
            p->arena, rest, comma ? (size_t)(comma - rest) : strlen (rest));

        if (one[0] != '/' && !cloud_init_is_key (one)) {
            settings_problem (
                p, c->section, "ssh_keys",
                "ssh_keys: '%.40s%s' is neither a public key (ssh-ed25519 "
                "AAAA…) nor the absolute path of a file with public keys",
                one, strlen (one) > 40 ? "…" : "");
        }
        vec_add (p->arena, &c->ssh_keys, (void *)one);
        rest = comma ? comma + 1 : NULL;
    }
    if (c->ssh_keys.n > KEYS_MAX) {
        settings_problem (p, c->section, "ssh_keys",
                          "ssh_keys has %zu keys: at most %d are accepted, or "
                          "a file with them",
                          c->ssh_keys.n, KEYS_MAX);
    }
}

static void
check_password (const struct cloud_init *c, struct problems *p)
{
    if (c->password_hash && *c->password_hash != '/'
        && !cloud_init_is_hash (c->password_hash)) {
        settings_problem (
            p, c->section, "password_hash",
            "password_hash is not the hash of a password that cloud-init "
            "knows ($6$, $5$, $2y$, $2a$); a password itself is never "
            "accepted: 'openssl passwd -6' asks for it, and prints its "
            "hash, which may be in a file, too");
    }
}

/* ------------------------------------------------------------------ Names */

static bool
is_host_name (const char *text)
{
    size_t len = strlen (text);

    for (const char *at = text; len && len <= HOST_MAX;) {
        size_t n = strspn (at, LETTERS CAPITALS DIGITS "-");

        if (!n || n > LABEL_MAX || at[0] == '-' || at[n - 1] == '-') {
            return false;
        }
        if (!at[n]) {
            return true;
        }
        if (at[n] != '.') {
            return false;
        }
        at += n + 1;
    }
    return false;
}

/* A VM's name may have underscores, and dots in the wrong places. */
static const char *
default_host_name (struct arena *a, const char *vm)
{
    char *name = arena_dup (a, vm);

    for (char *at = name; *at; at++) {
        *at = *at == '_' ? '-' : *at;
    }
    if (is_host_name (name)) {
        return name;
    }
    for (char *at = name; *at; at++) {
        *at = *at == '.' ? '-' : *at;
    }
    for (size_t n = strlen (name); n && name[n - 1] == '-'; n--) {
        name[n - 1] = '\0';
    }
    return name;
}

static void
check_names (const struct cloud_init *c, struct problems *p)
{
    if (c->hostname && !is_host_name (c->hostname)) {
        settings_problem (p, c->section, "hostname",
                          "hostname = %.80s is not a host name: it consists of "
                          "letters, digits, '-' and '.', with at most %d "
                          "characters between dots",
                          c->hostname, LABEL_MAX);
    }
    if (c->user
        && (!consists_of (c->user, LETTERS DIGITS "_-", USER_MAX)
            || !strchr (LETTERS "_", c->user[0]))) {
        settings_problem (p, c->section, "user",
                          "user = %.80s is not the name of a user: it consists "
                          "of small letters, digits, '_' and '-', at most %d, "
                          "and begins with a letter or '_'",
                          c->user, USER_MAX);
    }
    if (c->instance_id
        && !consists_of (c->instance_id, LETTERS CAPITALS DIGITS "._-",
                         ID_MAX)) {
        settings_problem (p, c->section, "instance_id",
                          "instance_id = %.80s: it consists of letters, "
                          "digits, '.', '_' and '-', at most %d",
                          c->instance_id, ID_MAX);
    }
}

/* Without any of these nobody can log in: there is no default password. */
static void
check_way_in (const struct cloud_init *c, struct problems *p)
{
    if (!c->seed && !c->ssh_keys.n && !c->password_hash && !c->user_data
        && !c->meta_data) {
        settings_problem (
            p, c->section, NULL,
            "cloud_init gives nobody a way to log in: set ssh_keys = "
            "{ /home/me/.ssh/id_ed25519.pub }, password_hash or user_data");
    }
}

void
cloud_init_read (struct hvctl *h, struct definition *def,
                 const struct hv_options *s, struct problems *p)
{
    struct cloud_init *c = arena_alloc (&h->arena, sizeof *c);
    size_t problems = p->lines.n;

    settings_check ((struct hv_options *)s, cloud_init_keys, p);
    pairs_check (s, p);
    c->section = s;
    c->seed = settings_get (s, "seed");
    c->user = settings_get (s, "user");
    c->password_hash = settings_get (s, "password_hash");
    c->hostname = settings_get (s, "hostname");
    c->instance_id = settings_get (s, "instance_id");
    c->user_data = settings_get (s, "user_data");
    c->meta_data = settings_get (s, "meta_data");
    c->network_config = settings_get (s, "network_config");
    def->cloud_init = c;
    if (settings_unknown (s) || p->lines.n > problems) {
        return;
    }
    read_keys (c, p);
    check_password (c, p);
    check_names (c, p);
    check_way_in (c, p);
    c->hostname =
        c->hostname ? c->hostname : default_host_name (&h->arena, def->name);
}
