/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The one table of commands: the usage text, the help, the completions and
 * the manual's synopsis are made from it. */
#include <stddef.h>

#include "cli/cli.h"

#define YES { "yes", 'y', NULL, "do not ask", NULL }

const struct option_def global_options[] = {
    { "config", 'c', "FILE", "read FILE instead of the usual hvctl.conf",
      "FILE" },
    { "output", 'o', "FORMAT", "table (for people) or json", "table json" },
    { "verbose", 'v', NULL, "say what is being done; twice: everything",
      NULL },
    { "help", 'h', NULL, "explain the command", NULL },
    { NULL, 0, NULL, NULL, NULL },
};

const struct command commands[] = {
    { "create", ARGS_NEW_VM, "NAME", "define a VM and make its disks",
      cmd_create, CMD_CHANGES,
      { { "memory", 'm', "SIZE", "memory, such as 2G; default 1G", NULL },
        { "cpus", 0, "N", "virtual processors; default 1", NULL },
        { "disk", 'd', "SPEC", "NAME:SIZE, NAME:image=FILE or "
                               "NAME:cdrom=FILE, and more keys after commas",
          NULL },
        { "nic", 'n', "SPEC", "NAME:NETWORK, and more keys after commas; "
                              "network 'user' is always there",
          NULL },
        { "kernel", 0, "FILE", "boot this kernel directly", "FILE" },
        { "initrd", 0, "FILE", "its initial file system", "FILE" },
        { "append", 0, "TEXT", "its command line", NULL },
        { "firmware", 0, "WORD", "uefi or bios", "uefi bios" },
        { "secure-boot", 0, NULL, "UEFI secure boot with enrolled keys",
          NULL },
        { "hypervisor", 0, "WORD", "auto, or a plugin's name", "auto qemu" },
        { "machine", 0, "TYPE", "q35, pc, microvm, virt",
          "q35 pc microvm virt" },
        { "arch", 0, "ARCH", "x86_64 or aarch64", "x86_64 aarch64" },
        { "accelerator", 0, "WORD", "auto, kvm or tcg", "auto kvm tcg" },
        { "cpu", 0, "MODEL", "the processor's model", NULL } },
      "A disk is a new volume (root:10G), one laid over an image "
      "(root:10G,backing=FILE),\na file that is used as it is "
      "(root:image=FILE) or a CD-ROM (iso:cdrom=FILE).  The\nother keys of a "
      "disk and a nic are those of hvctl.conf(5): pool=fast, boot=1,\n"
      "readonly=yes, mac=52:54:00:…, forward=tcp:127.0.0.1:2222:22.\n\n"
      "  hvctl create vm1 --memory 2G --disk root:10G --nic lan:user" },
    { "rm", ARGS_VMS, "NAME…", "remove definitions", cmd_rm, CMD_CHANGES,
      { { "disks", 0, NULL, "delete the VM's volumes, too", NULL }, YES },
      "A running VM is not removed.  Without --disks no volume is deleted." },
    { "show", ARGS_VM, "NAME", "print a definition", cmd_show, 0, { { 0 } },
      NULL },
    { "edit", ARGS_VM, "NAME", "edit a definition, and save it if it is "
                               "valid",
      cmd_edit, CMD_CHANGES, { { 0 } }, "Uses $VISUAL, $EDITOR or vi." },
    { "validate", ARGS_ANY_VMS, "[NAME…]", "check definitions; all of them "
                                           "without a name",
      cmd_validate, 0, { { 0 } },
      "Reports every problem at once, and what two VMs must not share." },
    { "list", ARGS_ANY_VMS, "[NAME…]", "list VMs", cmd_list, 0,
      { { "names", 0, NULL, "names only", NULL },
        { "running", 'r', NULL, "only those that run", NULL } },
      NULL },
    { "status", ARGS_VMS, "NAME…", "tell the state of VMs", cmd_status, 0,
      { { 0 } }, "Exits with 6 if a VM is not running." },
    { "start", ARGS_VMS, "NAME…", "start VMs", cmd_start, CMD_CHANGES,
      { { "console", 0, NULL, "attach to the console at once", NULL } },
      NULL },
    { "run", ARGS_VM, "NAME", "start a VM and stay until it ends", cmd_run,
      CMD_CHANGES, { { 0 } },
      "For systemd units and containers: speaks sd_notify, and SIGTERM stops "
      "the VM." },
    { "stop", ARGS_VMS, "NAME…", "shut VMs down", cmd_stop, CMD_CHANGES,
      { { "timeout", 't', "TIME", "how long the guest may take; default "
                                  "stop_timeout, 60s",
          NULL } },
      "The guest is asked by ACPI, again and again; after the time the "
      "hypervisor is\nasked to quit, and then killed.  Says which it took." },
    { "kill", ARGS_VMS, "NAME…", "end VMs at once", cmd_kill, CMD_CHANGES,
      { { 0 } }, NULL },
    { "restart", ARGS_VMS, "NAME…", "stop and start", cmd_restart,
      CMD_CHANGES,
      { { "timeout", 't', "TIME", "as with stop", NULL } }, NULL },
    { "pause", ARGS_VMS, "NAME…", "stop the processors", cmd_pause,
      CMD_CHANGES, { { 0 } }, NULL },
    { "resume", ARGS_VMS, "NAME…", "let them go on", cmd_resume, CMD_CHANGES,
      { { 0 } }, NULL },
    { "console", ARGS_VM, "NAME", "attach to the serial console",
      cmd_console, 0,
      { { "escape", 'e', "CHAR", "the key that leaves; default ^]", NULL },
        { "log", 'l', NULL, "print what was logged since boot, first",
          NULL } },
      "Leave with Ctrl-] (or what --escape says: ^X, or a letter)." },
    { "logs", ARGS_VM, "NAME", "print a VM's logs", cmd_logs, 0,
      { { "follow", 'f', NULL, "go on as they grow", NULL },
        { "hypervisor", 0, NULL, "the hypervisor's words, not the console",
          NULL },
        { "previous", 'p', NULL, "of the run before", NULL },
        { "lines", 'n', "N", "the last N lines only", NULL } },
      NULL },
    { "plan", ARGS_VMS, "NAME…", "print what a start would do", cmd_plan, 0,
      { { "command", 0, NULL, "the hypervisor's command line, to be pasted",
          NULL } },
      "JSON, the same bytes for the same inputs.  Changes nothing." },
    { "explain", ARGS_VM, "NAME", "tell which plugin serves what, and why",
      cmd_explain, 0, { { 0 } }, "Changes nothing." },
    { "plugin list", ARGS_NONE, "", "list plugins", cmd_plugin_list, 0,
      { { 0 } }, NULL },
    { "plugin show", ARGS_PLUGIN, "PLUGIN", "tell all about a plugin",
      cmd_plugin_show, 0, { { 0 } }, "Prints key=value." },
    { "sandbox show", ARGS_VM, "NAME", "print a VM's confinement",
      cmd_sandbox_show, 0, { { 0 } }, NULL },
    { "volume list", ARGS_WORDS, "[POOL…]", "list the volumes of pools",
      cmd_volume_list, 0, { { 0 } }, NULL },
    { "volume create", ARGS_WORDS, "POOL/NAME [SIZE]", "make a volume",
      cmd_volume_create, CMD_CHANGES,
      { { "backing", 0, "FILE", "lay it over this image", "FILE" },
        { "backing-format", 0, "FORMAT", "of that image", "raw qcow2" } },
      NULL },
    { "volume resize", ARGS_WORDS, "POOL/NAME SIZE",
      "enlarge a volume that no VM uses", cmd_volume_resize, CMD_CHANGES,
      { { 0 } }, NULL },
    { "volume rm", ARGS_WORDS, "POOL/NAME", "delete a volume",
      cmd_volume_rm, CMD_CHANGES, { YES }, NULL },
    { "completion", ARGS_WORDS, "bash|zsh|fish",
      "print a completion script", cmd_completion, CMD_NO_CONFIG, { { 0 } },
      NULL },
    { "version", ARGS_NONE, "", "print the version", cmd_version,
      CMD_NO_CONFIG, { { 0 } }, NULL },
    { "help", ARGS_WORDS, "[COMMAND]", "explain a command", cmd_help,
      CMD_NO_CONFIG, { { 0 } }, NULL },
    { "release", ARGS_VM, "NAME", "clean up after a VM that has ended",
      cmd_release, CMD_HIDDEN, { { 0 } },
      "Run by the supervisor.  Harmless at any time." },
    { NULL, ARGS_NONE, NULL, NULL, NULL, 0, { { 0 } }, NULL },
};
