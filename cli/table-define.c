/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Commands about definitions. */
#include "cli/table.h"

const struct command define_commands[] = {
    { "create",
      ARGS_NEW_VM,
      "NAME",
      "define a VM, or a fleet, and create its disks",
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
        { "count", 0, "N", "a fleet: so many VMs, NAME-0, NAME-1, …", NULL },
        { "first", 0, "N", "its first index; default 0", NULL },
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
      "  hvctl create web-1 --template xs --set nic.lan.network=dmz\n"
      "  hvctl create edge --count 5 --disk root:10G --nic lan:user" },
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
      "A running VM is not removed.  Without --disks no volume is deleted.\n"
      "A fleet is removed as a whole; of one of its VMs, only the file that\n"
      "overrides." },
    { "rename",
      ARGS_VM_MORE,
      "NAME NEW",
      "rename a stopped VM",
      cmd_rename,
      CMD_CHANGES,
      { { 0 } },
      "The guest sees the same machine, with the same UUID, MAC addresses and "
      "disks." },
    { "clone",
      ARGS_VM_MORE,
      "NAME NEW",
      "make another VM with copies of a VM's disks",
      cmd_clone,
      CMD_CHANGES,
      { { "snapshot", 0, "SNAPSHOT",
          "the disks as in this snapshot, not as they are now", NULL },
        { "full", 0, NULL, "copy all data, so that the disks share nothing",
          NULL } },
      "The new VM has its own UUID, MAC addresses and volumes.  A running VM "
      "keeps\nrunning; its clone boots as after a power failure." },
    { "show",
      ARGS_VM,
      "[NAME]",
      "print a definition",
      cmd_show,
      CMD_FLEET,
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
      CMD_CHANGES | CMD_FLEET,
      { YES },
      "Uses $VISUAL, $EDITOR or vi.  If a fleet has fewer VMs than before, "
      "asks "
      "first.\nA VM of a fleet gets a file of its own, whose values override "
      "the fleet's." },
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
      { { "vm", 0, "NAME", "that of this VM, which need not exist", "VM" },
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
    { "import",
      ARGS_WORDS,
      "FILE…",
      "define VMs from files of another tool",
      cmd_import,
      CMD_CHANGES,
      { { "from", 0, "TOOL", "the tool that the files are of",
          "5gdeploy balena libvirt machina virshle" },
        { "name", 0, "NAME", "the name of the only VM in the files", NULL },
        { "dry-run", 0, NULL, "check, and write nothing", NULL },
        { "print", 0, NULL, "print what would be written, and write nothing",
          NULL } },
      "All of it, or nothing.  Values that cannot be carried over, or are "
      "others here, are\nlisted on standard error, each with its line and the "
      "reason.\n\n"
      "  virsh dumpxml web > web.xml\n"
      "  hvctl import --from libvirt web.xml" },
    { "diff",
      ARGS_ANY_VMS,
      "[NAME…]",
      "show what differs between VMs and their definitions",
      cmd_diff,
      0,
      { SELECT },
      "Of a running VM: what was started, and what a start would do now.  "
      "Each line\n"
      "says whether 'hvctl apply' can change it now, or only the next start.  "
      "Changes\n"
      "nothing." },
    { "apply",
      ARGS_ANY_VMS,
      "[NAME…]",
      "change VMs as their definitions say",
      cmd_apply,
      CMD_CHANGES | CMD_CHECKS,
      { { "check", 0, NULL,
          "change nothing; exit with 10 if something would be changed", NULL },
        { "remove", 0, NULL,
          "also remove what is left of VMs that their fleets no longer have, "
          "with their volumes",
          NULL },
        { "start", 0, NULL, "also start VMs with autostart = yes", NULL },
        YES,
        SELECT,
        JOBS },
      "Shows the differences, asks, creates missing volumes, enlarges disks, "
      "attaches\n"
      "and detaches disks and NICs of running VMs, and resizes them.  Stops "
      "and deletes\n"
      "nothing, unless --remove is given." },
    END_OF_COMMANDS,
};
