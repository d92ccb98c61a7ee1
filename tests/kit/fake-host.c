/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The host that plugins are tested against; see fake-host.h. */

#include "fake-host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"

extern char **environ;

struct fake_block {
    struct fake_block *next;
    max_align_t data[];
};

static void init_host (struct hv_host *host);

/* The test is wrong, or the plugin breaks the contract: no test may pass. */
static void __attribute__ ((noreturn, format (printf, 1, 2)))
bug (const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    fputs ("fake host: ", stderr);
    vfprintf (stderr, fmt, args);
    fputc ('\n', stderr);
    va_end (args);
    abort ();
}

/* Counts one more entry of an array of FAKE_MAX. */
static size_t
next_index (size_t *n)
{
    if (*n >= FAKE_MAX) {
        bug ("more than %d entries", FAKE_MAX);
    }
    return (*n)++;
}

/* Of its own: this file and its header are for plugins of others, too. */
static int64_t
now (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 'ctx' is the first member. */
static struct fake *
fake_of (struct hv_ctx *ctx)
{
    return (struct fake *)ctx;
}

static char *
copy (struct fake *f, const char *s)
{
    return s ? hv_format (&f->ctx, "%s", s) : NULL;
}

struct fake *
fake_new (const struct hv_plugin *plugin)
{
    struct fake *f = calloc (1, sizeof *f);

    if (!f) {
        bug ("out of memory");
    }
    init_host (&f->host);
    f->ctx.host = &f->host;
    f->socket = -1;
    fake_limit (f, 10000);
    if (plugin) {
        fake_open (f, plugin);
    }
    return f;
}

int
fake_open (struct fake *f, const struct hv_plugin *plugin)
{
    int r = 0;

    f->plugin = plugin;
    if (!f->own) {
        f->own = fake_options (f, plugin->keys, NULL);
    }
    if (plugin->open) {
        r = plugin->open (&f->ctx);
    }
    f->opened = r == 0;
    return r;
}

void
fake_free (struct fake *f)
{
    if (f->opened && f->plugin->close) {
        f->plugin->close (&f->ctx);
    }
    close_fd (f->socket);
    while (f->blocks) {
        struct fake_block *next = f->blocks->next;

        free (f->blocks);
        f->blocks = next;
    }
    free (f);
}

void
fake_reset (struct fake *f)
{
    f->error = 0;
    f->message = NULL;
    f->connected = NULL;
    f->n_log = f->n_programs = 0;
}

static const struct hv_key *
find_key (const struct hv_key *keys, const char *name)
{
    for (; keys && keys->name; keys++) {
        if (!strcmp (keys->name, name)) {
            return keys;
        }
    }
    bug ("key '%s' is not declared", name);
}

const struct hv_options *
fake_options (struct fake *f, const struct hv_key *keys, ...)
{
    struct hv_options *o = hv_alloc (&f->ctx, sizeof *o);
    const char *key;
    va_list args;

    o->keys = keys;
    va_start (args, keys);
    while ((key = va_arg (args, const char *))) {
        struct fake_pair *pair = &o->pairs[next_index (&o->n)];

        pair->key = find_key (keys, key)->name;
        pair->value = copy (f, va_arg (args, const char *));
    }
    va_end (args);
    return o;
}

void
fake_fact (struct fake *f, const char *key, const char *value)
{
    f->facts[next_index (&f->n_facts)] =
        (struct fake_pair){ copy (f, key), copy (f, value) };
}

void
fake_answer (struct fake *f, const char *words, int error, const char *text)
{
    f->answers[next_index (&f->n_answers)] = (struct fake_answer){
        .words = copy (f, words), .text = copy (f, text), .error = error
    };
}

void
fake_limit (struct fake *f, int64_t ms)
{
    f->deadline = now () + ms;
}

struct hv_list *
fake_list (struct fake *f)
{
    return hv_alloc (&f->ctx, sizeof (struct hv_list));
}

struct hv_chain *
fake_chain (struct fake *f)
{
    return hv_alloc (&f->ctx, sizeof (struct hv_chain));
}

struct hv_launch *
fake_launch (struct fake *f, bool by_path)
{
    struct hv_launch *launch = hv_alloc (&f->ctx, sizeof *launch);

    launch->by_path = by_path;
    return launch;
}

const char *
fake_list_get (const struct hv_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (!strcmp (list->entries[i].name, name)) {
            return list->entries[i].detail ? list->entries[i].detail : "";
        }
    }
    return NULL;
}

const char *
fake_arg (const struct hv_launch *launch, const char *option, size_t n)
{
    for (size_t i = 0; i < launch->n_args; i++) {
        if (!strcmp (launch->args[i], option) && n-- == 0) {
            return launch->args[i + 1];
        }
    }
    return NULL;
}

bool
fake_has_arg (const struct hv_launch *launch, const char *arg)
{
    for (size_t i = 0; i < launch->n_args; i++) {
        if (!strcmp (launch->args[i], arg)) {
            return true;
        }
    }
    return false;
}

static const char *
join (struct fake *f, const char *const *words)
{
    const char *all = "";

    for (; *words; words++) {
        all = hv_format (&f->ctx, "%s%s%s", all, *all ? " " : "", *words);
    }
    return all;
}

const char *
fake_command (struct fake *f, const struct hv_launch *launch)
{
    return join (f, launch->args);
}

const struct fake_fd *
fake_fd (const struct hv_launch *launch, enum fake_fd_kind kind,
         const char *what)
{
    for (size_t i = 0; i < launch->n_fds; i++) {
        if (launch->fds[i].kind == kind
            && !strcmp (launch->fds[i].what, what)) {
            return &launch->fds[i];
        }
    }
    return NULL;
}

bool
fake_needs (const struct hv_launch *launch, const char *group)
{
    for (size_t i = 0; i < launch->n_needs; i++) {
        if (!strcmp (launch->needs[i], group)) {
            return true;
        }
    }
    return false;
}

bool
fake_logged (const struct fake *f, enum hv_level level, const char *text)
{
    for (size_t i = 0; i < f->n_log; i++) {
        if (f->log[i].level == level && strstr (f->log[i].text, text)) {
            return true;
        }
    }
    return false;
}

/* ----------------------------------------------- The services themselves */

static void *
host_alloc (struct hv_ctx *ctx, size_t size)
{
    struct fake *f = fake_of (ctx);
    struct fake_block *block = calloc (1, sizeof *block + size);

    if (!block) {
        bug ("out of memory");
    }
    block->next = f->blocks;
    f->blocks = block;
    return block->data;
}

static HV_PRINTF (2, 0) char *vformat (struct hv_ctx *ctx, const char *fmt,
                                       va_list args)
{
    CLEANUP_FREE char *s = NULL;
    size_t size;

    if (vasprintf (&s, fmt, args) < 0) {
        bug ("out of memory");
    }
    size = strlen (s) + 1;
    return memcpy (host_alloc (ctx, size), s, size);
}

static HV_PRINTF (2, 3) char *host_format (struct hv_ctx *ctx, const char *fmt,
                                           ...)
{
    va_list args;
    char *s;

    va_start (args, fmt);
    s = vformat (ctx, fmt, args);
    va_end (args);
    return s;
}

static HV_PRINTF (3, 4) int host_fail (struct hv_ctx *ctx, int err,
                                       const char *fmt, ...)
{
    struct fake *f = fake_of (ctx);
    va_list args;
    size_t len;

    va_start (args, fmt);
    f->message = vformat (ctx, fmt, args);
    va_end (args);
    f->error = err;
    len = strlen (f->message);
    if (err <= 0) {
        bug ("hv_fail() with error %d: '%s'", err, f->message);
    }
    if (len == 0 || strchr ("\n.", f->message[len - 1])) {
        bug ("hv_fail() wants a sentence without full stop: '%s'", f->message);
    }
    return -err;
}

static HV_PRINTF (3, 4) void host_log (struct hv_ctx *ctx, enum hv_level level,
                                       const char *fmt, ...)
{
    struct fake *f = fake_of (ctx);
    struct fake_line *line = &f->log[next_index (&f->n_log)];
    va_list args;

    va_start (args, fmt);
    line->text = vformat (ctx, fmt, args);
    line->level = level;
    va_end (args);
}

static const char *
host_option (struct hv_ctx *ctx, const struct hv_options *options,
             const char *key)
{
    const struct hv_options *o = options ? options : fake_of (ctx)->own;

    for (size_t i = 0; i < o->n; i++) {
        if (!strcmp (o->pairs[i].key, key)) {
            return o->pairs[i].value;
        }
    }
    return find_key (o->keys, key)->fallback;
}

static int64_t
host_remaining (struct hv_ctx *ctx)
{
    int64_t left = fake_of (ctx)->deadline - now ();

    return left > 0 ? left : 0;
}

/* Waits for the end of a child, or kills it.  Not by a pidfd: valgrind knows
 * none. */
static int
wait_child (pid_t pid, int64_t timeout, int *status)
{
    int64_t until = now () + timeout;

    while (waitpid (pid, status, WNOHANG) == 0) {
        if (now () >= until) {
            kill (pid, SIGKILL);
            waitpid (pid, status, 0);
            return -ETIMEDOUT;
        }
        poll (NULL, 0, 1);
    }
    return 0;
}

static const char *
read_all (struct fake *f, FILE *file)
{
    long size;
    char *text;

    fseek (file, 0, SEEK_END);
    size = ftell (file);
    rewind (file);
    text = hv_alloc (&f->ctx, (size_t)size + 1);
    text[fread (text, 1, (size_t)size, file)] = '\0';
    return text;
}

static const char *
last_words (struct fake *f, FILE *file)
{
    char *text = copy (f, read_all (f, file));
    size_t len = strlen (text);

    while (len > 0 && strchr (".\n", text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

/* All that is left. */
static int
pass (int from, int to)
{
    char buffer[65536];
    ssize_t n;

    while ((n = read (from, buffer, sizeof buffer)) > 0) {
        if (write (to, buffer, (size_t)n) != n) {
            return -1;
        }
    }
    return (int)n;
}

/* Runs it for real.  Temporary files in place of pipes: nothing can block. */
static int
execute (struct fake *f, const struct hv_program *p, const char **out)
{
    CLEANUP_FCLOSE FILE *in = tmpfile ();
    CLEANUP_FCLOSE FILE *output = tmpfile ();
    CLEANUP_FCLOSE FILE *errors = tmpfile ();
    posix_spawn_file_actions_t actions;
    int status, r;
    pid_t pid;

    if (!in || !output || !errors) {
        bug ("no temporary file: %m");
    }
    if (p->input) {
        fwrite (p->input, 1, p->input_size ? p->input_size : strlen (p->input),
                in);
        fflush (in);
    }
    if (p->input_fd) {
        pass (*p->input_fd, fileno (in));
    }
    lseek (fileno (in), 0, SEEK_SET);
    posix_spawn_file_actions_init (&actions);
    posix_spawn_file_actions_adddup2 (&actions, fileno (in), 0);
    posix_spawn_file_actions_adddup2 (&actions, fileno (output), 1);
    posix_spawn_file_actions_adddup2 (&actions, fileno (errors), 2);
    r = posix_spawnp (&pid, p->argv[0], &actions, NULL, (char *const *)p->argv,
                      environ);
    posix_spawn_file_actions_destroy (&actions);
    if (r) {
        return hv_fail (&f->ctx, r, "cannot run %s: %s", p->argv[0],
                        strerror (r));
    }
    if (wait_child (pid, p->timeout ? p->timeout : 30000, &status) < 0) {
        return hv_fail (&f->ctx, ETIMEDOUT, "%s took too long", p->argv[0]);
    }
    if (status != 0) {
        return hv_fail (&f->ctx, EIO, "%s failed (wait status %d): %s",
                        p->argv[0], status, last_words (f, errors));
    }
    if (p->output_fd) {
        lseek (fileno (output), 0, SEEK_SET);
        if (pass (fileno (output), *p->output_fd) < 0) {
            return hv_fail (&f->ctx, errno, "cannot write the output of %s: %m",
                            p->argv[0]);
        }
    } else if (out) {
        *out = read_all (f, output);
    }
    return 0;
}

/* Do the words, taken without the program's directory, begin so? */
static bool
matches (const struct fake_program *p, const char *words)
{
    const char *slash = strrchr (p->argv[0], '/');
    const char *from = slash ? p->words + (slash + 1 - p->argv[0]) : p->words;
    size_t len = strlen (words);

    return !strncmp (from, words, len)
           && (from[len] == '\0' || from[len] == ' ');
}

static struct fake_answer *
find_answer (struct fake *f, const struct fake_program *p)
{
    struct fake_answer *last = NULL;

    for (size_t i = 0; i < f->n_answers; i++) {
        if (matches (p, f->answers[i].words)) {
            last = &f->answers[i];
            if (!last->used) {
                break;
            }
        }
    }
    return last;
}

static int
program (struct hv_ctx *ctx, const struct hv_program *p, const char **out,
         bool run)
{
    struct fake *f = fake_of (ctx);
    struct fake_program *record = &f->programs[next_index (&f->n_programs)];
    struct fake_answer *answer;
    size_t n = 0;

    if (p->size != sizeof *p || !p->argv || !p->argv[0]) {
        bug ("struct hv_program without its size or argv");
    }
    *record = (struct fake_program){ .words = join (f, p->argv),
                                     .input = copy (f, p->input),
                                     .timeout = p->timeout,
                                     .run = run,
                                     .devices = p->devices };
    record->needs = p->needs ? join (f, p->needs) : NULL;
    while (p->argv[n]) {
        n++;
    }
    record->argv = hv_alloc (ctx, (n + 1) * sizeof *record->argv);
    while (n-- > 0) {
        record->argv[n] = copy (f, p->argv[n]);
    }
    answer = find_answer (f, record);
    if (!answer && f->execute) {
        return execute (f, p, out);
    }
    if (!answer || answer->error) {
        return hv_fail (ctx, answer ? answer->error : ENOENT, "%s",
                        answer ? answer->text : record->words);
    }
    answer->used = true;
    if (out) {
        *out = answer->text;
    }
    return 0;
}

static int
host_ask (struct hv_ctx *ctx, const struct hv_program *p, const char **out)
{
    return program (ctx, p, out, false);
}

static int
host_run (struct hv_ctx *ctx, const struct hv_program *p, const char **out)
{
    return program (ctx, p, out, true);
}

static int
host_connect (struct hv_ctx *ctx, const char *rundir, const char *name)
{
    struct fake *f = fake_of (ctx);

    f->connected = copy (f, name);
    if (f->socket < 0) {
        return hv_fail (ctx, ECONNREFUSED, "nobody listens at %s/%s.sock",
                        rundir, name);
    }
    fcntl (f->socket, F_SETFD, FD_CLOEXEC);
    fcntl (f->socket, F_SETFL, fcntl (f->socket, F_GETFL) | O_NONBLOCK);
    return steal_fd (&f->socket);
}

static const char *
host_fact (struct hv_ctx *ctx, const char *key)
{
    struct fake *f = fake_of (ctx);

    for (size_t i = f->n_facts; i-- > 0;) {
        if (!strcmp (f->facts[i].key, key)) {
            return f->facts[i].value;
        }
    }
    return NULL;
}

static void
host_add (struct hv_ctx *ctx, struct hv_list *list, const char *name,
          const char *detail)
{
    struct fake *f = fake_of (ctx);

    list->entries[next_index (&list->n)] =
        (struct fake_entry){ copy (f, name), copy (f, detail) };
}

static void
host_layer (struct hv_ctx *ctx, struct hv_chain *chain, const char *path,
            const char *format)
{
    struct fake *f = fake_of (ctx);
    size_t i = next_index (&chain->n);

    if (!path || path[0] != '/' || !format) {
        bug ("a layer needs an absolute path and a format");
    }
    chain->layers[i] = (struct hv_layer){ copy (f, path), copy (f, format) };
    chain->pointers[i] = &chain->layers[i];
}

static HV_PRINTF (3, 4) void host_arg (struct hv_ctx *ctx,
                                       struct hv_launch *launch,
                                       const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    launch->args[next_index (&launch->n_args)] = vformat (ctx, fmt, args);
    va_end (args);
}

static int
add_fd (struct hv_ctx *ctx, struct hv_launch *launch, enum fake_fd_kind kind,
        const char *what, uint32_t flags)
{
    size_t i = next_index (&launch->n_fds);

    /* 0 to 2 are standard input, output and error. */
    launch->fds[i] = (struct fake_fd){ kind, copy (fake_of (ctx), what), flags,
                                       launch->by_path ? -1 : (int)i + 3 };
    return launch->fds[i].number;
}

static int
host_open (struct hv_ctx *ctx, struct hv_launch *launch, const char *path,
           uint32_t flags)
{
    return add_fd (ctx, launch, FAKE_OPEN, path, flags);
}

static int
host_listen (struct hv_ctx *ctx, struct hv_launch *launch, const char *name)
{
    return add_fd (ctx, launch, FAKE_LISTEN, name, 0);
}

static int
host_console (struct hv_ctx *ctx, struct hv_launch *launch)
{
    launch->relayed = true;
    return add_fd (ctx, launch, FAKE_LISTEN, "console", 0);
}

static int
host_logfile (struct hv_ctx *ctx, struct hv_launch *launch, const char *name)
{
    return add_fd (ctx, launch, FAKE_LOGFILE, name, 0);
}

static int
host_port (struct hv_ctx *ctx, struct hv_launch *launch, const char *nic,
           uint32_t queue)
{
    return add_fd (ctx, launch, FAKE_PORT, nic, queue);
}

static const char *
host_expose (struct hv_ctx *ctx, struct hv_launch *launch, const char *path)
{
    return launch->exposed[next_index (&launch->n_exposed)] =
               copy (fake_of (ctx), path);
}

static void
host_progress (struct hv_ctx *ctx, uint64_t done, uint64_t total)
{
    fake_of (ctx)->total = total;
}

static void
host_need (struct hv_ctx *ctx, struct hv_launch *launch, const char *group)
{
    launch->needs[next_index (&launch->n_needs)] = copy (fake_of (ctx), group);
}

static void
host_lend (struct hv_ctx *ctx, struct hv_launch *launch, const char *path,
           uint32_t flags)
{
    size_t i;

    if (!launch->by_path) {
        i = next_index (&launch->n_lent);
        launch->lent[i].path = hv_format (ctx, "%s", path);
        launch->lent[i].flags = flags;
    }
}

static void
host_watch (struct hv_ctx *ctx, struct hv_launch *launch, const char *logfile,
            const char *word)
{
    launch->watched = hv_format (ctx, "%s: %s", logfile, word);
}

static const char *
host_owner (struct hv_ctx *ctx)
{
    return fake_of (ctx)->owner;
}

static int
host_nic_fd (struct hv_ctx *ctx, const struct hv_vm *vm, const char *nic,
             uint32_t queue)
{
    struct fake *f = fake_of (ctx);

    (void)vm;
    (void)nic;
    (void)queue;
    return f->next_nic_fd < f->n_nic_fds ? f->nic_fds[f->next_nic_fd++] : -1;
}

static void
init_host (struct hv_host *host)
{
    *host = (struct hv_host){
        .fail = host_fail,
        .log = host_log,
        .alloc = host_alloc,
        .format = host_format,
        .option = host_option,
        .remaining = host_remaining,
        .ask = host_ask,
        .run = host_run,
        .connect = host_connect,
        .fact = host_fact,
        .add = host_add,
        .layer = host_layer,
        .arg = host_arg,
        .open = host_open,
        .listen = host_listen,
        .logfile = host_logfile,
        .port = host_port,
        .expose = host_expose,
        .need = host_need,
        .lend = host_lend,
        .nic_fd = host_nic_fd,
        .progress = host_progress,
        .watch = host_watch,
        .console = host_console,
        .owner = host_owner,
    };
}
