/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Words of other tools (virsh, qm, incus, multipass, ls, ps), and the commands
 * of hvctl for them.  A word that destroys something elsewhere is explained,
 * never just replaced. */
#include <string.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "core/base/arena.h"

/* The words of other tools, and the command of hvctl for each. */
static const struct {
    const char *words; /* Between blanks. */
    const char *command;
    const char *note; /* Or null. */
} commands_elsewhere[] = {
    { " ls ps vms domains ", "list", NULL },
    { " launch new init define deploy ", "create", "then 'hvctl start'" },
    { " info domstate dominfo state describe domblklist domiflist domifaddr "
      "ip addr ",
      "status", NULL },
    { " shutdown poweroff halt down off stopall ", "stop", NULL },
    { " boot up poweron on begin ", "start", NULL },
    { " reboot reset bounce ", "restart", NULL },
    { " suspend freeze ", "pause",
      "'hvctl save' writes the memory to disk and stops the VM" },
    { " unpause thaw continue cont wakeup ", "resume", NULL },
    { " managedsave hibernate dompmsuspend ", "save", NULL },
    { " restore rollback ", "snapshot revert",
      "a VM that was saved is restored by 'hvctl start'" },
    { " attach ttyconsole terminal term shell vncdisplay display ", "console",
      NULL },
    { " log dmesg journal ", "logs", NULL },
    { " domifaddr address addresses ips ", "ip", NULL },
    { " dumpxml config cat inspect get dump view ", "show", NULL },
    { " set modify change configure ", "edit",
      "'hvctl resize' changes processors, memory and disks" },
    { " domrename mv ", "rename", NULL },
    { " setmem setmaxmem setvcpus blockresize ", "resize", NULL },
    { " check lint verify test ", "validate",
      "'hvctl doctor' checks this host" },
    { " attach-interface attach-device add-nic add-device netplug ",
      "attach-nic", "'hvctl attach-disk' adds a disk" },
    { " add-disk ", "attach-disk", NULL },
    { " detach-interface detach-device remove-nic netunplug unlink ",
      "detach-nic", "'hvctl detach-disk' takes a disk away" },
    { " remove-disk ", "detach-disk", NULL },
    { " domstats domblkstat domifstat stats top monitor ", "counters", NULL },
    { " snapshot-create snapshot-create-as checkpoint ", "snapshot create",
      NULL },
    { " snapshot-list listsnapshot listsnapshots snapshots ", "snapshot list",
      NULL },
    { " snapshot-revert ", "snapshot revert", NULL },
    { " snapshot-delete delsnapshot ", "snapshot delete", NULL },
    { " images aliases ", "image list", NULL },
    { " vol-list pool-list volumes vols disks pools storage ", "volume list",
      NULL },
    { " vol-create vol-create-as add-volume ", "volume create", NULL },
    { " vol-resize ", "volume resize", NULL },
    { " vol-delete vol-rm ", "volume rm", NULL },
    { " copy virt-clone duplicate ", "clone", NULL },
    { " vol-clone ", "volume clone", NULL },
    { " vol-download export backup vzdump ", "volume send", NULL },
    { " vol-upload importdisk ", "volume receive", NULL },
    { " showcmd domxml-to-native ", "plan", "with --command" },
    { " capabilities nodeinfo sysinfo host hostinfo ", "doctor", NULL },
    { " plugins drivers ", "plugin list", NULL },
    { " seccomp profile ", "sandbox show", NULL },
};

/* Words that no single command corresponds to. */
static const struct {
    const char *words, *text;
} explained[] = {
    { " destroy ", "that of virsh is 'hvctl kill', which forces a VM off and "
                   "keeps it; that of qm deletes the VM: 'hvctl rm'" },
    { " delete remove del erase undefine purge ",
      "'hvctl rm' removes a VM's definition, and keeps its disks unless "
      "--disks is given; 'hvctl volume rm' deletes a volume" },
    { " autostart enable disable onboot ",
      "'autostart = yes' in its definition starts a VM at boot, by 'hvctl "
      "start --autostart', which hvctl-autostart.service runs" },
    { " net-list networks network nets bridges net-define ",
      "networks are sections of hvctl.conf(5), and 'hvctl doctor' checks "
      "them" },
    { " migrate migrate-setspeed move ",
      "a VM does not move to another host while it runs: stop it, and use "
      "'hvctl volume send' and 'hvctl volume receive'" },
};

/* Likewise, of a group of commands. */
static const struct {
    const char *group, *words, *text;
} explained_in_groups[] = {
    { "image", " build make create mk compose customize ",
      "hvctl does not build images: mkosi, debos and virt-builder do, and "
      "'hvctl image import FILE' adds what they build" },
    { "image", " pull fetch download get add ",
      "it is 'hvctl image import' here" },
    { "image", " delete remove del prune ", "it is 'hvctl image rm' here" },
    { "image", " show inspect describe ", "it is 'hvctl image info' here" },
    { "image", " ls images ", "it is 'hvctl image list' here" },
};

static const struct {
    const char *command, *words, *text;
} options_elsewhere[] = {
    { "list", " inactive ", "'hvctl list' shows all VMs" },
    { "list", " state-running active ", "'hvctl list --running'" },
    { "list", " name quiet q ", "'hvctl list --names'" },
    { "stop", " force f now mode ", "'hvctl kill' forces a VM off" },
    { "restart", " force f ", "'hvctl kill', then 'hvctl start'" },
    { "rm", " force f ", "--yes does not ask" },
    { "rm", " remove-all-storage storage purge ", "--disks deletes volumes" },
    { "volume rm", " force f ", "--yes does not ask" },
    { "create", " name ", "the name is an argument: hvctl create NAME" },
    { "create", " vcpus vcpu cores smp c ", "--cpus" },
    { "create", " ram mem ", "--memory" },
    { "create", " network net netdev ", "--nic NAME:NETWORK" },
    { "create", " cdrom iso ", "--disk NAME:cdrom=FILE" },
    { "create", " boot uefi ", "--firmware uefi" },
    { "logs", " tail ", "--lines" },
    { "snapshot create", " name ", "hvctl snapshot create NAME SNAPSHOT" },
};

static bool
has_word (const char *words, const char *word)
{
    size_t len = strlen (word);

    for (const char *p = strstr (words, word); len && p;
         p = strstr (p + 1, word)) {
        if (p[-1] == ' ' && p[len] == ' ') {
            return true;
        }
    }
    return false;
}

const char *
command_elsewhere (struct cli *c, const char *word)
{
    if (strchr (word, ' ')) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE (explained); i++) {
        if (has_word (explained[i].words, word)) {
            return explained[i].text;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE (commands_elsewhere); i++) {
        if (has_word (commands_elsewhere[i].words, word)) {
            const char *note = commands_elsewhere[i].note;

            return arena_format (&c->h.arena, "it is 'hvctl %s' here%s%s",
                                 commands_elsewhere[i].command,
                                 note ? "; " : "", note ? note : "");
        }
    }
    return NULL;
}

const char *
command_elsewhere_in (const char *group, const char *word)
{
    for (size_t i = 0; i < ARRAY_SIZE (explained_in_groups); i++) {
        if (!strcmp (explained_in_groups[i].group, group)
            && has_word (explained_in_groups[i].words, word)) {
            return explained_in_groups[i].text;
        }
    }
    return NULL;
}

const char *
option_elsewhere (const struct cli *c, const char *word)
{
    for (size_t i = 0; c->command && i < ARRAY_SIZE (options_elsewhere); i++) {
        if (!strcmp (options_elsewhere[i].command, c->command->name)
            && has_word (options_elsewhere[i].words, word)) {
            return options_elsewhere[i].text;
        }
    }
    return NULL;
}
