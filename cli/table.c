/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/table.h"

#include "common/cleanup.h"

const struct option_def global_options[] = {
    { "config", 'c', "FILE", "read FILE instead of the usual hvctl.conf",
      "FILE" },
    { "output", 'o', "FORMAT", "table (for people) or json", "table json" },
    { "verbose", 'v', NULL, "report what is being done; twice: every step",
      NULL },
    { "help", 'h', NULL, "explain the command", NULL },
    { "version", 'V', NULL, "print the version", NULL },
    { NULL, 0, NULL, NULL, NULL },
};

static const struct command own_commands[] = {
    { "completion", ARGS_WORDS, "bash|zsh|fish", "print a completion script",
      cmd_completion, CMD_NO_CONFIG | CMD_NO_JSON, NO_MORE },
    { "schema",
      ARGS_WORDS,
      "[DOCUMENT…]",
      "print the JSON schema of a document",
      cmd_schema,
      CMD_NO_CONFIG,
      { { "vim", 0, NULL, "print a syntax file for vim instead", NULL } },
      "DOCUMENT is 'definition', 'host', or a command whose results -o json "
      "prints.\n"
      "Without it, all of them are listed." },
    { "version", ARGS_NONE, "", "print the version", cmd_version, CMD_NO_CONFIG,
      NO_MORE },
    { "help", ARGS_WORDS, "[COMMAND…]", "explain a command", cmd_help,
      CMD_NO_CONFIG | CMD_NO_JSON, NO_MORE },
    { "complete",
      ARGS_WORDS,
      "[WORD…]",
      "print completions of the last word",
      cmd_complete,
      CMD_HIDDEN | CMD_NO_CONFIG,
      { { 0 } },
      "Run by the completion scripts, after --." },
    { "release",
      ARGS_VM,
      "NAME",
      "clean up after a VM that has exited",
      cmd_release,
      CMD_HIDDEN | CMD_DESPITE,
      { { "tell", 0, NULL, "report how it exited", NULL } },
      "Run by the supervisor.  Harmless at any time." },
    { "settle",
      ARGS_VM,
      "NAME",
      "stop a hypervisor that kept running when its guest shut down",
      cmd_settle,
      CMD_HIDDEN | CMD_DESPITE,
      { { 0 } },
      "Run by the supervisor.  Harmless at any time." },
    END_OF_COMMANDS,
};

/* In the order of the usage text. */
static const struct command *const tables[] = {
    define_commands, run_commands,   devices_commands, host_commands,
    volume_commands, image_commands, own_commands,
};

const struct command *
command_nth (size_t n)
{
    for (size_t i = 0; i < ARRAY_SIZE (tables); i++) {
        for (const struct command *cmd = tables[i]; cmd->name; cmd++) {
            if (n-- == 0) {
                return cmd;
            }
        }
    }
    return NULL;
}
