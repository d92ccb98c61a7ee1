/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Commands that explain, and those about the host, plugins and the sandbox. */
#include "cli/table.h"

const struct command host_commands[] = {
    { "plan",
      ARGS_VMS,
      "NAME…",
      "print what a start would do",
      cmd_plan,
      0,
      { { "command", 0, NULL, "the hypervisor's command line, ready to paste",
          NULL },
        SELECT },
      "Prints JSON; the same inputs give the same bytes.  Changes nothing." },
    { "explain",
      ARGS_VM,
      "NAME",
      "show which plugin serves what, and why",
      cmd_explain,
      0,
      { { 0 } },
      "Changes nothing." },
    { "doctor",
      ARGS_NONE,
      "",
      "check this host: what works, what is missing, what to do",
      cmd_doctor,
      CMD_CHANGES,
      { { 0 } },
      "Starts a 64 MiB test guest with each hypervisor, with its own disk and "
      "network,\ncreates a snapshot, hotplugs a disk, and stops it.  Leaves "
      "nothing behind." },
    { "plugin list", ARGS_NONE, "", "list plugins", cmd_plugin_list, 0,
      NO_MORE },
    { "plugin show",
      ARGS_PLUGIN,
      "PLUGIN",
      "show details of a plugin",
      cmd_plugin_show,
      0,
      { { 0 } },
      "Prints key=value." },
    { "sandbox show", ARGS_VM, "NAME", "print a VM's confinement",
      cmd_sandbox_show, 0, NO_MORE },
    { "sandbox learn",
      ARGS_ANY_VMS,
      "[NAME…]",
      "compare hypervisors' system calls with the allowed ones",
      cmd_sandbox_learn,
      CMD_CHANGES,
      { { "arch", 0, "ARCH", "the architecture of the test machines",
          "x86_64 aarch64" },
        { "unused", 0, NULL, "also print the entries that no machine needed",
          NULL },
        SELECT },
      "For new versions of QEMU or of a library.  Runs test machines through a "
      "list\n"
      "of features: bare ones with firmware only, or ones like the named VMs, "
      "with\n"
      "disks and networks of their own.  Exits with 10 if a call is not "
      "allowed." },
    END_OF_COMMANDS,
};
