/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The state of a machine to files and back, with the contract server: the real
 * program needs a root directory and a supervisor, which it has in
 * tests/root/ch-save.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/test-ch.h"

enum { CONFIG, STATE, MEMORY, FILES };
#define NAME(i) (hv_plugin.hypervisor->state_files[i])

/* A machine with two disks and a NIC of two queues. */
struct saving {
    struct run r;
    const struct hv_disk *disks[3];
    const struct hv_nic *nics[2];
    struct hv_disk root, data;
    struct hv_layer layers[2];
    const struct hv_layer *root_layers[2], *data_layers[2];
    struct hv_nic nic;
    int fds[FILES], taps[2];
};

static void
open_files (struct saving *s, int flags)
{
    assert_null (NAME (FILES));
    for (int i = 0; i < FILES; i++) {
        s->fds[i] = open (run_path (&s->r, NAME (i)), flags | O_CLOEXEC, 0600);
        assert_true (s->fds[i] >= 0);
    }
}

static void
close_files (struct saving *s)
{
    for (int i = 0; i < FILES; i++) {
        close (s->fds[i]);
        s->fds[i] = -1;
    }
}

/* Describes the process, in which 'name' has that value; the files that it is
 * lent are in its directory, as they would be in its root. */
static void
start (struct saving *s, const char *name, const char *value)
{
    struct run r = s->r;

    r.f->n_nic_fds = 2;
    r.f->next_nic_fd = 0;
    memcpy (r.f->nic_fds, s->taps, sizeof s->taps);
    setenv ("CH_SERVER_ROOT", r.dir, 1);
    setenv ("CH_SERVER_REQUESTS", run_path (&r, "requests"), 1);
    setenv (name, value, 1);
    run_start (&r);
    unsetenv (name);
    unsetenv ("CH_SERVER_ROOT");
    unsetenv ("CH_SERVER_REQUESTS");
    s->r = r;
    if (OP (ready) < 0) {
        fail_msg ("%s\n%s", r.f->message, run_text (&r, "hypervisor.log"));
    }
}

static void
begin (struct saving *s)
{
    *s = (struct saving){
        .fds = { -1, -1, -1 },
        .root = { .name = "root" },
        .data = { .name = "data", .readonly = true },
        .nic = { .name = "lan",
                 .kind = HV_NIC_TAP,
                 .queues = 2,
                 .mac = { 2, 0, 0, 0, 0, 1 } },
    };
    prepare (&s->r, "count");
    assert_int_equal (socketpair (AF_UNIX, SOCK_DGRAM, 0, s->taps), 0);
    s->layers[0] = (struct hv_layer){ run_image (&s->r, "a.raw", 4096), "raw" };
    s->layers[1] = (struct hv_layer){ run_image (&s->r, "b.raw", 4096), "raw" };
    s->root_layers[0] = &s->layers[0];
    s->data_layers[0] = &s->layers[1];
    s->root.layers = s->root_layers;
    s->data.layers = s->data_layers;
    s->disks[0] = &s->root;
    s->disks[1] = &s->data;
    s->nics[0] = &s->nic;
    s->r.vm.disks = s->disks;
    s->r.vm.nics = s->nics;
    s->r.vm.memory = 4 << 20;
}

static void
finish (struct saving *s)
{
    close_files (s);
    close (s->taps[0]);
    close (s->taps[1]);
    run_finish (&s->r);
}

/* Runs it, has it stopped at a number, and the files made. */
static void
run_and_pause (struct saving *s, const char *name, const char *value)
{
    struct run r;

    begin (s);
    start (s, name, value);
    r = s->r;
    assert_int_equal (OP (go), 0);
    assert_true (run_guest_says (&r, "count 00000002"));
    assert_int_equal (OP (pause), 0);
    open_files (s, O_RDWR | O_CREAT | O_EXCL);
}

/* Ends the process, so that the next one has nothing of it. */
static void
end (struct saving *s)
{
    struct run r = s->r;

    assert_int_equal (OP (quit), 0);
    assert_true (run_ends (&r, 5000));
    unlink (run_path (&r, "events.log"));
    unlink (run_path (&r, "requests"));
    s->r = r;
}

static void
save (struct saving *s)
{
    struct run r;

    run_and_pause (s, "CH_SERVER_NOTHING", "");
    r = s->r;
    if (OP (save, s->fds) < 0) {
        fail_msg ("%s", r.f->message);
    }
    assert_state (&r, HV_PAUSED);
    close_files (s);
    end (s);
    s->r.vm.saved = s->r.dir;
    open_files (s, O_RDWR);
}

static bool
asked_for (struct saving *s, const char *action)
{
    return strstr (run_text (&s->r, "requests"), action) != NULL;
}

/* It goes on: the same machine, not booted, and with new taps. */
static void
test_there_and_back (void **state)
{
    struct saving s;
    struct run r;

    save (&s);
    start (&s, "CH_SERVER_NOTHING", "");
    r = s.r;
    assert_state (&r, HV_PREPARED);
    assert_false (asked_for (&s, "vm.create"));
    assert_int_equal (OP (restore, s.fds), 0);
    assert_state (&r, HV_PAUSED);
    assert_true (asked_for (
        &s, "PUT vm.restore 2 {\"source_url\":\"file:\\/\\/\\/\",\"net_fds\":"
            "[{\"id\":\"nic-lan\",\"num_fds\":2}]}"));
    assert_int_equal (OP (go), 0);
    assert_state (&r, HV_RUNNING);
    assert_true (run_guest_says (&r, "count 0000000"));
    assert_false (asked_for (&s, "vm.boot"));
    assert_true (run_says (&r, "events.log", "\"event\": \"resumed\""));
    assert_null (strstr (run_text (&r, "events.log"), "boot"));
    finish (&s);
}

/* The guest can go on after it was saved, and be saved again. */
static void
test_goes_on (void **state)
{
    struct saving s;
    struct run r;

    run_and_pause (&s, "CH_SERVER_NOTHING", "");
    r = s.r;
    assert_int_equal (OP (save, s.fds), 0);
    assert_int_equal (OP (resume), 0);
    assert_true (run_guest_says (&r, "count 00000005"));
    assert_int_equal (OP (save, s.fds), -EIO);
    assert_message (&r, "in state 'Running', not paused");
    assert_int_equal (OP (pause), 0);
    /* What is there is not written over. */
    assert_int_equal (OP (save, s.fds), -EIO);
    assert_message (&r, "Error creating VM config snapshot file: File exists");
    assert_state (&r, HV_PAUSED);
    finish (&s);
}

/* The process has something that the next one would not have: it is not even
 * tried. */
static void
test_mismatch (void **state)
{
    struct hv_disk other = { .name = "data" };
    struct hv_nic slow;
    struct saving s;
    struct run r;

    run_and_pause (&s, "CH_SERVER_NOTHING", "");
    slow = s.nic;
    slow.mac[5] = 9;
    other.layers = s.data.layers;

    for (int i = 0; i < 7; i++) {
        static const char *const words[] = {
            "its 'cpus.boot_vcpus'",
            "its memory",
            "its uuid",
            "it has 'disk-data'",
            "'readonly' of its 'dis",
            "'mac' of its 'nic-lan'",
            "its 'payload.cmdline'",
        };

        r = s.r;
        r.vm.cpus = i == 0 ? 1 : r.vm.cpus;
        r.vm.memory = i == 1 ? 8 << 20 : r.vm.memory;
        r.vm.uuid = i == 2 ? "0" : r.vm.uuid;
        s.disks[1] = i == 3 ? NULL : i == 4 ? &other : &s.data;
        s.nics[0] = i == 5 ? &slow : &s.nic;
        r.vm.cmdline = i == 6 ? "wait" : r.vm.cmdline;
        assert_int_equal (OP (save, s.fds), -ENOTSUP);
        assert_message (&r, words[i]);
        assert_message (&r, "undo that change");
    }
    assert_false (asked_for (&s, "vm.snapshot"));
    s.disks[1] = &s.data;
    s.nics[0] = &s.nic;
    finish (&s);
}

/* With the guest's room to grow it has nothing to do. */
static void
test_resized (void **state)
{
    struct saving s;
    struct run r;

    begin (&s);
    s.r.vm.options =
        fake_options (s.r.f, hv_plugin.hypervisor->keys, "max_cpus", "4",
                      "max_memory", "132M", "memory_hotplug", "acpi", NULL);
    start (&s, "CH_SERVER_NOTHING", "");
    r = s.r;
    assert_int_equal (OP (go), 0);
    assert_int_equal (OP (resize, 3, 132 << 20), 0);
    r.vm.cpus = 3;
    r.vm.memory = 132 << 20;
    assert_int_equal (OP (pause), 0);
    open_files (&s, O_RDWR | O_CREAT | O_EXCL);
    if (OP (save, s.fds) < 0) {
        fail_msg ("%s", r.f->message);
    }
    finish (&s);
}

static void
test_ends_or_hangs (void **state)
{
    struct saving s;
    struct run r;

    run_and_pause (&s, "CH_SERVER_DIE", "vm.snapshot");
    r = s.r;
    assert_int_equal (OP (save, s.fds), -ECONNRESET);
    assert_message (&r, "exited before it answered");
    finish (&s);

    run_and_pause (&s, "CH_SERVER_SLOW", "vm.snapshot");
    r = s.r;
    fake_limit (r.f, 500);
    assert_int_equal (OP (save, s.fds), -ETIMEDOUT);
    assert_message (&r, "does not answer");
    /* Meanwhile the user saw something. */
    assert_true (r.f->total == r.vm.memory);
    finish (&s);

    save (&s);
    start (&s, "CH_SERVER_DIE", "vm.restore");
    r = s.r;
    assert_int_equal (OP (restore, s.fds), -ECONNRESET);
    finish (&s);
}

static void
put (int fd, const char *text)
{
    assert_int_equal (ftruncate (fd, 0), 0);
    assert_int_equal (pwrite (fd, text, strlen (text), 0), strlen (text));
}

/* One that says it is done, and has written a part: the disk was full. */
static void
test_truncated_by_it (void **state)
{
    static const char *const short_by[] = { "config.json", "state.json",
                                            "memory-ranges" };

    for (int i = 0; i < FILES; i++) {
        struct saving s;
        struct run r;

        run_and_pause (&s, "CH_SERVER_SHORT", short_by[i]);
        r = s.r;
        assert_int_equal (OP (save, s.fds), -EIO);
        assert_message (&r,
                        hv_format (&r.f->ctx, "%s is incomplete", short_by[i]));
        assert_state (&r, HV_PAUSED);
        assert_int_equal (OP (resume), 0);
        finish (&s);
    }
}

/* What is damaged is not given to a process, which would open the images. */
static void
test_damaged (void **state)
{
    for (int i = 0; i < 8; i++) {
        static const char *const words[] = {
            "config.json is incomplete",   "state.json is incomplete",
            "memory-ranges is incomplete", "config.json is incomplete",
            "state.json is incomplete",    "its 'cpus'",
            "config.json is incomplete",   "state.json is incomplete",
        };
        int which = i % 3;
        struct saving s;
        struct run r;

        save (&s);
        start (&s, "CH_SERVER_NOTHING", "");
        r = s.r;
        if (i < 3) {
            assert_int_equal (
                ftruncate (s.fds[which], lseek (s.fds[which], 0, SEEK_END) - 1),
                0);
        } else if (i < 5) {
            put (s.fds[which], "[]");
        } else if (i == 5) {
            put (s.fds[CONFIG], "{\"cpus\":1,\"memory\":{\"size\":1}}");
        } else {
            /* More after the end. */
            assert_int_equal (pwrite (s.fds[which], "{", 1,
                                      lseek (s.fds[which], 0, SEEK_END)),
                              1);
        }
        assert_true (OP (restore, s.fds) < 0);
        assert_message (&r, words[i]);
        assert_false (asked_for (&s, "vm.restore"));
        finish (&s);
    }
}

/* What it says of what it does not take reaches the user. */
static void
test_refused (void **state)
{
    struct saving s;
    struct run r;

    save (&s);
    start (&s, "CH_SERVER_NOTHING", "");
    r = s.r;
    put (s.fds[STATE], "{\"snapshots\":5}");
    assert_int_equal (OP (restore, s.fds), -EIO);
    assert_message (&r, "The VM could not be restored: Cannot restore VM: ");
    assert_message (&r, "Error deserialising VM state snapshot");
    assert_state (&r, HV_PREPARED);
    finish (&s);

    /* Somebody else has the disk. */
    save (&s);
    start (&s, "CH_SERVER_NOTHING", "");
    r = s.r;
    {
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        int fd = open (s.root.layers[0]->path, O_RDWR | O_CLOEXEC);

        assert_int_equal (fcntl (fd, F_OFD_SETLK, &lock), 0);
        assert_int_equal (OP (restore, s.fds), -EIO);
        assert_message (&r, "The VM could not be restored: ");
        assert_message (&r, "already locked");
        close (fd);
    }
    finish (&s);
}

/* Keys that it does not know are dropped without a word, and seen by us. */
static void
test_dropped_keys (void **state)
{
    struct saving s;
    struct run r;

    save (&s);
    start (&s, "CH_SERVER_DROP", "pvpanic");
    r = s.r;
    assert_int_equal (OP (restore, s.fds), -ENOTSUP);
    assert_message (&r, "its 'pvpanic'");
    assert_message (&r, "ignored part of its configuration");
    finish (&s);
}

/* The network gives no descriptors. */
static void
test_no_taps (void **state)
{
    struct saving s;
    struct run r;

    save (&s);
    start (&s, "CH_SERVER_NOTHING", "");
    r = s.r;
    r.f->n_nic_fds = 1;
    assert_int_equal (OP (restore, s.fds), -EBADF);
    assert_false (asked_for (&s, "vm.restore"));
    finish (&s);
}

/* It is lent the files by their names, for reading, if it goes on. */
static void
test_lent (void **state)
{
    struct saving s;
    size_t before, found = 0;
    struct hv_launch *l;

    begin (&s);
    l = fake_launch (s.r.f, false);
    assert_int_equal (hv_plugin.hypervisor->describe (&s.r.f->ctx, &s.r.vm, l),
                      0);
    before = l->n_lent;
    s.r.vm.saved = "/state/vm1/saved";
    l = fake_launch (s.r.f, false);
    assert_int_equal (hv_plugin.hypervisor->describe (&s.r.f->ctx, &s.r.vm, l),
                      0);
    assert_int_equal (l->n_lent, before + FILES);
    for (size_t i = 0; i < l->n_lent; i++) {
        for (int k = 0; k < FILES; k++) {
            if (!strcmp (l->lent[i].path, hv_format (&s.r.f->ctx, "%s/%s",
                                                     s.r.vm.saved, NAME (k)))) {
                assert_int_equal (l->lent[i].flags, HV_RDONLY | HV_BY_NAME);
                found++;
            }
        }
    }
    assert_int_equal (found, FILES);
    finish (&s);
}

int
main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_there_and_back),
        cmocka_unit_test (test_goes_on),
        cmocka_unit_test (test_mismatch),
        cmocka_unit_test (test_resized),
        cmocka_unit_test (test_ends_or_hangs),
        cmocka_unit_test (test_truncated_by_it),
        cmocka_unit_test (test_damaged),
        cmocka_unit_test (test_refused),
        cmocka_unit_test (test_dropped_keys),
        cmocka_unit_test (test_no_taps),
        cmocka_unit_test (test_lent),
    };

    program = contract_server ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
