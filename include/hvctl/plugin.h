/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* hvctl/plugin.h - the interface between hvctl and its plugins.
 *
 * A plugin is a shared object that exports one constant, 'hv_plugin', which
 * points to a table of operations for each kind of provider that it contains.
 * hvctl reads the tables.  Nothing registers itself, a plugin is not linked
 * with any part of hvctl, and loading it runs none of its code.
 *
 *   Versions   HV_ABI is incremented whenever this file grows.  A plugin loads
 *              into every hvctl whose HV_ABI is not less than its own, forever.
 *              Structures grow only at their end: no member is moved,
 *              retyped, reused or removed.  Each one is either allocated by
 *              hvctl, which is never the older of the two, or states its size.
 *
 *   Optional   An operation marked "Optional" may be null; its comment says
 *              what hvctl does in its place.  If a required one is null, the
 *              plugin is refused when it is loaded.
 *
 *   Errors     An operation returns 0, or hv_fail(): a negative errno value
 *              and one sentence for the user (what failed, why, what to do).
 *              It completes all of its work or does nothing.  hvctl prefixes
 *              the names of plugin, operation and object: do not repeat them.
 *
 *   Ownership  Arguments belong to hvctl, and are valid until the call
 *              returns.  Results of a plugin are constants or come from
 *              hv_alloc() or hv_format().  So neither side ever frees memory
 *              of the other.  A descriptor in an out-parameter belongs to hvctl
 *              once the operation returns 0.  '*out' is passed zeroed, with
 *              descriptors set to -1.
 *
 *   State      A plugin has no writable globals.  State that must last until
 *              hvctl exits belongs to ctx->self.  State that must last longer
 *              exists outside of hvctl (a process, a dataset, a port) and is
 *              found by name.
 *
 *   Calls      One at a time, from one thread, and they may block, but never
 *              longer than hv_remaining().  Stopping or detaching something
 *              that does not exist any more is a success.
 *
 *   Units      Sizes are bytes, times milliseconds, MTUs bytes of payload.
 *
 *   Names      Of VMs, disks, NICs, volumes: [A-Za-z0-9][A-Za-z0-9_.-]*, at
 *              most 63 bytes, checked by hvctl before a plugin sees them.
 *              Paths may contain anything but NUL: quote them for your backend.
 *
 *   Launching  A plugin never starts a hypervisor.  describe() says what the
 *              process needs; hvctl opens, confines and executes it.
 *
 * The order of a start (hv_hypervisor H, hv_storage S, hv_network N,
 * hv_firmware F); the operation to the right of the bar undoes the step, in
 * reverse order:
 *
 *   S.chain     x disks          changes nothing
 *   N.check     x nics           changes nothing
 *   N.helper    x nics           changes nothing
 *   H.locate                     changes nothing
 *   H.probe          only if no fresh facts are cached
 *   H.capabilities
 *   H.check                      changes nothing
 *   F.find                       changes nothing
 *   H.describe                   changes nothing
 *   S.activate  x disks         | S.deactivate
 *   N.attach    x nics          | N.detach
 *   (hvctl opens, confines, executes)
 *   H.ready                     | (hvctl kills)
 *   N.ready     x nics
 *   N.settled   x nics
 *   H.restore        only if there is a saved state, written by H.save
 *   H.go                          the guest executes its first instruction
 */
#ifndef HVCTL_PLUGIN_H
#define HVCTL_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HV_ABI 2

#define HV_PRINTF(fmt, args) __attribute__ ((format (printf, fmt, args)))

/* ------------------------------------------------ Services of hvctl */

struct hv_host;
struct hv_list;    /* A collector of names; see hv_add(). */
struct hv_chain;   /* A collector of layers; see hv_layer(). */
struct hv_launch;  /* A process description; see hv_arg(). */
struct hv_options; /* A section of the configuration. */
struct hv_vm;

/* A plugin's view of hvctl: the first argument of every operation. */
struct hv_ctx {
    const struct hv_host *host; /* Services; call them as hv_NAME() below. */
    void *self;                 /* The plugin's own state. */
};

enum hv_level { HV_WARNING, HV_INFO, HV_DEBUG };

/* A program that is run until it exits.  Members that are not set must be
 * zero. */
struct hv_program {
    size_t size;              /* sizeof (struct hv_program) */
    const char *const *argv;  /* Ends in null; [0] is a path or a name. */
    const char *input;        /* Its standard input; null for none. */
    int64_t timeout;          /* Null: 30 seconds. */
    const char *const *needs; /* Sandbox groups, ends in null: it runs in
                               * the hypervisor's jail.  Null: it runs as a
                               * helper, with resource limits only. */
    bool devices;             /* In the jail: /dev/kvm exists. */

    /* ABI 2.  In the jail: the files that it may open, by these paths, for
     * reading, and also for writing.  Both end in null, and may be null. */
    const char *const *reads, *const *writes;

    /* ABI 2.  For streams: '*input_fd' is its standard input (after 'input',
     * whose length is 'input_size' if it is not text), and '*output_fd' its
     * standard output, so that there is no 'out'.  They still belong to the
     * caller.  Either may be null.  'timeout' is then the time during which
     * no byte is transferred, and hvctl shows the progress; see
     * hv_progress(). */
    size_t input_size;
    const int *input_fd, *output_fd;
};

enum hv_open_flags {
    HV_RDONLY = 0,
    HV_RDWR = 1 << 0,
    HV_WRONLY = 1 << 1,  /* And append. */
    HV_BY_NAME = 1 << 2, /* ABI 2: hv_lend() only. */
};

struct hv_host {
    int (*fail) (struct hv_ctx *, int err, const char *fmt, ...)
        HV_PRINTF (3, 4);
    void (*log) (struct hv_ctx *, enum hv_level, const char *fmt, ...)
        HV_PRINTF (3, 4);
    void *(*alloc) (struct hv_ctx *, size_t size);
    char *(*format) (struct hv_ctx *, const char *fmt, ...)HV_PRINTF (2, 3);
    const char *(*option) (struct hv_ctx *, const struct hv_options *,
                           const char *key);
    int64_t (*remaining) (struct hv_ctx *);
    int (*ask) (struct hv_ctx *, const struct hv_program *, const char **out);
    int (*run) (struct hv_ctx *, const struct hv_program *, const char **out);
    int (*connect) (struct hv_ctx *, const char *rundir, const char *name);
    const char *(*fact) (struct hv_ctx *, const char *key);

    void (*add) (struct hv_ctx *, struct hv_list *, const char *name,
                 const char *detail);
    void (*layer) (struct hv_ctx *, struct hv_chain *, const char *path,
                   const char *format);

    void (*arg) (struct hv_ctx *, struct hv_launch *, const char *fmt, ...)
        HV_PRINTF (3, 4);
    int (*open) (struct hv_ctx *, struct hv_launch *, const char *path,
                 uint32_t flags);
    int (*listen) (struct hv_ctx *, struct hv_launch *, const char *name);
    int (*logfile) (struct hv_ctx *, struct hv_launch *, const char *name);
    int (*port) (struct hv_ctx *, struct hv_launch *, const char *nic,
                 uint32_t queue);
    const char *(*expose) (struct hv_ctx *, struct hv_launch *,
                           const char *path);
    void (*need) (struct hv_ctx *, struct hv_launch *, const char *group);

    /* ABI 2. */
    void (*lend) (struct hv_ctx *, struct hv_launch *, const char *path,
                  uint32_t flags);
    int (*nic_fd) (struct hv_ctx *, const struct hv_vm *, const char *nic,
                   uint32_t queue);
    void (*progress) (struct hv_ctx *, uint64_t done, uint64_t total);
    void (*watch) (struct hv_ctx *, struct hv_launch *, const char *logfile,
                   const char *word);
    const char *(*owner) (struct hv_ctx *);
    int (*console) (struct hv_ctx *, struct hv_launch *);
};

/* Sets the message for the user and returns -'err', so that an operation can
 * end in:  return hv_fail (ctx, ENOENT, "no volume '%s'", name);
 * "%m" stands for the text of errno.  'err' is positive. */
#define hv_fail(ctx, err, ...) ((ctx)->host->fail ((ctx), (err), __VA_ARGS__))

/* Writes to the log.  HV_WARNING is also shown to the user.  This is not a
 * way to report errors. */
#define hv_log(ctx, level, ...) ((ctx)->host->log ((ctx), (level), __VA_ARGS__))

/* Returns zeroed memory, or a formatted string, that hvctl frees after the
 * plugin has been closed.  Never null: if out of memory, hvctl exits. */
#define hv_alloc(ctx, size) ((ctx)->host->alloc ((ctx), (size)))
#define hv_format(ctx, ...) ((ctx)->host->format ((ctx), __VA_ARGS__))

/* Returns the value of 'key' in the given section (of a network, of a pool, or
 * a VM's section for this plugin; null stands for the plugin's own section of
 * the host configuration), its declared default, or null.  hvctl has checked
 * that the value is of the declared type.  A key that the plugin has not
 * declared in a table of struct hv_key is a bug of the plugin, and is null. */
#define hv_option(ctx, options, key)                                           \
    ((ctx)->host->option ((ctx), (options), (key)))

/* Returns the milliseconds that remain for this call, at least 0.  After a
 * signal these are few (500): enough to receive an answer from a hypervisor, or
 * to roll back what was begun, but not to wait for a guest. */
#define hv_remaining(ctx) ((ctx)->host->remaining (ctx))

/* Runs a program, without a shell, until it exits, and stores its standard
 * output in '*out' (which may be null).  hv_ask() is for programs
 * that change nothing, hv_run() for the others.  If the program is missing,
 * fails, is killed by a signal or takes too long, the call fails, with the
 * program's error output as the message, which is then in '*out', too: usually
 * just return the result. */
#define hv_ask(ctx, program, out) ((ctx)->host->ask ((ctx), (program), (out)))
#define hv_run(ctx, program, out) ((ctx)->host->run ((ctx), (program), (out)))

/* Connects to the socket that describe() requested with hv_listen (name).
 * Returns a descriptor that belongs to the caller, close-on-exec and
 * non-blocking, or fails. */
#define hv_connect(ctx, rundir, name)                                          \
    ((ctx)->host->connect ((ctx), (rundir), (name)))

/* Returns the fact that probe() added under 'key' for the program in use, or
 * null if it added none, or if the program could not be probed (commands that
 * change nothing do not probe). */
#define hv_fact(ctx, key) ((ctx)->host->fact ((ctx), (key)))

/* ABI 2.  Reports the progress of a long operation, in bytes, to the user;
 * a total of 0 is unknown.  Data that passes through a program's descriptors is
 * counted by hvctl itself: then only report the total, beforehand. */
#define hv_progress(ctx, done, total)                                          \
    ((ctx)->host->progress ((ctx), (done), (total)))

/* ABI 2.  Returns the owner for marks on objects that another hvctl
 * installation on this host can see, too, which may have a VM of the same name:
 * our run_dir, or null for that of the system. */
#define hv_owner(ctx) ((ctx)->host->owner (ctx))

/* Adds one entry to the list that an operation was asked to fill in.  'detail'
 * may be null. */
#define hv_add(ctx, list, name, detail)                                        \
    ((ctx)->host->add ((ctx), (list), (name), (detail)))

/* Adds a layer of a disk; the top one is added first. */
#define hv_layer(ctx, chain, path, format)                                     \
    ((ctx)->host->layer ((ctx), (chain), (path), (format)))

/* For describe() only.  All of these only record a request: nothing is opened
 * until the plan is carried out.
 *
 * hv_arg      appends one argument (the first is argv[0], the program's
 *             absolute path).
 * hv_open     opens 'path': O_RDWR, O_RDONLY, or O_WRONLY|O_APPEND.
 * hv_listen   creates a unix stream socket that listens at
 *             'rundir/NAME.sock'; see hv_connect().
 * hv_logfile  opens 'logdir/NAME.log' for appending.
 * hv_port     passes the queue'th descriptor of a NIC's port.  ABI 2: for a
 *             port of kind HV_NIC_VHOST_USER, queue 0 is a listening socket,
 *             and while the process starts it may bind() a socket of its own to
 *             the relative unix address "vhost-NIC.sock", which replaces it by
 *             a copy of the listening one.
 *
 * These four return the number that the descriptor will have in the process,
 * or -1 if vm->by_path: then a person is going to paste the command, and the
 * plugin must use the path, the socket or the interface name instead.
 *
 * hv_expose   makes a file readable for the process while it starts (not
 *             later), for files that cannot be passed as descriptors.  Returns
 *             the path under which the process sees it.
 * hv_need     adds a group to the system calls that the sandbox allows: "tcg",
 *             "kvm", "kvm-cpus", "disk", "aio", "net", "listener", "slirp",
 *             "memory", "migration", "postcopy", "terminal", "vhost-user",
 *             "stream"; "base" is always included.  'hvctl sandbox show' prints
 *             their contents.
 *             The name of a call in the plugin's own table (struct hv_call) is
 *             also accepted.  Anything else ("execve", "ioctl") is refused
 *             before a start acquires anything, with an error that names it,
 *             and so is everything that the host's configuration denies.
 * hv_lend     ABI 2.  Declares a brokered file: the process may open it by
 *             this path, for reading or, with HV_RDWR, writing, whoever owns
 *             it and for as long as the process runs: for files that cannot be
 *             passed as descriptors and are opened more than once.  The
 *             sandbox is then reported as degraded.  A process with brokered
 *             files may also bind() a socket to the relative unix address
 *             "NAME.sock" of an hv_listen(), which replaces it by a copy of
 *             the listening one.  With HV_BY_NAME it sees the file as "/" and
 *             the last component of the path, not by the path.
 * hv_watch    ABI 2.  For a process that keeps running when its guest has shut
 *             down: when 'word' (of up to 64 bytes) appears in an
 *             hv_logfile(), status() is called, and if it returns HV_STOPPED
 *             or HV_PREPARED for a VM that was running, the process is told to
 *             quit(), and the VM counts as shut down by its guest.  If the
 *             process exits in any other way and nobody told it to, that is a
 *             crash, whatever its exit status.
 *
 * hv_console  ABI 2.  For a process that provides a socket for its guest's
 *             serial port, and keeps no log of it: does the same as
 *             hv_listen ("console"), but hvctl itself connects, before
 *             the guest runs, and again whenever the connection is closed.  The
 *             output is logged and forwarded to 'hvctl console', which cannot
 *             tell the difference.
 *
 * For ready() and go():
 *
 * hv_nic_fd   ABI 2.  Returns the descriptor of a queue of a NIC, if
 *             describe() did not request it with hv_port(); otherwise -1.  It
 *             still belongs to hvctl, and is closed when the start is over. */
#define hv_arg(ctx, launch, ...)                                               \
    ((ctx)->host->arg ((ctx), (launch), __VA_ARGS__))
#define hv_open(ctx, launch, path, flags)                                      \
    ((ctx)->host->open ((ctx), (launch), (path), (flags)))
#define hv_listen(ctx, launch, name)                                           \
    ((ctx)->host->listen ((ctx), (launch), (name)))
#define hv_logfile(ctx, launch, name)                                          \
    ((ctx)->host->logfile ((ctx), (launch), (name)))
#define hv_port(ctx, launch, nic, queue)                                       \
    ((ctx)->host->port ((ctx), (launch), (nic), (queue)))
#define hv_expose(ctx, launch, path)                                           \
    ((ctx)->host->expose ((ctx), (launch), (path)))
#define hv_need(ctx, launch, group)                                            \
    ((ctx)->host->need ((ctx), (launch), (group)))
#define hv_lend(ctx, launch, path, flags)                                      \
    ((ctx)->host->lend ((ctx), (launch), (path), (flags)))
#define hv_watch(ctx, launch, logfile, word)                                   \
    ((ctx)->host->watch ((ctx), (launch), (logfile), (word)))
#define hv_console(ctx, launch) ((ctx)->host->console ((ctx), (launch)))
#define hv_nic_fd(ctx, vm, nic, queue)                                         \
    ((ctx)->host->nic_fd ((ctx), (vm), (nic), (queue)))

/* ------------------------------------------------ Shared structures */

/* Arrays are of pointers and end in null, so that their elements can grow. */

/* A key that a section of the configuration may have.  Arrays of these end
 * in one with a null name; this structure cannot grow. */
enum hv_type {
    HV_STRING,
    HV_BOOL,
    HV_UINT,
    HV_SIZE,
    HV_DURATION,
    HV_MAC,
    HV_PATH,  /* ABI 2.  hv_option() returns an absolute
               * path: relative ones are relative to the
               * directory of the file that contains the key. */
    HV_PATHS, /* ABI 2.  Several, separated by colons. */
};

struct hv_key {
    const char *name;
    enum hv_type type;
    const char *fallback; /* The default, or null. */
    const char *summary;  /* For people: a phrase. */
    bool required;
};

/* One file of a disk.  The one below it, if any, follows in the array. */
struct hv_layer {
    const char *path;   /* Absolute: a file or block device. */
    const char *format; /* "raw", "qcow2". */
};

/* A requested volume. */
struct hv_volume {
    const char *name;                 /* Unique in its pool. */
    const char *pool;                 /* Null for an image given by 'path'. */
    const struct hv_options *options; /* The pool's; null with 'path'. */
    const char *path;                 /* An image outside any pool, or null. */
    const char *format;               /* Of 'path'; null if there is a pool. */
    uint64_t size;                    /* For create and resize; otherwise 0. */
    const char *backing;        /* For create: the backing file, or null. */
    const char *backing_format; /* Of 'backing', never null if that is set. */
};

/* Information about a volume. */
struct hv_volume_info {
    uint64_t size;      /* As the guest sees it. */
    uint64_t allocated; /* On the host. */
};

/* A disk as a hypervisor sees it. */
struct hv_disk {
    const char *name;
    const struct hv_layer *const *layers; /* Top first. */
    bool readonly;
    bool cdrom;
    uint32_t boot;      /* 1 boots first; 0: never booted from. */
    const char *serial; /* Or null. */
    uint64_t size;
    uint64_t wwn; /* ABI 2.  The World Wide Name, or 0. */
};

struct hv_nic;

enum hv_change_kind {
    HV_ATTACH_DISK,
    HV_DETACH_DISK,
    HV_ATTACH_NIC,
    HV_DETACH_NIC,
    HV_RESIZE,
};

/* ABI 2.  A change to a running VM that hvctl considers. */
struct hv_change {
    enum hv_change_kind kind;
    const char *name;           /* The disk or NIC, or null. */
    const struct hv_disk *disk; /* To be attached.  Its layers are null if its
                                 * volume has not been created yet. */
    const struct hv_nic *nic;   /* To be attached. */
    uint32_t cpus;              /* Of HV_RESIZE; 0: unchanged. */
    uint64_t memory;
    const struct hv_change *before; /* Is made before this one, or null. */
};

/* A requested network port. */
struct hv_port {
    const char *vm, *name; /* Unique together. */
    const char *vm_uuid;
    const char *network;              /* The name of its network. */
    const struct hv_options *options; /* The network's. */
    const char *ifname; /* For an interface on the host: unique and
                         * at most 15 bytes. */
    uint8_t mac[6];     /* The guest's. */
    uint32_t queues;    /* At least 1. */
    uint32_t mtu;       /* 0: that of the network. */
};

enum hv_nic_kind {
    HV_NIC_TAP,        /* Descriptors of a tap or macvtap. */
    HV_NIC_USER,       /* The hypervisor's built-in user-mode network. */
    HV_NIC_VHOST_USER, /* A socket at 'socket'. */
    HV_NIC_PCI,        /* A device at 'address', through VFIO. */
    HV_NIC_STREAM,     /* ABI 2.  A connected unix stream socket, passed
                        * by hv_port(): each frame is preceded by its
                        * length, 32 bits in network byte order. */
};

/* A network port as a hypervisor sees it. */
struct hv_nic {
    const char *name;
    enum hv_nic_kind kind;
    const char *ifname; /* Of the tap; null for other kinds. */
    uint8_t mac[6];
    uint32_t queues;
    uint32_t mtu;                     /* 0: not announced to the guest. */
    bool offload;                     /* Checksum and segmentation offload work
                                       * along the path (IFF_VNET_HDR). */
    uint32_t boot;                    /* 1 boots first; 0: never booted from. */
    const char *socket;               /* HV_NIC_VHOST_USER */
    const char *address;              /* HV_NIC_PCI: "0000:01:00.0" */
    const struct hv_options *options; /* The network's, which configure an
                                       * HV_NIC_USER. */
    const char *forward; /* HV_NIC_USER: "tcp:127.0.0.1:2222:22,…"
                          * or null.  check() has honoured it if the
                          * kind is HV_NIC_STREAM. */
    const char *why;     /* ABI 2.  For people: why HV_NIC_USER and
                          * no better kind, or null. */
};

/* Requested firmware. */
struct hv_firmware_want {
    const char *hypervisor; /* The plugin's name. */
    const char *arch;       /* "x86_64", "aarch64". */
    const char *machine;    /* The concrete type, "pc-q35-7.2". */
    bool uefi;              /* Otherwise BIOS. */
    bool secure_boot;       /* Enforced, with keys enrolled. */
};

enum hv_mapping {
    HV_MAP_FLASH,  /* Code and variables in flash chips. */
    HV_MAP_MEMORY, /* Copied to memory like a BIOS. */
    HV_MAP_KERNEL, /* Loaded like a kernel. */
};

/* Firmware as a hypervisor sees it. */
struct hv_firmware_image {
    enum hv_mapping mapping;
    const char *code, *code_format;
    const char *vars_template; /* To be copied per VM, or null. */
    const char *vars_format;
    const char *vars;        /* The VM's own copy; set by hvctl. */
    bool smm;                /* The machine needs SMM... */
    bool secure;             /* ...and flash that only SMM may write. */
    const char *description; /* For people. */
};

/* A virtual machine, resolved. */
struct hv_vm {
    const char *name; /* Unique on this host. */
    const char *uuid;
    const char *rundir;  /* Its own directory, which contains its sockets. */
    const char *program; /* The hypervisor; see locate(). */
    uint64_t memory;
    uint32_t cpus;
    const char *arch;        /* "x86_64", "aarch64". */
    const char *machine;     /* As in the definition, or null;
                              * in describe() as chosen by check(). */
    const char *accelerator; /* "auto", "kvm", "tcg"; likewise. */
    const char *cpu;         /* The name of a model, or null; likewise. */
    const char *kernel, *initrd, *cmdline;    /* Each may be null. */
    const struct hv_firmware_image *firmware; /* Null: none, or BIOS. */
    bool uefi, secure_boot; /* As requested by the definition. */
    const struct hv_disk *const *disks;
    const struct hv_nic *const *nics;
    bool rng;                         /* A random number generator. */
    const struct hv_options *options; /* The definition's section for this
                                       * plugin. */
    bool by_path;                     /* See hv_open(). */
    const char *saved;                /* ABI 2.  The directory of the files that
                                       * save() wrote, if this start restores
                                       * them; null: it boots.  For describe(),
                                       * ready(), restore() and go(). */
    bool agent; /* ABI 2.  A channel to the guest agent: the virtio-serial port
                 * "org.qemu.guest_agent.0", at hv_listen ("agent"). */
};

/* The hypervisor's choices where the definition leaves some. */
struct hv_choice {
    const char *machine;         /* Concrete: "pc-q35-7.2". */
    const char *accelerator;     /* "kvm", "tcg". */
    const char *accelerator_why; /* A phrase; null: it was requested. */
    const char *cpu;
    bool fallback; /* Not all that the definition prefers: the user
                    * is warned with accelerator_why. */
};

/* ABI 2.  A system call that a hypervisor makes and that is in no group of the
 * sandbox.  describe() requests it by hv_need (ctx, launch, name), which adds
 * all entries of that name.  Arrays of these end in one with a null name; this
 * structure cannot grow.
 *
 * Only calls that act on the process itself and on descriptors that it was
 * given are accepted; ioctl, fcntl and madvise only with a list of values.  A
 * plugin whose table contains any other call (execve, open, socket, ptrace, a
 * whole ioctl) is refused when it is loaded, with an error that names the call.
 * 'hvctl plugin show' prints the table,
 * and the host's configuration can deny each call by its name. */
struct hv_call {
    const char *name;       /* As in syscalls(2): "io_pgetevents". */
    const char *why;        /* For people: a phrase. */
    const uint32_t *values; /* Accepted values of the low 32 bits of the
                             * argument; null: all arguments. */
    size_t n_values;
    int argument; /* The first is 0. */
    bool start;   /* Needed only before the guest runs. */
};

/* ABI 2.  The descriptors of one layer of a disk; 'rw' is -1 for one that is
 * not written to.  Arrays of these have one per layer; it cannot grow. */
struct hv_files {
    int rw, ro;
};

/* ABI 2.  How a hypervisor handles a key of a definition.  Arrays of these
 * end in one with a null key; it cannot grow. */
enum hv_how {
    HV_HONOURED, /* 'text': the limits, or null. */
    HV_EMULATED, /* 'text': how. */
    HV_REFUSED,  /* 'text': why, and what to do. */
};

struct hv_support {
    const char *key; /* "memory", "disk.serial", "nic.mtu" */
    enum hv_how how;
    const char *text; /* For people: a phrase about the hypervisor,
                       * "it has no BIOS: give a kernel". */
};

enum hv_state { HV_STOPPED, HV_PREPARED, HV_RUNNING, HV_PAUSED, HV_FAILED };

struct hv_status {
    enum hv_state state;
    const char *detail; /* For people: "disk full", or null. */
};

/* ------------------------------------------------ Operations of plugins */

/* Runs machines. */
struct hv_hypervisor {
    size_t size; /* sizeof (struct hv_hypervisor) */

    /* The keys of a VM's section for this plugin, or null. */
    const struct hv_key *keys;

    /* Finds the program for 'arch' and stores its absolute path.  Fails with
     * ENOENT, naming the package that contains it, or ENOTSUP. */
    int (*locate) (struct hv_ctx *, const char *arch, const char **program);

    /* Adds facts about 'program' on this host, which hvctl caches by the
     * program's and the accelerator's identity and returns from hv_fact().  The
     * only operation that may be slow. */
    int (*probe) (struct hv_ctx *, const char *arch, const char *program,
                  struct hv_list *facts);

    /* Adds the capabilities of this hypervisor.  A definition's requirements
     * are matched against these, as strings: "arch:x86_64", "machine:q35",
     * "accelerator:kvm", "disk:qcow2", "overlay", "cdrom", "readonly",
     * "nic:tap", "nic:user", "nic:vhost-user", "nic:pci", "nic:stream",
     * "multiqueue", "kernel", "firmware:uefi", "firmware:bios", "secure-boot",
     * "boot-order", "rng", "pause", "agent" (ABI 2).  "machine:*" and "cpu:*"
     * match all. */
    int (*capabilities) (struct hv_ctx *, const char *arch,
                         struct hv_list *out);

    /* Fails if this host cannot run 'vm', otherwise says how it would. */
    int (*check) (struct hv_ctx *, const struct hv_vm *vm,
                  struct hv_choice *out);

    /* Describes the process: arguments, descriptors, sandbox groups.  It
     * must start with its control channel ready and no guest instruction
     * executed.  Depends only on its arguments and on facts. */
    int (*describe) (struct hv_ctx *, const struct hv_vm *vm,
                     struct hv_launch *out);

    /* Waits until the process described by describe() answers.  A
     * connection may be kept in self for go(). */
    int (*ready) (struct hv_ctx *, const struct hv_vm *vm);

    /* Lets the guest run; returns once it does. */
    int (*go) (struct hv_ctx *, const struct hv_vm *vm);

    /* Asks the guest to power off (ACPI), and returns. */
    int (*powerdown) (struct hv_ctx *, const struct hv_vm *vm);

    /* Asks the hypervisor to exit, whatever the guest does, and returns. */
    int (*quit) (struct hv_ctx *, const struct hv_vm *vm);

    /* Returns the state of 'vm', whose process exists. */
    int (*status) (struct hv_ctx *, const struct hv_vm *vm,
                   struct hv_status *out);

    /* Optional, both or neither; null: refused.  Pause and resume the
     * guest's processors. */
    int (*pause) (struct hv_ctx *, const struct hv_vm *vm);
    int (*resume) (struct hv_ctx *, const struct hv_vm *vm);

    /* ABI 2.  All of these are for a running VM, optional, and refused if
     * null; attach and detach of a kind: both or neither.  Descriptors still
     * belong to hvctl: duplicate or send those that must last.  A disk or NIC
     * that is not plugged in is ENOENT. */

    /* Hotplugs a disk; 'files' has a pair per layer.  Returns when the guest
     * can see it. */
    int (*attach_disk) (struct hv_ctx *, const struct hv_vm *vm,
                        const struct hv_disk *disk,
                        const struct hv_files *files);

    /* Unplugs a disk, and returns when the guest has released it; fails with
     * ETIMEDOUT if the guest does not.  A missing disk is ENOENT. */
    int (*detach_disk) (struct hv_ctx *, const struct hv_vm *vm,
                        const char *name);

    /* The same for NICs; 'fds' has a descriptor per queue. */
    int (*attach_nic) (struct hv_ctx *, const struct hv_vm *vm,
                       const struct hv_nic *nic, const int fds[]);
    int (*detach_nic) (struct hv_ctx *, const struct hv_vm *vm,
                       const char *name);

    /* Changes the number of processors and the memory; 0 leaves one
     * unchanged. */
    int (*resize) (struct hv_ctx *, const struct hv_vm *vm, uint32_t cpus,
                   uint64_t memory);

    /* Tells the guest that a disk, which its storage has enlarged or will let
     * grow, now has 'size' bytes. */
    int (*resize_disk) (struct hv_ctx *, const struct hv_vm *vm,
                        const char *name, uint64_t size);

    /* Makes the guest continue writing to disk->layers[0], a new and empty
     * overlay on the layers that it had. */
    int (*overlay_disk) (struct hv_ctx *, const struct hv_vm *vm,
                         const struct hv_disk *disk,
                         const struct hv_files *files);

    /* Adds counters: "disk.root.read_bytes" and a decimal number. */
    int (*counters) (struct hv_ctx *, const struct hv_vm *vm,
                     struct hv_list *out);

    /* The system calls that describe() may request besides the groups, or
     * null. */
    const struct hv_call *calls;

    /* Optional; null: hvctl reports what follows from capabilities().  How
     * each key of a definition is handled ('hvctl plugin show' lists them),
     * except those that hvctl answers for itself and those of this plugin's own
     * section.  A definition that sets a refused key to something other than
     * its default does not reach check(), which refuses single values. */
    const struct hv_support *support;

    /* Optional, all or none; null: refused.  The state of a guest (its
     * processors, memory and devices, not its disks) as files.
     *
     * state_files are their names, and end in null.  Each is a name as above.
     *
     * save() writes them.  The guest is paused, and stays paused: afterwards it
     * is resumed by resume(), or told to quit().  'fds' has a descriptor for
     * each file, for reading and writing; the files are empty.  While the call
     * lasts, a process with brokered files may also open "/NAME", as if it
     * created it.  Fails with ENOTSUP, and the guest can be resumed, if it
     * could not be restored by a process that is described anew: 'vm' has
     * everything that describe() would get.  EAGAIN says that it could be, once
     * the guest, which must run for that, has returned what it was asked for:
     * then it runs for a moment, and save() is called again.  hv_progress()
     * reports the progress.
     *
     * restore() loads them into a process that was described and is ready;
     * 'fds' are for reading only.  The guest stays paused: go() or resume()
     * makes it run.  The disks are as they were when save() returned; the
     * NICs have the same ports, newly created. */
    const char *const *state_files;
    int (*save) (struct hv_ctx *, const struct hv_vm *vm, const int fds[]);
    int (*restore) (struct hv_ctx *, const struct hv_vm *vm, const int fds[]);

    /* Optional; null: whatever has an operation is tried.  Fails with ENOTSUP
     * if the running VM would refuse 'change' until it stops, for the reason
     * for which that operation would.  Changes nothing, and may ask the
     * process.  Any other failure says nothing about the change. */
    int (*can_change) (struct hv_ctx *, const struct hv_vm *vm,
                       const struct hv_change *change);
};

/* Connects machines. */
struct hv_network {
    size_t size; /* sizeof (struct hv_network) */

    /* The type of network it serves: "bridge", "macvtap", "user", "ovs". */
    const char *type;

    /* The keys of a network's section, or null. */
    const struct hv_key *keys;

    /* Fails if 'port' cannot be attached, otherwise says how a hypervisor will
     * reach it (kind, queues, mtu, offload, …).  Changes nothing.  'out'
     * is passed with name, mac, queues, boot, options and forward set, and may
     * be changed.  An existing port of this VM is not a failure. */
    int (*check) (struct hv_ctx *, const struct hv_port *port,
                  struct hv_nic *out);

    /* Creates 'port' and stores a descriptor per queue in 'fds', close-on-exec
     * and non-blocking; for HV_NIC_VHOST_USER the one that listens at its
     * 'socket', as queue 0.  If it fails, it has acquired nothing, and detach()
     * is not called. */
    int (*attach) (struct hv_ctx *, const struct hv_port *port, int fds[]);

    /* Optional; null: immediately.  Waits until the port carries packets;
     * called while the hypervisor is already starting. */
    int (*ready) (struct hv_ctx *, const struct hv_port *port);

    /* Removes 'port', if it exists and carries our mark. */
    int (*detach) (struct hv_ctx *, const struct hv_port *port);

    /* ABI 2.  Optional; null: nothing to do.  For ports that outlive a crash of
     * the host: removes each port of this network that carries our mark and
     * belongs to none of the VMs whose UUIDs are in 'live', which ends in
     * null.  Called for all networks after a boot, and after each start for
     * those of the VM, while others may be starting: ports in use are kept. */
    int (*sweep) (struct hv_ctx *, const struct hv_options *network,
                  const char *const live[]);

    /* ABI 2.  Optional, both or neither; null: attach() returns the socket of
     * a port for which check() chose HV_NIC_STREAM.
     *
     * helper() describes a process that serves such a port, in the same way as
     * hv_hypervisor.describe(): with hv_arg(), hv_open(), hv_logfile(),
     * hv_expose() and hv_need(), whose groups "passt" and "outbound" are for
     * such processes; hv_port (port->name, 0) is its end of the connection.
     * hvctl starts it in a jail of its own, with the host's network, gives
     * the other end to the hypervisor, and stops it when the port is removed,
     * also after a crash.  It must exit by itself when the connection is
     * closed.
     *
     * settled() waits until process 'pid', started like that, serves: until it
     * no longer makes the system calls, nor opens the files, that only its
     * start needs, which are then revoked. */
    int (*helper) (struct hv_ctx *, const struct hv_port *port,
                   const struct hv_nic *nic, struct hv_launch *out);
    int (*settled) (struct hv_ctx *, const struct hv_port *port, int pid);
};

/* Stores volumes. */
struct hv_storage {
    size_t size; /* sizeof (struct hv_storage) */

    /* The type of pool that it serves, and the format of the images that it can
     * read by path (or null): "qcow2". */
    const char *type;
    const char *format;

    /* The keys of a pool's section, or null. */
    const struct hv_key *keys;

    /* hv_layer()s 'vol', top first, and fills in 'info'.  Fails with ENOENT
     * if it does not exist, and if a layer is missing or not of the format that
     * the one above it states.  Changes nothing. */
    int (*chain) (struct hv_ctx *, const struct hv_volume *vol,
                  struct hv_chain *out, struct hv_volume_info *info);

    /* Creates 'vol', or fails with EEXIST. */
    int (*create) (struct hv_ctx *, const struct hv_volume *vol);

    /* Destroys 'vol'.  A missing volume is not an error.  Fails with
     * ENOTEMPTY if it has snapshots that forget() could delete. */
    int (*destroy) (struct hv_ctx *, const struct hv_volume *vol);

    /* Optional; null: refused.  Changes the size of 'vol', which no VM
     * uses (unless it is a block device), to the one that it now states. */
    int (*resize) (struct hv_ctx *, const struct hv_volume *vol);

    /* Optional; null: none.  hv_add()s every volume of the pool whose
     * section is 'options'. */
    int (*list) (struct hv_ctx *, const struct hv_options *options,
                 struct hv_list *out);

    /* Optional, both or neither; null: nothing to do.  Make the paths of
     * chain() usable, and undo that. */
    int (*activate) (struct hv_ctx *, const struct hv_volume *vol);
    int (*deactivate) (struct hv_ctx *, const struct hv_volume *vol);

    /* ABI 2.  All of these are optional, and refused if null. */

    /* Creates a snapshot of 'vol'.  May be called
     * while a VM runs on 'vol': if chain() returns other layers afterwards,
     * hvctl makes the hypervisor switch to them. */
    int (*snapshot) (struct hv_ctx *, const struct hv_volume *vol,
                     const char *snapshot);

    /* hv_add()s every snapshot, oldest first; the detail is the time of its
     * creation, in decimal seconds since the epoch. */
    int (*snapshots) (struct hv_ctx *, const struct hv_volume *vol,
                      struct hv_list *out);

    /* Reverts 'vol', which no VM uses, to the snapshot.
     * Fails with EBUSY, and names what would be lost, if there are newer
     * snapshots that would be deleted. */
    int (*revert) (struct hv_ctx *, const struct hv_volume *vol,
                   const char *snapshot);

    /* Deletes a snapshot, not the volume.  Fails with EBUSY, naming them, if
     * others depend on it, or if 'vol' is in use, unless that does no harm. */
    int (*forget) (struct hv_ctx *, const struct hv_volume *vol,
                   const char *snapshot);

    /* Makes a clone independent of its origin. */
    int (*promote) (struct hv_ctx *, const struct hv_volume *vol);

    /* Writes a snapshot to a descriptor: all of it or, if 'from' is not
     * null, the changes since that older snapshot; fails with
     * ENOTSUP if it does not support that. */
    int (*send) (struct hv_ctx *, const struct hv_volume *vol,
                 const char *snapshot, const char *from, int fd);

    /* Creates 'vol' from the data of such a descriptor, with the snapshot of
     * that name, or none if that is null.  Changes since a snapshot are
     * added to 'vol', if that is its newest and nothing was written since;
     * otherwise it fails with EBUSY.  All of it is received, or nothing. */
    int (*receive) (struct hv_ctx *, const struct hv_volume *vol,
                    const char *snapshot, int fd);

    /* Creates 'vol' as a clone of another volume of its pool, with the contents
     * of the snapshot, or, if that is null, with its current contents: then
     * fails with EBUSY if it is in use, unless that does no harm.  'vol' has no
     * size. */
    int (*clone) (struct hv_ctx *, const struct hv_volume *vol,
                  const struct hv_volume *from, const char *snapshot);

    /* Optional; null: it is tried.  Fails if create(), or resize() of an
     * existing volume (then 'vol' has no backing file), would refuse 'vol'
     * whatever the state of the pool is: for its name, its size or its backing
     * file.  Changes nothing. */
    int (*check) (struct hv_ctx *, const struct hv_volume *vol);

    /* Null: create() makes an overlay, or a clone.  Creates 'vol', with its
     * size, as a copy of the raw image in the file 'image', which nobody writes
     * to. */
    int (*copy) (struct hv_ctx *, const struct hv_volume *vol,
                 const char *image);
};

/* Finds boot firmware. */
struct hv_firmware {
    size_t size; /* sizeof (struct hv_firmware) */

    /* Returns the location of the firmware 'want', or fails with ENOENT. */
    int (*find) (struct hv_ctx *, const struct hv_firmware_want *want,
                 struct hv_firmware_image *out);

    /* Optional; null: none.  hv_add()s every firmware. */
    int (*list) (struct hv_ctx *, struct hv_list *out);
};

/* A plugin. */
struct hv_plugin {
    uint32_t abi;        /* HV_ABI */
    uint32_t size;       /* sizeof (struct hv_plugin) */
    const char *name;    /* "net-ovs"; its file is net_ovs.so. */
    const char *version; /* For people. */
    const char *license; /* An SPDX expression. */
    const char *summary; /* For people: one line. */

    /* The keys of the plugin's own section of the host configuration, or
     * null; see hv_option(). */
    const struct hv_key *keys;

    /* Optional.  Called before any operation.  Reads options, sets self.  If
     * it fails, no operation is called. */
    int (*open) (struct hv_ctx *);

    /* Optional.  Called last. */
    void (*close) (struct hv_ctx *);

    /* The providers that it contains: at least one. */
    const struct hv_hypervisor *hypervisor;
    const struct hv_network *network;
    const struct hv_storage *storage;
    const struct hv_firmware *firmware;
};

/* Each plugin defines this. */
extern const struct hv_plugin hv_plugin
    __attribute__ ((visibility ("default")));

#ifdef __cplusplus
}
#endif

#endif /* HVCTL_PLUGIN_H */
