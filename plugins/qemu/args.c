/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A VM to QEMU's command line.  Pure: it depends on the VM alone.
 *
 * Nothing that a user chose can hold an option: devices and block nodes are
 * JSON; in the older "key=value,…" syntax there are only numbers, checked
 * words, and values whose commas are doubled. */

#include "plugins/qemu/qemu.h"

#include <inttypes.h>
#include <string.h>

#include "common/member.h"
#include "common/size.h"

#define ARG(a, ...) hv_arg ((a)->ctx, (a)->out, __VA_ARGS__)

void
add_json (const struct args *a, const char *option, struct json_object *value)
{
    ARG (a, "%s", option);
    ARG (a, "%s",
         json_object_to_json_string_ext (
             value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put (value);
}

struct json_object *
new_device (const char *driver, const char *id)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "driver", driver);
    json_put_text (o, "id", id);
    return o;
}

const char *
virtio_model (const struct args *a, const char *kind)
{
    return hv_format (a->ctx, "virtio-%s-%s", kind,
                      a->family == FAMILY_MICROVM ? "device" : "pci");
}

/* PCI Express machines are for guests that know virtio 1.0; PC is for the
 * others, too. */
void
place_virtio (const struct args *a, struct json_object *device,
              unsigned int slot, unsigned int slots, unsigned int index,
              unsigned int n)
{
    if (a->family == FAMILY_MICROVM) {
        return;
    }
    json_put_text (
        device, "addr",
        hv_format (a->ctx, "0x%x.%u", slot + index % slots, index / slots));
    if (index + slots < n && index < slots) {
        json_put_flag (device, "multifunction", true);
    }
    if (a->family != FAMILY_PC) {
        json_put_text (device, "disable-legacy", "on");
    }
}

const char *
quote (struct hv_ctx *ctx, const char *value)
{
    char *quoted = hv_alloc (ctx, 2 * strlen (value) + 1);
    char *p = quoted;

    for (; *value; value++) {
        if (*value == ',') {
            *p++ = ',';
        }
        *p++ = *value;
    }
    return quoted;
}

static bool
boots_something (const struct hv_vm *vm)
{
    for (size_t i = 0; vm->disks && vm->disks[i]; i++) {
        if (vm->disks[i]->boot) {
            return true;
        }
    }
    for (size_t i = 0; vm->nics && vm->nics[i]; i++) {
        if (vm->nics[i]->boot) {
            return true;
        }
    }
    return false;
}

/* SMM only where the firmware needs it: it is one more mode to attack.  With
 * "graphics=off" SeaBIOS and boot loaders also use the serial console. */
static const char *
pc_options (const struct args *a)
{
    const struct hv_firmware_image *f = a->vm->firmware;
    const char *console = !f && !a->vm->kernel ? ",graphics=off" : "";

    return hv_format (a->ctx, ",usb=off,vmport=off,smm=%s%s",
                      f && f->smm ? "on" : "off", console);
}

/* vCPUs and memory, and the room for more of them. */
static void
add_size (const struct args *a)
{
    const struct hv_vm *vm = a->vm;
    struct limits limits;

    read_limits (a->ctx, vm, &limits);
    ARG (a, "-m");
    ARG (a, "size=%" PRIu64 "M%s", vm->memory >> 20,
         limits.memory > vm->memory
             ? hv_format (a->ctx, ",maxmem=%" PRIu64 "M", limits.memory >> 20)
             : "");
    ARG (a, "-smp");
    ARG (a, "%" PRIu32 ",sockets=1,cores=%" PRIu32 ",threads=1%s", vm->cpus,
         limits.cpus,
         limits.cpus > vm->cpus
             ? hv_format (a->ctx, ",maxcpus=%" PRIu32, limits.cpus)
             : "");
    if (limits.cpus > vm->cpus && !strcmp (vm->accelerator, "kvm")) {
        hv_need (a->ctx, a->out, "kvm-cpus");
    }
}

static void
add_machine (const struct args *a)
{
    const struct hv_vm *vm = a->vm;
    const struct hv_firmware_image *f = vm->firmware;
    bool flash = f && f->mapping == HV_MAP_FLASH;
    const char *more = a->family == FAMILY_MICROVM ? ""
                       : a->family == FAMILY_VIRT  ? ",gic-version=max"
                                                   : pc_options (a);

    add_shared_memory (a);
    ARG (a, "-machine");
    ARG (a, "%s,dump-guest-core=off%s%s%s%s",
         quote (a->ctx, vm->machine ? vm->machine : machine_default (vm->arch)),
         more, has_vhost_user (vm) ? ",memory-backend=" SHARED_MEMORY : "",
         flash ? ",pflash0=flash-code" : "",
         flash && f->vars ? ",pflash1=flash-vars" : "");
    ARG (a, "-accel");
    ARG (a, "%s", !strcmp (vm->accelerator, "kvm") ? "kvm" : "tcg");
    if (vm->cpu) {
        ARG (a, "-cpu");
        ARG (a, "%s", vm->cpu);
    }
    add_size (a);
    if (a->family == FAMILY_MICROVM) {
        ARG (a, "-global");
        ARG (a, "virtio-mmio.force-legacy=false");
    }
    if (f && f->secure) {
        ARG (a, "-global");
        ARG (a, "driver=cfi.pflash01,property=secure,value=on");
    }
}

/* A user who pastes the command wants the guest to run. */
static void
add_frame (const struct args *a)
{
    ARG (a, "%s", a->vm->program);
    ARG (a, "-name");
    ARG (a, "guest=%s,debug-threads=on", quote (a->ctx, a->vm->name));
    ARG (a, "-uuid");
    ARG (a, "%s", a->vm->uuid);
    ARG (a, "-nodefaults");
    ARG (a, "-no-user-config");
    ARG (a, "-display");
    ARG (a, "none");
    if (!a->vm->by_path) {
        ARG (a, "-S");
    }
    ARG (a, "-sandbox");
    ARG (a, "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
            "resourcecontrol=deny");
}

/* Returns the options of a listening socket. */
static const char *
listener (const struct args *a, const char *name)
{
    int fd = hv_listen (a->ctx, a->out, name);

    if (fd >= 0) {
        return hv_format (a->ctx, "fd=%d,server=on,wait=off", fd);
    }
    return hv_format (a->ctx, "path=%s/%s.sock,server=on,wait=off",
                      quote (a->ctx, a->vm->rundir), name);
}

static void
add_control (const struct args *a)
{
    const char *can = hv_fact (a->ctx, "can");

    ARG (a, "-chardev");
    ARG (a, "socket,id=qmp,%s", listener (a, "qmp"));
    if (can && qemu_can (can, CAN_MONITOR_OBJECT)) {
        ARG (a, "-object");
        ARG (a, "monitor-qmp,id=monitor,chardev=qmp");
    } else {
        ARG (a, "-mon");
        ARG (a, "chardev=qmp,mode=control");
    }
}

/* The log is written from the first byte on, with or without a client.
 * "-serial" finds the first port of every machine, including the built-in one
 * of virt. */
static void
add_console (const struct args *a)
{
    int log = hv_logfile (a->ctx, a->out, "console");
    const char *socket = listener (a, "console");
    const char *logfile = "";

    if (log >= 0) {
        ARG (a, "-add-fd");
        ARG (a, "fd=%d,set=%d", log, log);
        logfile =
            hv_format (a->ctx, ",logfile=/dev/fdset/%d,logappend=on", log);
    }
    ARG (a, "-chardev");
    ARG (a, "socket,id=console,%s%s", socket, logfile);
    ARG (a, "-serial");
    ARG (a, "chardev:console");
}

unsigned int
hotplug_ports (struct hv_ctx *ctx, const struct hv_vm *vm)
{
    const char *value =
        vm->options ? hv_option (ctx, vm->options, HOTPLUG_KEY) : NULL;
    uint64_t n = 0;

    if (!vm->options) {
        return MAX_PORTS + 1;
    }
    if (!value) {
        return (vm->disks && vm->disks[0]) || (vm->nics && vm->nics[0])
                   ? DEFAULT_PORTS
                   : 0;
    }
    return parse_uint (value, &n) && n <= MAX_PORTS ? (unsigned int)n
                                                    : MAX_PORTS + 1;
}

/* On PCI Express a device can be plugged into a port that is there from the
 * start, only; these are the functions of slot 1, so that no other device has
 * another address because of them.  What plugging in will need of the sandbox
 * must be allowed now. */
static void
add_ports (const struct args *a)
{
    unsigned int n = hotplug_ports (a->ctx, a->vm);

    if (a->family == FAMILY_MICROVM || n > MAX_PORTS) {
        return;
    }
    if (n == 0) {
        if (a->family == FAMILY_PC) {
            ARG (a, "-global");
            ARG (a, "PIIX4_PM.acpi-root-pci-hotplug=off");
        }
        return;
    }
    hv_need (a->ctx, a->out, "disk");
    hv_need (a->ctx, a->out, "net");
    hv_need (a->ctx, a->out, "stream");
    for (unsigned int i = 0; i < n && a->family != FAMILY_PC; i++) {
        struct json_object *port = new_device (
            "pcie-root-port", hv_format (a->ctx, HOTPLUG_PORT "%u", i));

        json_put_text (port, "addr", hv_format (a->ctx, "0x1.%u", i));
        json_put_number (port, "chassis", i + 1);
        if (i == 0 && n > 1) {
            json_put_flag (port, "multifunction", true);
        }
        add_json (a, "-device", port);
    }
}

/* QEMU tests with its first file whether image locks work, for which it opens
 * /dev/null (util/osdep.c: qemu_probe_lock_ops); a sealed QEMU cannot, and
 * would go without locks.  So it gets a first file now. */
static void
add_lock_probe (const struct args *a)
{
    unsigned int n = hotplug_ports (a->ctx, a->vm);

    if (a->family != FAMILY_MICROVM && n > 0 && n <= MAX_PORTS
        && !(a->vm->disks && a->vm->disks[0])) {
        add_file (a, &(struct node){ .name = "lock-probe",
                                     .path = "/dev/null",
                                     .readonly = true });
    }
}

/* Both are functions of slot 2, for no other is free: the first one that there
 * is must be function 0, or the guest does not look for more. */
static void
add_rng (const struct args *a)
{
    struct json_object *device;

    if (!a->vm->rng) {
        return;
    }
    ARG (a, "-object");
    ARG (a, "rng-builtin,id=rng");
    device = new_device (virtio_model (a, "rng"), "rng-device");
    json_put_text (device, "rng", "rng");
    place_virtio (a, device, 2, 1, 0, 1 + a->vm->agent);
    add_json (a, "-device", device);
}

/* Port 0 is for consoles (virtio 1.2, 5.3.1), and no other port is added. */
static void
add_agent (const struct args *a)
{
    struct json_object *device;

    if (!a->vm->agent) {
        return;
    }
    ARG (a, "-chardev");
    ARG (a, "socket,id=agent,%s", listener (a, "agent"));
    device = new_device (virtio_model (a, "serial"), "agent-bus");
    json_put_number (device, "max_ports", 2);
    place_virtio (a, device, 2, 1, a->vm->rng, 1 + a->vm->rng);
    add_json (a, "-device", device);
    device = new_device ("virtserialport", "agent-port");
    json_put_text (device, "bus", "agent-bus.0");
    json_put_text (device, "chardev", "agent");
    json_put_text (device, "name", "org.qemu.guest_agent.0");
    add_json (a, "-device", device);
}

/* QEMU reads these with fopen(), so they cannot be descriptors. */
static void
add_boot (const struct args *a)
{
    const struct hv_vm *vm = a->vm;
    const struct hv_firmware_image *f = vm->firmware;
    const char *kernel = vm->kernel;

    if (f && f->mapping == HV_MAP_MEMORY) {
        ARG (a, "-bios");
        ARG (a, "%s", hv_expose (a->ctx, a->out, f->code));
    }
    if (f && f->mapping == HV_MAP_KERNEL) {
        kernel = f->code;
    }
    if (kernel) {
        ARG (a, "-kernel");
        ARG (a, "%s", hv_expose (a->ctx, a->out, kernel));
    }
    if (vm->initrd) {
        ARG (a, "-initrd");
        ARG (a, "%s", hv_expose (a->ctx, a->out, vm->initrd));
    }
    if (vm->cmdline) {
        ARG (a, "-append");
        ARG (a, "%s", vm->cmdline);
    }
    if (boots_something (vm)) {
        ARG (a, "-boot");
        ARG (a, "strict=on");
    }
}

int
qemu_describe (struct hv_ctx *ctx, const struct hv_vm *vm,
               struct hv_launch *out)
{
    const struct args a = {
        .ctx = ctx,
        .vm = vm,
        .out = out,
        .family = machine_family (
            vm->arch, vm->machine ? vm->machine : machine_default (vm->arch)),
        .offloads = hv_fact (ctx, "net.offloads"),
    };

    hv_need (ctx, out, !strcmp (vm->accelerator, "kvm") ? "kvm" : "tcg");
    hv_need (ctx, out, "listener");
    add_frame (&a);
    add_machine (&a);
    add_control (&a);
    add_console (&a);
    add_flash (&a);
    add_ports (&a);
    add_lock_probe (&a);
    add_disks (&a);
    add_nics (&a);
    add_rng (&a);
    add_agent (&a);
    add_more_memory (&a);
    add_boot (&a);
    if (qemu_can (hv_fact (ctx, "can"), CAN_MIGRATE_FILE)) {
        hv_need (ctx, out, "save");
    }
    if (vm->saved && !vm->by_path) {
        ARG (&a, "-incoming");
        ARG (&a, "defer");
        hv_need (ctx, out, "migration");
    }
    return 0;
}
