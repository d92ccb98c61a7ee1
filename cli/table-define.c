/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Commands about definitions. */
#include "cli/table.h"

const struct command define_commands[] = {
    { "create",
      ARGS_NEW_VM,
      "NAME",
      "define a VM and create its disks",
      cmd_create,
      CMD_CHANGES,
      { { "memory", 'm', "SIZE", "memory, such as 2G; default 1G", NULL },
        { "cpus", 0, "N", "virtual processors; default 1", NULL },
        { "disk", 'd', "SPEC",
          "NAME:SIZE, NAME:image=FILE or "
          "NAME:cdrom=FILE; more keys may follow, after commas",
          NULL },
        { "nic", 'n', "SPEC",
          "NAME:NETWORK; more keys may follow, after commas; "
          "network 'user' always exists",
          NULL },
        { "kernel", 0, "FILE", "boot this kernel directly", "FILE" },
        { "initrd", 0, "FILE", "the initial RAM disk for it", "FILE" },
        { "append", 0, "TEXT", "the kernel command line", NULL },
        { "firmware", 0, "WORD", "uefi or bios", "uefi bios" },
        { "secure-boot", 0, NULL, "UEFI Secure Boot with enrolled keys", NULL },
        { "hypervisor", 0, "WORD", "auto, or a plugin's name", "auto qemu" },
        { "machine", 0, "TYPE", "q35, pc, microvm, virt",
          "q35 pc microvm virt" },
        { "arch", 0, "ARCH", "x86_64 or aarch64", "x86_64 aarch64" },
        { "accelerator", 0, "WORD", "auto, kvm or tcg", "auto kvm tcg" },
        { "cpu", 0, "MODEL", "the processor model", NULL },
        { "template", 't', "NAME",
          "use this template; the first one that has a key wins", "TEMPLATE" },
        { "set", 0, "KEY=VALUE",
          "any key: cpus=2, nic.lan.network=dmz, vars.port=5900, "
          "templates={a,b}",
          NULL } },
      "A disk is a new volume (root:10G), one with a backing file\n"
      "(root:10G,backing=FILE), an existing image (root:image=FILE) or a "
      "CD-ROM\n"
      "(iso:cdrom=FILE).  The other keys of a disk and a nic are those of\n"
      "hvctl.conf(5): pool=fast, boot=1, readonly=yes, mac=52:54:00:…,\n"
      "forward=tcp:127.0.0.1:2222:22.\n\n"
      "  hvctl create vm1 --memory 2G --disk root:10G --nic lan:user\n"
      "  hvctl create web-1 --template xs --set nic.lan.network=dmz" },
    { "create-disks",
      ARGS_VMS,
      "NAME…",
      "create the disks that a definition names",
      cmd_create_disks,
      CMD_CHANGES,
      { SELECT },
      "For a definition that was written by hand.  Existing disks are left "
      "unchanged." },
    { "rm",
      ARGS_VMS,
      "NAME…",
      "remove definitions",
      cmd_rm,
      CMD_CHANGES | CMD_DESTROYS,
      { { "disks", 0, NULL, "delete the VM's volumes, too", NULL },
        YES,
        SELECT,
        JOBS },
      "A running VM is not removed.  Without --disks no volume is deleted." },
    { "show",
      ARGS_VM,
      "[NAME]",
      "print a definition",
      cmd_show,
      0,
      { { "effective", 0, NULL,
          "as if it had been written without templates and variables", NULL },
        { "origin", 0, NULL,
          "where each value comes from, and what it overrides", NULL },
        { "host", 0, NULL,
          "the host configuration: hvctl.conf and conf.d as one", NULL } },
      "As JSON, it is the effective definition." },
    { "edit",
      ARGS_VM,
      "NAME",
      "edit a definition, and save it if it is "
      "valid",
      cmd_edit,
      CMD_CHANGES,
      { { 0 } },
      "Uses $VISUAL, $EDITOR or vi." },
    { "validate",
      ARGS_ANY_VMS,
      "[NAME…]",
      "check definitions; all of them if no "
      "name is given",
      cmd_validate,
      0,
      { SELECT },
      "Reports every problem at once, including conflicts between VMs." },
    { "gen-id",
      ARGS_NONE,
      "",
      "print a random UUID, or one that is derived",
      cmd_gen_id,
      0,
      { { "vm", 0, "NAME", "that of this VM, which need not exist", NULL },
        { "device", 0, "CLASS/NAME", "that of a device of the VM", NULL } },
      "For the key 'uuid' of a definition.  That of a device is the one that "
      "machina\n"
      "derives, for mediated devices." },
    { "gen-mac",
      ARGS_VM_MORE,
      "[NAME NIC]",
      "print a random MAC address, or one that is derived",
      cmd_gen_mac,
      0,
      { { 0 } },
      "A random one begins with 52:54:00, and no VM of this host has it.  With "
      "a VM and\n"
      "a NIC: the one that the VM's 'identity' derives, whether or not 'mac' "
      "is "
      "set." },
    END_OF_COMMANDS,
};
