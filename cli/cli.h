/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the commands share: the one table of commands, parsed options,
 * results. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/hvctl.h"
#include "core/json.h"

struct option_def {
    const char *name; /* "memory", as --memory */
    char letter;      /* Or 0. */
    const char *arg;  /* "SIZE", or null for a flag. */
    const char *summary;
    const char *words; /* What may stand there, for completion:
                        * "auto kvm tcg", "FILE", or null. */
};

enum {
    CMD_CHANGES = 1 << 0,   /* Sweeps first; probes may run. */
    CMD_HIDDEN = 1 << 1,    /* Not in the usage text. */
    CMD_NO_CONFIG = 1 << 2, /* Works without hvctl.conf. */
};

/* What the positional arguments are. */
enum args {
    ARGS_NONE,
    ARGS_NEW_VM,
    ARGS_VM,
    ARGS_VMS,
    ARGS_ANY_VMS,
    ARGS_VM_MORE, /* And other words. */
    ARGS_PLUGIN,
    ARGS_WORDS
};

#define MAX_OPTIONS 24

struct cli;

struct command {
    const char *name; /* "plugin list" */
    enum args args;
    const char *usage; /* Of the arguments: "NAME…" */
    const char *summary;
    int (*run) (struct cli *);
    unsigned flags;
    struct option_def options[MAX_OPTIONS]; /* Ends in a null name. */
    const char *help;                       /* More lines, or null. */
};

extern const struct command commands[]; /* Ends in a null name. */
extern const struct option_def global_options[];

struct cli {
    struct hvctl h;
    const struct command *command;
    struct vec values[MAX_OPTIONS]; /* Per option: char * given. */
    struct vec args;                /* char * */
    const char *conf;
    bool json;
    struct error err;
};

/* Has the option been given?  Its last value; all of them. */
bool has_option (const struct cli *c, const char *name);
const char *option_value (const struct cli *c, const char *name);
const struct vec *option_values (const struct cli *c, const char *name);

/* Parses; returns an exit code, or -1 to go on. */
int parse_command_line (struct cli *c, int argc, char **argv);

void print_usage (FILE *f);
void print_help (const struct command *cmd, FILE *f);
const struct command *find_command (const char *const words[], size_t n,
                                    size_t *used);

/* Prints c->err for a person or as JSON, and returns the exit code. */
int report (struct cli *c);

/* Makes patterns into names of VMs that there are.  A pattern that matches
 * nothing is an error, a plain name is left for the operation to judge. */
int expand_names (struct cli *c, struct vec *names);

/* Runs 'each' for every VM named.  It fills in 'result' for JSON, prints for
 * people, and returns 0 or fails into 'err'; others go on after a failure.
 * Returns the exit code. */
typedef int each_fn (struct cli *c, const char *name,
                     struct json_object *result, struct error *err);
int for_each_vm (struct cli *c, each_fn *each);

/* Asks at the terminal; no terminal: no. */
bool confirm (const char *question, ...)
    __attribute__ ((format (printf, 1, 2)));

/* Output.  Objects are put. */
void print_json (struct json_object *o);
void json_text (struct json_object *o, const char *key, const char *value);

/* A table for people, or the rows as JSON.  Keys are the JSON names and, in
 * upper case, the headings; one that begins with '#' is of numbers. */
struct table;
struct table *table_new (struct cli *c, const char *const *keys);
void table_row (struct table *t, const char *const *cells);
void table_print (struct table *t);

/* Prints what a plugin says of snapshots. */
struct hv_list;
int print_snapshots (struct cli *c, const struct hv_list *list);

/* The commands, by file. */
int cmd_create (struct cli *), cmd_rm (struct cli *);
int cmd_show (struct cli *), cmd_edit (struct cli *),
    cmd_validate (struct cli *);
int cmd_list (struct cli *), cmd_status (struct cli *);
int cmd_start (struct cli *), cmd_run (struct cli *);
int cmd_stop (struct cli *), cmd_kill (struct cli *),
    cmd_restart (struct cli *), cmd_pause (struct cli *),
    cmd_save (struct cli *), cmd_resume (struct cli *),
    cmd_release (struct cli *), cmd_settle (struct cli *);
int cmd_console (struct cli *), cmd_logs (struct cli *);
int cmd_attach_disk (struct cli *), cmd_detach_disk (struct cli *),
    cmd_attach_nic (struct cli *), cmd_detach_nic (struct cli *),
    cmd_resize (struct cli *);
int cmd_counters (struct cli *);
int cmd_snapshot_create (struct cli *), cmd_snapshot_list (struct cli *),
    cmd_snapshot_revert (struct cli *), cmd_snapshot_delete (struct cli *);
int cmd_plan (struct cli *), cmd_explain (struct cli *);
int cmd_plugin_list (struct cli *), cmd_plugin_show (struct cli *);
int cmd_sandbox_show (struct cli *), cmd_sandbox_learn (struct cli *);
int cmd_volume_list (struct cli *), cmd_volume_create (struct cli *),
    cmd_volume_resize (struct cli *), cmd_volume_rm (struct cli *),
    cmd_volume_snapshot (struct cli *), cmd_volume_snapshots (struct cli *),
    cmd_volume_revert (struct cli *), cmd_volume_clone (struct cli *),
    cmd_volume_promote (struct cli *), cmd_volume_send (struct cli *),
    cmd_volume_receive (struct cli *);
int cmd_version (struct cli *), cmd_help (struct cli *),
    cmd_completion (struct cli *);

#endif /* CLI_CLI_H */
