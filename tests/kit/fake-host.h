/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A host of our own, to test one plugin without any of the core.
 *
 *   struct fake *f = fake_new (&hv_plugin);
 *   struct hv_port port = {
 *       .options = fake_options (f, hv_plugin.network->keys,
 *                                "parent", "eth0", NULL), ...
 *   };
 *   assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic),
 *                     -ENODEV);
 *   assert_string_equal (f->message, "there is no interface 'eth0'");
 *   fake_free (f);
 *
 *   Options    fake_options() makes a section.  A key that is not in the
 *              table of struct hv_key aborts the test, whether the test sets
 *              it or the plugin asks for it: the core would return null, and
 *              nobody would notice.  A key that is not set has its default.
 *              'f->own' is the plugin's own section of the host configuration
 *              (options == NULL); replace it at will.
 *   Facts      fake_fact (f, "version", "7.2.22").
 *   Programs   hv_ask() and hv_run() record what they were given in
 *              f->programs[] and answer what fake_answer() said.  A program
 *              with no answer fails with ENOENT, unless f->execute is set:
 *              then it is really run.
 *   Sockets    hv_connect() hands out f->socket, once (it is then -1, and the
 *              next call fails with ECONNREFUSED), and stores the name it was
 *              asked for in f->connected.
 *   Time       hv_remaining() counts down from 10 s; see fake_limit().
 *   Results    fake_list(), fake_chain() and fake_launch() make the collectors
 *              that operations fill; their members are below.
 *   Memory     All of it, also what these functions return, lives until
 *              fake_free().  A leak checker thus sees only the plugin's.
 *
 * fake_new() calls the plugin's open(), fake_free() its close().  If open()
 * fails, fake_new() returns the fake with f->opened unset and f->error and
 * f->message as open() left them.  To set options or answers before open(),
 * call fake_new (NULL), set them, then fake_open (f, &hv_plugin).
 *
 * This file needs no cmocka. */
#ifndef TESTS_FAKE_HOST_H
#define TESTS_FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hvctl/plugin.h"

#define FAKE_MAX 256 /* Of anything; more aborts. */

struct fake_pair {
    const char *key, *value;
};

struct hv_options {
    const struct hv_key *keys;
    struct fake_pair pairs[FAKE_MAX];
    size_t n;
};

struct fake_entry {
    const char *name, *detail;
};

struct hv_list {
    struct fake_entry entries[FAKE_MAX];
    size_t n;
};

struct hv_chain {
    struct hv_layer layers[FAKE_MAX];
    const struct hv_layer *pointers[FAKE_MAX + 1]; /* As hv_disk has. */
    size_t n;
};

enum fake_fd_kind { FAKE_OPEN, FAKE_LISTEN, FAKE_LOGFILE, FAKE_PORT };

struct fake_fd {
    enum fake_fd_kind kind;
    const char *what; /* The path, the name, or the NIC. */
    uint32_t flags;   /* hv_open_flags; of FAKE_PORT: the queue. */
    int number;       /* As the plugin was told; -1: by_path. */
};

struct hv_launch {
    bool by_path;
    const char *args[FAKE_MAX + 1]; /* Ends in null. */
    size_t n_args;
    struct fake_fd fds[FAKE_MAX];
    size_t n_fds;
    const char *exposed[FAKE_MAX];
    size_t n_exposed;
    const char *needs[FAKE_MAX];
    size_t n_needs;
    struct {
        const char *path;
        uint32_t flags;
    } lent[FAKE_MAX];
    size_t n_lent;
    const char *watched; /* "LOG: WORD" or null */
    bool relayed;        /* By hv_console(). */
};

/* A program that the plugin ran, or would have run. */
struct fake_program {
    const char *words; /* argv, joined by spaces. */
    const char **argv;
    const char *input; /* Or null. */
    const char *needs; /* Joined by spaces, or null: a helper. */
    int64_t timeout;   /* As given: null for the default. */
    bool run;          /* hv_run(), not hv_ask(). */
    bool devices;
};

struct fake_answer {
    const char *words, *text;
    int error;
    bool used;
};

struct fake_line {
    enum hv_level level;
    const char *text;
};

struct fake {
    struct hv_ctx ctx; /* What operations get. */
    struct hv_host host;
    const struct hv_plugin *plugin;
    bool opened;

    uint64_t total;      /* What hv_progress() said last. */
    int error;           /* What hv_fail() said last: positive... */
    const char *message; /* ...or null: it was not called. */

    struct fake_line log[FAKE_MAX];
    size_t n_log;

    const struct hv_options *own;
    struct fake_pair facts[FAKE_MAX];
    size_t n_facts;

    bool execute;
    struct fake_answer answers[FAKE_MAX];
    size_t n_answers;
    struct fake_program programs[FAKE_MAX];
    size_t n_programs;

    int socket;
    const char *connected;
    int nic_fds[FAKE_MAX]; /* hv_nic_fd() gives them in turn. */
    size_t n_nic_fds, next_nic_fd;

    const char *owner; /* hv_owner() */

    int64_t deadline;
    struct fake_block *blocks;
};

struct fake *fake_new (const struct hv_plugin *plugin);
int fake_open (struct fake *f, const struct hv_plugin *plugin);
void fake_free (struct fake *f);

/* Forgets message, log and programs, between two steps of a test. */
void fake_reset (struct fake *f);

/* Keys and values in turn, then NULL. */
const struct hv_options *fake_options (struct fake *f,
                                       const struct hv_key *keys, ...)
    __attribute__ ((sentinel));

void fake_fact (struct fake *f, const char *key, const char *value);

/* Answers each program whose words begin with 'words' ("qemu-img info"; the
 * program counts by its last path component).  With 'error' 0 it prints
 * 'text', else it fails so.  Of several answers to the same words each serves
 * once, in order, and the last one for ever. */
void fake_answer (struct fake *f, const char *words, int error,
                  const char *text);

/* Lets hv_remaining() be 'ms' from now on, counting down. */
void fake_limit (struct fake *f, int64_t ms);

struct hv_list *fake_list (struct fake *f);
struct hv_chain *fake_chain (struct fake *f);
struct hv_launch *fake_launch (struct fake *f, bool by_path);

/* What the tests ask of collectors. */

/* Returns the detail of the entry ("" if it has none), or null. */
const char *fake_list_get (const struct hv_list *list, const char *name);

/* Returns the 'n'th (from 0) argument that follows 'option', or null. */
const char *fake_arg (const struct hv_launch *launch, const char *option,
                      size_t n);

/* Is 'arg' among the arguments? */
bool fake_has_arg (const struct hv_launch *launch, const char *arg);

/* The arguments, joined by spaces. */
const char *fake_command (struct fake *f, const struct hv_launch *launch);

/* The descriptor with this meaning, or null. */
const struct fake_fd *fake_fd (const struct hv_launch *launch,
                               enum fake_fd_kind kind, const char *what);

bool fake_needs (const struct hv_launch *launch, const char *group);

/* Has a line of the log this text in it? */
bool fake_logged (const struct fake *f, enum hv_level level, const char *text);

/* For cmocka: '*state' is a fake of the plugin that the test is linked with. */
static inline int
fake_setup (void **state)
{
    *state = fake_new (&hv_plugin);
    return 0;
}

static inline int
fake_teardown (void **state)
{
    fake_free (*state);
    return 0;
}

/* For struct hv_disk. */
#define LAYERS(...)                                                            \
    (const struct hv_layer *const[])                                           \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }
#define LAYER(p, f) (&(const struct hv_layer){ .path = (p), .format = (f) })

#endif /* TESTS_FAKE_HOST_H */
