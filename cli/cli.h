/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Common code of the commands: the one table of commands, parsed options,
 * results. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/context.h"
#include "core/base/error.h"

struct option_def {
    const char *name; /* "memory", as --memory */
    char letter;      /* Or 0. */
    const char *arg;  /* "SIZE", or null for a flag. */
    const char *summary;
    const char *words; /* Possible values, for completion:
                        * "auto kvm tcg", "FILE", "TEMPLATE", "LABEL",
                        * "COLUMNS", or null.  "VM": a UUID or a MAC
                        * address may be given instead of the name. */
};

enum {
    CMD_CHANGES = 1 << 0,   /* Cleans up first; probes may run. */
    CMD_HIDDEN = 1 << 1,    /* Not in the usage text. */
    CMD_NO_CONFIG = 1 << 2, /* Works without hvctl.conf. */
    CMD_NO_JSON = 1 << 3,   /* Its output is not data. */
    CMD_DESTROYS = 1 << 4,  /* Neither it nor an option of it is ever
                             * suggested for a typing error. */
    CMD_DESPITE = 1 << 5,   /* Runs despite problems in hvctl.conf: nobody is
                             * to lose control of a VM by a typing error. */
    CMD_FLEET = 1 << 6,     /* For one VM, or a fleet. */
    CMD_CHECKS = 1 << 7,    /* With --check, it changes nothing. */
};

/* The kinds of positional arguments. */
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

extern const struct option_def global_options[]; /* Ends in a null name. */

/* Returns the n-th command of the table, from 0, or null behind the last. */
const struct command *command_nth (size_t n);
#define EACH_COMMAND(cmd)                                                      \
    size_t n_##cmd = 0;                                                        \
    for (const struct command *cmd; (cmd = command_nth (n_##cmd)); n_##cmd++)

struct cli {
    struct hvctl h;
    const struct command *command;
    struct vec values[MAX_OPTIONS]; /* Per option: char * given. */
    struct vec args;                /* char * */
    const char *conf;
    bool json;
    bool down; /* Of 'status': a VM is not running; of 'apply --check': one
                * would be changed. */
    struct vec chosen; /* The VMs that options have selected, char *, ... */
    bool is_chosen;    /* ...if they have. */
    struct vec unsure; /* VMs of which it is not known whether they do. */
    struct addresses *addresses; /* See addresses_known(). */
    struct vec shown; /* By 'apply': struct shown *, see apply-shown.h. */
    struct error err;
};

/* Returns whether the command has such an option. */
bool may_have_option (const struct cli *c, const char *name);

/* Return whether the option was given; its last value; all of them. */
bool has_option (const struct cli *c, const char *name);
const char *option_value (const struct cli *c, const char *name);
const struct vec *option_values (const struct cli *c, const char *name);

/* Parses; returns an exit code, or -1 to continue. */
int parse_command_line (struct cli *c, int argc, char **argv);

/* Fails into c->err: the arguments do not match the usage. */
int usage_error (struct cli *c);

/* Return the usage; print the help of a command or of a group, "volume". */
#define USAGE_LINE "usage: hvctl [OPTION…] COMMAND [ARGUMENT…]"
const char *usage_text (struct cli *c);
int print_help_of (struct cli *c, const char *const words[], size_t n);
int unknown_command (struct cli *c, const char *const words[], size_t n);

/* Return the hvctl command for a word of another tool, or null. */
const char *command_elsewhere (struct cli *c, const char *word);
const char *command_elsewhere_in (const char *group, const char *word);
const char *option_elsewhere (const struct cli *c, const char *word);

const struct command *find_command (const char *const words[], size_t n,
                                    size_t *used);

/* Prints c->err for a person or as JSON, and returns the exit code. */
int report (struct cli *c);

/* Returns an error as JSON. */
struct json_object *error_json (const struct error *err);

/* Expands patterns, and names of fleets, into names of existing VMs, each once.
 * A plain name, and a pattern that matches nothing, is left for name_check()
 * and the operation to report. */
int expand_names (struct cli *c, const struct vec *args, struct vec *names);
bool name_is_pattern (const char *name);
int name_check (const char *name, struct error *err);

/* Fails if the command is for one VM, and is given the name of a fleet. */
int refuse_fleet (struct cli *c);

/* Return whether the command repeats an interrupted one that recovery has
 * just completed: for that VM, one of several or, for commands about
 * one object, at all; and report that. */
bool is_finished (struct cli *c, const char *vm, struct json_object *result);
bool is_finished_already (struct cli *c);

/* Runs 'each' for every VM named.  It fills in 'result' for JSON, prints for
 * people, and returns 0 or fails into 'err'; continues with the others after a
 * failure.  Returns the exit code of the first failure. */
typedef int each_fn (struct cli *c, const char *name,
                     struct json_object *result, struct error *err);
int for_each_vm (struct cli *c, each_fn *each);
int for_vms (struct cli *c, each_fn *each, const struct vec *names);

/* Its parts, for crowd.c: one VM, whose error is in the result, and is to be
 * told with tell_error(); the results, and the VMs from the 'begun'th on that
 * no result is there of, since a signal came.  Return the exit code. */
int do_for_vm (struct cli *c, each_fn *each, const char *name,
               struct json_object *one);
int print_vms (struct cli *c, const struct vec *names, size_t begun, int code,
               struct json_object *all);

/* Starts a VM. */
each_fn each_start;

/* Asks at the terminal; without a terminal, the answer is no. */
bool confirm (const char *question, ...)
    __attribute__ ((format (printf, 1, 2)));

/* Returns why confirm() failed: nobody can be asked, or the answer was no. */
const char *why_unconfirmed (void);

/* A table for people, or the rows as JSON.  Keys are the JSON names and, in
 * upper case, the headings; a key that begins with '#' is for numbers, one with
 * '?' for "yes" and "no", one with '@' for the lists of table_list(), one with
 * '=' for such lists of "KEY=VALUE".  A null cell is null, or an empty list. */
struct table;
struct table *table_new (struct cli *c, const char *const *keys);
void table_row (struct table *t, const char *const *cells);
void table_print (struct table *t);

/* Reports what cannot be listed; returns its exit code. */
int table_error (struct table *t, const struct error *err);

/* Adds remarks, strings, about rows that are missing without an error. */
void table_notes (struct table *t, const struct vec *notes);

/* Cells: for people with a unit or as a date, for programs as numbers.  A time
 * that is 0 is null. */
const char *table_number (struct cli *c, int64_t n);
const char *table_size (struct cli *c, uint64_t bytes);
const char *table_time (struct cli *c, int64_t seconds);
const char *table_uptime (struct cli *c, int64_t started);
const char *table_list (struct cli *c, const struct vec *texts);

/* Prints a plugin's list of snapshots. */
struct hv_list;
int print_snapshots (struct cli *c, const struct hv_list *list);

/* Return the file of a log; copy the rest of an open one to standard output. */
const char *log_path (struct cli *c, const char *name, const char *file);
int copy_log (int fd, struct error *err);

/* The commands, by file. */
int cmd_create (struct cli *), cmd_create_disks (struct cli *),
    cmd_rm (struct cli *), cmd_rename (struct cli *), cmd_clone (struct cli *);
int cmd_show (struct cli *);
int cmd_diff (struct cli *), cmd_apply (struct cli *);
int cmd_edit (struct cli *), cmd_validate (struct cli *);
int cmd_gen_id (struct cli *), cmd_gen_mac (struct cli *);
int cmd_ip (struct cli *), cmd_wait (struct cli *), cmd_ssh (struct cli *);
int cmd_ssh_config (struct cli *);
int cmd_exec (struct cli *), cmd_cp (struct cli *);
int cmd_list (struct cli *), cmd_find (struct cli *), cmd_status (struct cli *);
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
int cmd_image_import (struct cli *), cmd_image_list (struct cli *),
    cmd_image_info (struct cli *), cmd_image_rm (struct cli *),
    cmd_image_verify (struct cli *);
int cmd_import (struct cli *);
int cmd_doctor (struct cli *);
int cmd_schema (struct cli *);
int cmd_version (struct cli *), cmd_help (struct cli *),
    cmd_completion (struct cli *), cmd_complete (struct cli *);

#endif /* CLI_CLI_H */
