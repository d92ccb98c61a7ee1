/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the qemu plugin learns from a QEMU, by answers that none here gives;
 * the real one is asked in test-qemu-run.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

static const char *host, *foreign; /* Architectures. */

static int
setup (void **state)
{
    static struct utsname u;

    uname (&u);
    host = u.machine;
    foreign = strcmp (host, "x86_64") ? "x86_64" : "aarch64";
    return fake_setup (state);
}

/* A probe in the jail, with answers that no QEMU here gives. */
static void
test_probe (void **state)
{
    struct fake *f = *state;
    struct hv_list *facts = fake_list (f);

    fake_answer (
        f, "qemu", 0,
        "{\"QMP\":{}}\r\n{\"return\":{},\"id\":\"qmp_capabilities\"}"
        "\r\n{\"event\":\"X\"}\r\n"
        "{\"id\":\"query-version\",\"return\":{\"qemu\":{\"major\":9,"
        "\"minor\":1,\"micro\":0}}}\r\n"
        "{\"id\":\"query-machines\",\"return\":[{\"name\":\"virt-10.0\""
        ",\"cpu-max\":512,\"alias\":\"virt\"},{\"name\":\"virt-9.1\"},"
        "{\"name\":\"pc-q35-10.0\",\"cpu-max\":4096,\"alias\":\"q35\"},"
        "{\"name\":\"pc-q35-9.1\",\"cpu-max\":288},"
        "{\"name\":\"pc-q35-a b\"},{\"name\":\"none\"},7]}\r\n");
    assert_int_equal (
        hv_plugin.hypervisor->probe (&f->ctx, foreign, "/usr/bin/qemu", facts),
        0);
    assert_string_equal (fake_list_get (facts, "version"), "9.1.0");
    assert_string_equal (fake_list_get (facts, "cpus"), "");
    if (!strcmp (foreign, "aarch64")) {
        assert_string_equal (fake_list_get (facts, "machines"),
                             "virt-9.1=1 virt-10.0=512");
        assert_string_equal (fake_list_get (facts, "machine.virt"),
                             "virt-10.0");
    }
    assert_null (fake_list_get (facts, "kvm"));
    assert_int_equal (f->n_programs, 1);
    assert_string_equal (f->programs[0].needs, "tcg terminal");
    assert_false (f->programs[0].devices || f->programs[0].run);
    assert_int_equal (f->programs[0].timeout, 10000);
}

/* A host where only QEMU's own models work, if there is a /dev/kvm. */
static int
ask_of_nested (struct hv_ctx *ctx, const struct hv_program *p, const char **out)
{
    bool with_kvm = false;

    for (size_t i = 0; p->argv[i]; i++) {
        with_kvm |= !strcmp (p->argv[i], "kvm");
        if (!strcmp (p->argv[i], "host")) {
            *out = "qemu was killed by signal 6: qemu-system-x86_64: error: "
                   "failed to set MSR 0x10a to 0x69\nqemu: kvm.c:3183: "
                   "Assertion failed";
            return -EIO;
        }
    }
    if (with_kvm != p->devices || p->timeout != 10000 || !p->needs) {
        return -EINVAL;
    }
    *out = with_kvm ? "{\"id\":\"query-kvm\",\"return\":{\"enabled\":true}}"
                    : "{\"id\":\"query-version\",\"return\":{\"qemu\":"
                      "{\"major\":7,\"minor\":2,\"micro\":1}}}";
    return 0;
}

static void
test_probe_kvm (void **state)
{
    struct fake *f = *state;
    struct hv_list *facts = fake_list (f);
    const char *plain, *cpu_host;

    f->host.ask = ask_of_nested;
    assert_int_equal (
        hv_plugin.hypervisor->probe (&f->ctx, host, "/usr/bin/qemu", facts), 0);
    plain = fake_list_get (facts, "kvm");
    cpu_host = fake_list_get (facts, "kvm.cpu_host");
    if (access ("/dev/kvm", R_OK | W_OK) < 0) {
        assert_int_equal (strncmp (plain, "no: ", 4), 0);
        assert_non_null (strstr (plain, "/dev/kvm"));
        assert_string_equal (plain, cpu_host);
        return;
    }
    assert_string_equal (cpu_host, "no: failed to set MSR 0x10a to 0x69");
    assert_string_equal (plain, strcmp (host, "x86_64") ? cpu_host : "yes");
}

static void
test_probe_not_qemu (void **state)
{
    static const char *const answers[] = {
        "",
        "Hello\n",
        "{\"QMP\":{}}\r\n",
        "{\"id\":\"query-version\",\"return\":{\"qemu\":{\"major\":\"7\"}}}",
    };
    struct hv_list *facts;
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE (answers); i++) {
        fake_answer (f, "sh", 0, answers[i]);
        facts = fake_list (f);
        assert_int_equal (
            hv_plugin.hypervisor->probe (&f->ctx, host, "/bin/sh", facts),
            -EPROTO);
        assert_string_equal (f->message,
                             "/bin/sh does not print its version: it is not "
                             "QEMU, or is damaged");
        f->n_answers = 0;
    }
    assert_int_equal (
        hv_plugin.hypervisor->probe (&f->ctx, host, "/no/qemu", facts),
        -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, fake_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_probe),
        TEST (test_probe_kvm),
        TEST (test_probe_not_qemu),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
