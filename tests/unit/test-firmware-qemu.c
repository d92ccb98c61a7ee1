/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* firmware-qemu with made-up descriptors; those of the distribution are in
 * test-firmware-installed.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/fake-host.h"

struct scratch {
    struct fake *f;
    char dir[64];
    struct hv_firmware_image out;
};

static const char *
at (const struct scratch *s, const char *name)
{
    return hv_format (&s->f->ctx, "%s/%s", s->dir, name);
}

static void
write_text (const char *path, const char *text)
{
    FILE *file = fopen (path, "w");

    assert_non_null (file);
    fputs (text, file);
    assert_int_equal (fclose (file), 0);
}

static int
set_up (void **state)
{
    struct scratch *s = calloc (1, sizeof *s);

    assert_non_null (s);
    strcpy (s->dir, "/tmp/hvctl-test-XXXXXX");
    assert_non_null (mkdtemp (s->dir));
    s->f = fake_new (&hv_plugin);
    s->f->own =
        fake_options (s->f, hv_plugin.keys, "path",
                      hv_format (&s->f->ctx, "%s:%s:%s", at (s, "system"),
                                 at (s, "none"), at (s, "user")),
                      NULL);
    assert_int_equal (mkdir (at (s, "system"), 0700), 0);
    assert_int_equal (mkdir (at (s, "user"), 0700), 0);
    write_text (at (s, "code"), "code");
    write_text (at (s, "vars"), "vars");
    *state = s;
    return 0;
}

static int
remove_one (const char *path, const struct stat *st, int type,
            struct FTW *where)
{
    return remove (path);
}

static int
tear_down (void **state)
{
    struct scratch *s = *state;

    nftw (s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    fake_free (s->f);
    free (s);
    return 0;
}

/* What makes one descriptor different from others; null: as usual. */
struct text {
    const char *features, *mapping, *types, *arch, *machines;
};

static void
describe (const struct scratch *s, const char *name, const char *description,
          const struct text *t)
{
    const char *split = hv_format (
        &s->f->ctx,
        "{\"device\": \"flash\","
        " \"executable\": {\"filename\": \"%s\", \"format\": \"raw\"},"
        " \"nvram-template\": {\"filename\": \"%s\", \"format\": \"qcow2\"}}",
        at (s, "code"), at (s, "vars"));

    write_text (
        at (s, name),
        hv_format (&s->f->ctx,
                   "{\"description\": \"%s\", \"interface-types\": [\"%s\"],"
                   " \"mapping\": %s, \"targets\": ["
                   "{\"architecture\": \"i386\", \"machines\": [\"*\"]},"
                   "{\"architecture\": \"%s\", \"machines\": [%s]}],"
                   " \"features\": [%s], \"tags\": [1, {}]}\n",
                   description, t->types ? t->types : "uefi",
                   t->mapping ? t->mapping : split,
                   t->arch ? t->arch : "x86_64",
                   t->machines ? t->machines : "\"pc-i440fx-*\", \"pc-q35-*\"",
                   t->features ? t->features : "\"acpi-s3\""));
}

#define DESCRIBE(name, description, ...)                                       \
    describe (s, name, description, &(struct text){ __VA_ARGS__ })

static int
find (struct scratch *s, const char *arch, const char *machine, bool secure)
{
    const struct hv_firmware_want want = {
        .hypervisor = "qemu",
        .arch = arch,
        .machine = machine,
        .uefi = true,
        .secure_boot = secure,
    };

    memset (&s->out, 0, sizeof s->out);
    return hv_plugin.firmware->find (&s->f->ctx, &want, &s->out);
}

static void
check_found (struct scratch *s, const char *description)
{
    if (find (s, "x86_64", "pc-q35-7.2", false)) {
        fail_msg ("%s", s->f->message);
    }
    assert_string_equal (s->out.description, description);
}

static void
check_not_found (struct scratch *s, const char *text)
{
    assert_int_equal (find (s, "x86_64", "pc-q35-7.2", false), -ENOENT);
    if (!strstr (s->f->message, text)) {
        fail_msg ("'%s' is not in '%s'", text, s->f->message);
    }
}

static void
test_split (void **state)
{
    struct scratch *s = *state;

    DESCRIBE ("system/50-a.json", "plain");
    check_found (s, "plain");
    assert_int_equal (s->out.mapping, HV_MAP_FLASH);
    assert_string_equal (s->out.code, at (s, "code"));
    assert_string_equal (s->out.code_format, "raw");
    assert_string_equal (s->out.vars_template, at (s, "vars"));
    assert_string_equal (s->out.vars_format, "qcow2");
    assert_null (s->out.vars);
    assert_false (s->out.smm || s->out.secure);
    assert_int_equal (s->f->n_log, 0);
}

static void
test_order (void **state)
{
    struct scratch *s = *state;

    DESCRIBE ("system/60-b.json", "later");
    DESCRIBE ("system/50-a.json", "first");
    DESCRIBE ("system/README", "no descriptor");
    DESCRIBE ("system/.10-hidden.json", "hidden");
    check_found (s, "first");
    DESCRIBE ("user/50-a.json", "replaced");
    check_found (s, "replaced");
    write_text (at (s, "user/50-a.json"), "");
    check_found (s, "later");
    DESCRIBE ("user/20-c.json", "user's");
    check_found (s, "user's");
    assert_int_equal (s->f->n_log, 0);
}

static void
test_targets (void **state)
{
    struct scratch *s = *state;

    DESCRIBE ("system/1.json", "arm", .arch = "aarch64",
              .machines = "\"virt-*\"");
    DESCRIBE ("system/2.json", "microvm", .machines = "\"microvm\"");
    DESCRIBE ("system/3.json", "bios", .types = "bios");
    DESCRIBE ("system/4.json", "pc");
    check_found (s, "pc");
    assert_int_equal (find (s, "x86_64", "microvm", false), 0);
    assert_string_equal (s->out.description, "microvm");
    assert_int_equal (find (s, "aarch64", "virt-7.2", false), 0);
    assert_string_equal (s->out.description, "arm");
    /* The glob is for concrete types: "virt" is none of "virt-*". */
    assert_int_equal (find (s, "aarch64", "virt", false), -ENOENT);
    assert_non_null (strstr (s->f->message, "machine 'virt' (aarch64)"));
    assert_non_null (strstr (s->f->message, "install qemu-efi-aarch64"));
    assert_int_equal (find (s, "riscv64", "virt-7.2", false), -ENOENT);
    assert_non_null (
        strstr (s->f->message, "install the UEFI firmware of your"));
}

static void
test_secure_boot (void **state)
{
    struct scratch *s = *state;
    const char *smm = "\"requires-smm\", \"secure-boot\"";

    DESCRIBE ("system/10.json", "enrolled",
              .features = "\"requires-smm\", \"secure-boot\", "
                          "\"enrolled-keys\", \"from-the-future\"");
    assert_int_equal (find (s, "x86_64", "pc-q35-7.2", true), 0);
    assert_string_equal (s->out.description, "enrolled");
    assert_true (s->out.smm && s->out.secure);
    /* It would be enforced. */
    check_not_found (s, "install ovmf (Debian");
    /* It would not, but that is second best. */
    DESCRIBE ("system/20.json", "no keys", .features = smm);
    check_found (s, "no keys");
    assert_true (s->out.smm && s->out.secure);
    DESCRIBE ("system/30.json", "plain");
    check_found (s, "plain");
    assert_int_equal (unlink (at (s, "system/10.json")), 0);
    assert_int_equal (find (s, "x86_64", "pc-q35-7.2", true), -ENOENT);
    assert_non_null (strstr (s->f->message, "with Secure Boot and keys"));
    DESCRIBE ("system/40.json", "arm-like",
              .features = "\"secure-boot\", \"enrolled-keys\"");
    assert_int_equal (find (s, "x86_64", "pc-q35-7.2", true), 0);
    assert_false (s->out.smm || s->out.secure);
    DESCRIBE ("system/30.json", "needs a device",
              .features = "\"host-uefi-vars\"");
    check_found (s, "no keys");
}

static void
test_mappings (void **state)
{
    struct scratch *s = *state;
    const char *code = at (s, "code");

    DESCRIBE ("system/1.json", "stateless",
              .mapping =
                  hv_format (&s->f->ctx,
                             "{\"device\": \"flash\", \"mode\": \"stateless\", "
                             "\"executable\": {\"filename\": \"%s\", "
                             "\"format\": \"qcow2\"}}",
                             code));
    check_found (s, "stateless");
    assert_int_equal (s->out.mapping, HV_MAP_FLASH);
    assert_string_equal (s->out.code_format, "qcow2");
    assert_null (s->out.vars_template);
    DESCRIBE ("system/1.json", "memory",
              .mapping = hv_format (&s->f->ctx,
                                    "{\"device\": \"memory\", "
                                    "\"filename\": \"%s\"}",
                                    code));
    check_found (s, "memory");
    assert_int_equal (s->out.mapping, HV_MAP_MEMORY);
    assert_string_equal (s->out.code, code);
    assert_null (s->out.vars_template);
    DESCRIBE ("system/1.json", "kernel",
              .mapping = hv_format (&s->f->ctx,
                                    "{\"device\": \"kernel\", "
                                    "\"filename\": \"%s\"}",
                                    code));
    check_found (s, "kernel");
    assert_int_equal (s->out.mapping, HV_MAP_KERNEL);
    DESCRIBE ("system/1.json", "combined",
              .mapping =
                  hv_format (&s->f->ctx,
                             "{\"device\": \"flash\", \"mode\": \"combined\", "
                             "\"executable\": {\"filename\": \"%s\", "
                             "\"format\": \"raw\"}}",
                             code));
    check_not_found (s, "1.json, since its flash has mode 'combined'");
    DESCRIBE ("system/1.json", "?", .mapping = "{\"device\": \"tape\"}");
    check_not_found (s, "it is for a device 'tape'");
}

/* It fits, but cannot be used: the next one is taken, and it is told. */
static void
test_unusable (void **state)
{
    struct scratch *s = *state;

    DESCRIBE ("system/1.json", "gone");
    assert_int_equal (unlink (at (s, "vars")), 0);
    check_not_found (s, hv_format (&s->f->ctx,
                                   "unusable: %s/system/1.json, since it "
                                   "names %s/vars, which does not exist",
                                   s->dir, s->dir));
    DESCRIBE ("system/1.json", "relative",
              .mapping = "{\"device\": \"memory\", \"filename\": \"code\"}");
    check_not_found (s, "it names 'code', which is not an absolute path");
    DESCRIBE ("system/1.json", "no file", .mapping = "{\"device\": \"flash\"}");
    check_not_found (s, "it names no 'executable'");
    DESCRIBE ("system/1.json", "format",
              .mapping = "{\"device\": \"flash\", \"executable\": "
                         "{\"filename\": \"/x\", \"format\": \"vmdk\"}}");
    check_not_found (s, "its 'executable' has format 'vmdk'");
    write_text (at (s, "vars"), "vars");
    DESCRIBE ("system/2.json", "good");
    check_found (s, "good");
}

static void
test_broken (void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "{", "its JSON is incomplete" },
        { "hello", "unexpected character" },
        { "[]", "it is not a JSON object" },
        { "null\n", "it is not a JSON object" },
        { "{} {}", "there is text after its JSON" },
        { "{}", "it has no 'interface-types'" },
        { "{\"interface-types\": 1}", "it has no 'interface-types'" },
        { "{\"interface-types\": []}", "it has no 'targets'" },
        { "{\"interface-types\": [], \"targets\": []}",
          "it has no 'features'" },
        { "{\"interface-types\": [], \"targets\": [], \"features\": []}",
          "it has no 'mapping' with a 'device'" },
        { "{\"interface-types\": [], \"targets\": [], \"features\": [],"
          " \"mapping\": {\"device\": \"fl\\u0000ash\"}}",
          "it has no 'mapping' with a 'device'" },
    };
    struct scratch *s = *state;

    DESCRIBE ("system/2.json", "good");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_text (at (s, "system/1.json"), cases[i].text);
        fake_reset (s->f);
        check_found (s, "good");
        if (!fake_logged (s->f, HV_WARNING, cases[i].why)
            || !fake_logged (s->f, HV_WARNING, at (s, "system/1.json"))) {
            fail_msg ("%s: %s", cases[i].text,
                      s->f->n_log ? s->f->log[0].text : "not a word");
        }
    }
}

/* Types that nobody expects are no match, and nothing worse. */
static void
test_odd_types (void **state)
{
    struct scratch *s = *state;

    write_text (at (s, "system/1.json"),
                "{\"interface-types\": [1, null, \"uefi\"], \"targets\": [1,"
                " null, {}, {\"architecture\": 1}, {\"architecture\": "
                "\"x86_64\"}, {\"architecture\": \"x86_64\", \"machines\": "
                "[null, 1, {}, []]}], \"features\": [null, {}, 3],"
                " \"mapping\": {\"device\": \"flash\"}}");
    DESCRIBE ("system/2.json", "good");
    check_found (s, "good");
    assert_int_equal (s->f->n_log, 0);
}

static void
test_huge_file (void **state)
{
    struct scratch *s = *state;

    DESCRIBE ("system/2.json", "good");
    write_text (at (s, "system/1.json"), "{");
    assert_int_equal (truncate (at (s, "system/1.json"), 1 << 30), 0);
    assert_int_equal (mkfifo (at (s, "system/0.json"), 0600), 0);
    check_found (s, "good");
    assert_true (fake_logged (s->f, HV_WARNING, "File too large"));
    assert_true (fake_logged (s->f, HV_WARNING, "system/0.json is ignored"));
}

static void
test_not_for_us (void **state)
{
    struct scratch *s = *state;
    struct hv_firmware_want want = { .hypervisor = "cloud-hypervisor",
                                     .arch = "x86_64",
                                     .machine = "x",
                                     .uefi = true };

    assert_int_equal (hv_plugin.firmware->find (&s->f->ctx, &want, &s->out),
                      -ENOTSUP);
    want.hypervisor = "qemu";
    want.uefi = false;
    assert_int_equal (hv_plugin.firmware->find (&s->f->ctx, &want, &s->out),
                      -ENOTSUP);
    assert_string_equal (s->f->message, "BIOS needs no firmware file");
}

/* Users have a directory of their own; root has not, whatever is in the
 * environment. */
static void
test_user_directory (void **state)
{
    struct scratch *s = *state;
    uid_t uid = geteuid ();

    s->f->own = fake_options (s->f, hv_plugin.keys, NULL);
    assert_int_equal (chmod (s->dir, 0755), 0);
    assert_int_equal (mkdir (at (s, ".config"), 0755), 0);
    assert_int_equal (mkdir (at (s, ".config/qemu"), 0755), 0);
    assert_int_equal (mkdir (at (s, ".config/qemu/firmware"), 0755), 0);
    DESCRIBE (".config/qemu/firmware/1.json", "user's",
              .machines = "\"only-here\"");
    assert_int_equal (setenv ("HOME", s->dir, 1), 0);
    assert_int_equal (unsetenv ("XDG_CONFIG_HOME"), 0);
    if (uid == 0) {
        assert_int_equal (find (s, "x86_64", "only-here", false), -ENOENT);
        assert_null (strstr (s->f->message, s->dir));
        assert_int_equal (seteuid (65534), 0);
    }
    assert_int_equal (find (s, "x86_64", "only-here", false), 0);
    assert_int_equal (setenv ("XDG_CONFIG_HOME", at (s, "elsewhere"), 1), 0);
    assert_int_equal (find (s, "x86_64", "only-here", false), -ENOENT);
    assert_int_equal (setenv ("XDG_CONFIG_HOME", at (s, ".config"), 1), 0);
    assert_int_equal (setenv ("HOME", "/", 1), 0);
    assert_int_equal (find (s, "x86_64", "only-here", false), 0);
    assert_int_equal (seteuid (uid), 0);
}

/* Firmware for confidential guests keeps no variables, and comes first by its
 * name where it is installed (ovmf 2026 has "amdsev" and "inteltdx"). */
static void
test_confidential (void **state)
{
    struct scratch *s = *state;

    DESCRIBE ("system/60-x86_64-amdsev.json", "confidential",
              .features = "\"amd-sev\", \"amd-sev-es\"",
              .mapping = hv_format (&s->f->ctx,
                                    "{\"device\": \"memory\", "
                                    "\"filename\": \"%s\"}",
                                    at (s, "code")));
    check_found (s, "confidential");
    DESCRIBE ("system/60-x86_64.json", "plain", .features = "\"acpi-s3\"");
    check_found (s, "plain");
    assert_non_null (s->out.vars_template);
}

static void
test_list (void **state)
{
    struct scratch *s = *state;
    struct hv_list *list = fake_list (s->f);

    DESCRIBE ("system/2.json", "two");
    DESCRIBE ("system/1.json", "one");
    write_text (at (s, "system/3.json"), "");
    assert_int_equal (hv_plugin.firmware->list (&s->f->ctx, list), 0);
    assert_int_equal (list->n, 2);
    assert_string_equal (list->entries[0].name, at (s, "system/1.json"));
    assert_string_equal (fake_list_get (list, at (s, "system/2.json")), "two");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, set_up, tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_split),        TEST (test_order),
        TEST (test_targets),      TEST (test_secure_boot),
        TEST (test_mappings),     TEST (test_unusable),
        TEST (test_broken),       TEST (test_odd_types),
        TEST (test_huge_file),    TEST (test_not_for_us),
        TEST (test_list),         TEST (test_user_directory),
        TEST (test_confidential),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
