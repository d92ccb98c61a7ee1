/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* conf.d, templates and variables: which value wins, where it comes from, and
 * what is wrong with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "common/mac.h"
#include "core/base/arena.h"
#include "core/config/config.h"
#include "core/config/effective.h"
#include "core/config/host.h"
#include "core/config/problem.h"
#include "core/config/settings.h"
#include "core/config/template-check.h"
#include "core/config/template.h"

static struct world w;

static int
begin (void **state)
{
    char path[128];

    world_begin (&w);
    snprintf (path, sizeof path, "%s/conf.d", w.dir);
    assert_int_equal (mkdir (path, 0755), 0);
    return 0;
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

static void
open_host (const char *conf)
{
    if (world_open (&w, conf) < 0) {
        fail_msg ("%s: %s", conf, w.err.text);
    }
}

static const struct definition *
well (const char *name, const char *text)
{
    const struct definition *def = world_define (&w, name, text);

    if (!def) {
        fail_msg ("%s: %s", text, w.err.text);
    }
    return def;
}

/* The definition is refused, for this reason, in this place. */
static void
refused (const char *name, const char *text, const char *reason)
{
    if (world_define (&w, name, text)) {
        fail_msg ("taken: %s", text);
    }
    assert_int_equal (exit_code_of (&w.err), EXIT_CONFIG);
    assert_contains (w.err.text, reason);
}

/* "conf.d/xs.conf:3" */
static const char *
origin (const struct hv_options *s, const char *key)
{
    return settings_where (&w.arena, s, key) + strlen (w.dir) + 1;
}

static const struct hv_options *
section (const struct definition *def, size_t i)
{
    assert_true (i < def->root->sections.n);
    return def->root->sections.p[i];
}

/* machina: the machine has cores 2, tag1 cores 8, sockets 1 and RAM 1024, tag2
 * sockets 2, threads 2 and RAM 2048 -> sockets 1, cores 2, threads 2, 1024M. */
static void
test_first_wins (void **state)
{
    const struct definition *def;

    open_host ("template tag1 { cpus = 8 cpu = one memory = 1024M }\n"
               "template tag2 {\n cpu = two\n append = three\n"
               " memory = 2048M\n}\n");
    def = well ("vm1", "templates = { tag1, tag2 }\n"
                       "cpus = 2\nkernel = /k\n");
    assert_int_equal (def->cpus, 2);
    assert_string_equal (def->cpu, "one");
    assert_string_equal (def->append, "three");
    assert_int_equal (def->memory, UINT64_C (1024) << 20);
    def = well ("vm2", "templates = { tag2, tag1 }\nkernel = /k\n");
    assert_int_equal (def->cpus, 8);
    assert_string_equal (def->cpu, "two");
}

static void
test_sections (void **state)
{
    const struct definition *def;
    const struct setting *set;

    world_file (&w, "conf.d/10-base.conf",
                "template base {\n"
                "    disk root {\n"
                "        size = 10G\n"
                "        boot = 1\n"
                "    }\n"
                "}\n");
    world_file (&w, "conf.d/20-web.conf",
                "template web {\n"
                "    templates = { base }\n"
                "    memory = 2G\n"
                "    disk root { serial = web }\n"
                "    nic lan { network = user }\n"
                "}\n");
    open_host ("");
    def = well ("vm1", "templates = web\n"
                       "disk data { size = 1G }\n"
                       "disk root { size = 20G }\n");
    /* What a template uses comes before it, what the VM adds behind. */
    assert_string_equal (section (def, 0)->name, "root");
    assert_string_equal (section (def, 1)->name, "lan");
    assert_string_equal (section (def, 2)->name, "data");
    assert_int_equal (def->disks.n, 2);
    assert_int_equal (definition_disk (def, "root")->size, UINT64_C (20) << 30);
    assert_int_equal (definition_disk (def, "root")->boot, 1);
    assert_string_equal (definition_disk (def, "root")->serial, "web");
    assert_string_equal (origin (section (def, 0), "size"), "vm.d/vm1.conf:3");
    assert_string_equal (origin (section (def, 0), "boot"),
                         "conf.d/10-base.conf:4");
    assert_string_equal (origin (section (def, 0), "serial"),
                         "conf.d/20-web.conf:4");
    assert_string_equal (origin (def->root, "memory"), "conf.d/20-web.conf:3");
    set = settings_find (section (def, 0), "size");
    assert_null (set->from);
    assert_string_equal (set->hides->from, "base");
    assert_int_equal (set->hides->line, 3);
    assert_true (section (def, 0)->own && section (def, 0)->from);
    assert_string_equal (section (def, 0)->from, "web");
    assert_false (section (def, 1)->own);
    assert_null (section (def, 2)->from);
}

/* Checks of sections for plugins are the host's business. */
static void
no_plugins (struct hvctl *h, const struct definition *def, struct problems *p)
{
    assert_non_null (h);
    assert_non_null (def);
    assert_non_null (p);
}

/* The place of a mistake is where it is written. */
static void
test_mistakes (void **state)
{
    world_file (&w, "conf.d/a.conf",
                "template a {\n"
                "    memory = lots\n"
                "    cpuz = 2\n"
                "    disk d {\n"
                "        size = ${big}\n"
                "        boot = 2000\n"
                "    }\n"
                "    nic n { forward = \"tcp:127.0.0.1:9${id}:22\" }\n"
                "}\n");
    open_host ("template one { templates = two }\n"
               "template two { templates = { three } }\n"
               "template three { templates = { one } }\n"
               "vars { id = 9000 }\n");
    refused ("vm1", "templates = a\n", "conf.d/a.conf:2: memory = \"lots\"");
    assert_contains (w.err.text, "conf.d/a.conf:3: unknown key 'cpuz'");
    assert_contains (w.err.text,
                     "conf.d/a.conf:5: disk d: size = \"${big}\", character "
                     "3: there is no variable 'big'");
    assert_contains (w.err.text, "for VM vm1");
    assert_contains (w.err.text, "conf.d/a.conf:6: boot must be");
    assert_contains (w.err.text, "conf.d/a.conf:8: nic n: forward: "
                                 "\"tcp:127.0.0.1:99000:22\" is not");
    refused (
        "vm1", "memory = 1G\n\ntemplates = { b }\n",
        "vm1.conf:3: there is no template 'b': there are one, two, three, a");
    refused ("vm1", "memory = 1G\ntemplates = thre\n", "did you mean 'three'?");
    refused ("vm1", "memory = 1G\ntemplates = two\n",
             "template two uses itself: two -> three -> one -> two");
    refused ("vm1", "memory = 1G\ntemplates = \"${name}\"\n",
             "templates have variables themselves");
}

/* All templates are checked, used or not. */
static void
test_check_all (void **state)
{
    struct problems p = { .arena = &w.arena };

    open_host ("template a {\n memory = ${x}\n memry = 1G\n}\n"
               "template b {\n disk d { sise = 1 }\n templates = c\n}\n");
    template_check_all (&w.h, no_plugins, &p);
    assert_int_equal (p.lines.n, 3);
    assert_contains (p.lines.p[0], "unknown key 'memry'");
    assert_contains (p.lines.p[1], "unknown key 'sise' in disk d");
    assert_contains (p.lines.p[2], "there is no template 'c'");
}

/* What no VM could make right is found without one, in its line; what is
 * missing, or refers to a variable, may be another's. */
static void
test_check_values (void **state)
{
    static const char *const wrong[][2] = {
        { "memory = 5Q", "memory = \"5Q\" is not a size" },
        { "memory = 5", "less than 1M" },
        { "cpus = 0", "cpus must be from 1 to 4096" },
        { "uuid = x", "not a valid UUID" },
        { "rng = maybe", "not yes or no" },
        { "firmware = ueif", "did you mean" },
        { "identity = balenna", "did you mean" },
        { "autostart = 5", "not yes or no" },
        { "start_order = 1000001", "start_order must be" },
        { "start_delay = 3x", "not a duration" },
        { "stop_timeout = x", "not a duration" },
        { "initrd = \"~/x\"", "is not a path" },
        { "kernel = a firmware = bios", "exclude each other" },
        { "memory = \"${1/0}\"", "division by zero" },
        { "memory = \"${1}\"", "less than 1M" },
        { "append = \"a ${b + }\"", "character 9: a number or a name" },
        { "append = \"${a} ${1 / 0}\"", "division by zero" },
        { "append = \"${a * 9} ${9223372036854775807 + 1}\"", "range" },
        { "append = \"${a:5}\"", "width of a number" },
        { "vars { a = \"${1 % 0}\" }", "division by zero" },
        { "vars { name = a }", "cannot be set" },
        { "labels { a = \"a\\tb\" }", "control character" },
        { "nic a { mac = 1 }", "is not a MAC address" },
        { "nic a { mac = 53:54:00:00:00:01 }", "not a valid MAC" },
        { "nic a { address = 1.2.3 }", "not the IPv4 address" },
        { "nic a { queues = 65 }", "queues must be" },
        { "nic a { mtu = 3 }", "mtu must be" },
        { "nic a { boot = 1001 }", "boot must be" },
        { "nic a { forward = tcp:127.0.0.1:99000:22 }", "99000:22\" is not" },
        { "nic a { mac = 52:54:00:00:00:01 address = 1.2.3.4 }", "no effect" },
        { "disk a { size = 5Q }", "is not a size" },
        { "disk a { wwn = 12 }", "is not a WWN" },
        { "disk a { volume = \"a/b\" }", "volume name" },
        { "disk a { image = \"/x\" size = 1M }", "in place" },
        { "disk a { serial = 1234567890123456789012345678901234567 }",
          "at most 20 bytes" },
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct problems p = { .arena = &w.arena };

        open_host (
            arena_format (&w.arena, "template t {\n%s\n}\n", wrong[i][0]));
        template_check_all (&w.h, no_plugins, &p);
        if (p.lines.n != 1) {
            fail_msg ("%s: %zu problems", wrong[i][0], p.lines.n);
        }
        assert_contains (p.lines.p[0], wrong[i][1]);
        assert_contains (p.lines.p[0], ".conf:");
    }
}

static void
test_check_parts (void **state)
{
    struct problems p = { .arena = &w.arena };

    open_host ("template t {\n"
               " memory = \"${a}\"\n cpus = \"${a / b + index}\"\n"
               " uuid = \"${env.HVCTL_TEST_NONE}\"\n append = x\n"
               " secure_boot = yes\n identity_base = 52:54:00:00:00:00\n"
               " disk a { backing = b }\n disk b { image = x }\n"
               " disk c { image = \"${x}\" wwn = \"${x:02}\" }\n"
               " disk d { volume = \"${name}-d\" serial = \"${x % y}\" }\n"
               " nic a { address = 1.2.3.4 }\n nic b { boot = \"${a}\" }\n"
               " nic c { mac = \"52:54:00:00:00:${index:02}\""
               " forward = \"tcp:127.0.0.1:${18000 + index}:22\" }\n}\n");
    template_check_all (&w.h, no_plugins, &p);
    if (p.lines.n) {
        fail_msg ("%s", (const char *)p.lines.p[0]);
    }
}

static void
test_conf_d (void **state)
{
    world_file (&w, "conf.d/b.conf",
                "network b { type = user }\n"
                "defaults { machine = pc }\n"
                "vars { x = 1 }\n");
    world_file (&w, "conf.d/a.conf", "network a { type = user }\n");
    world_file (&w, "conf.d/c.conf.bak", "{{{");
    world_file (&w, "conf.d/.d.conf", "{{{");
    open_host ("network c { type = user }\ndefaults { accelerator = tcg }\n"
               "vars { y = 2 }\n");
    assert_non_null (host_network (&w.h, "a"));
    assert_non_null (host_network (&w.h, "b"));
    assert_non_null (host_network (&w.h, "c"));
    assert_string_equal (settings_get (w.h.host->defaults, "machine"), "pc");
    assert_string_equal (settings_get (w.h.host->defaults, "accelerator"),
                         "tcg");
    assert_int_equal (w.h.host->vars->n_settings, 2);

    world_file (&w, "conf.d/d.conf",
                "\nnetwork c { type = user }\n"
                "vars { x = 2 }\n"
                "uid_count = 100\n"
                "template t { }\n");
    world_file (&w, "conf.d/e.conf", "template t { }\nuid_count = 100\n");
    assert_true (world_open (&w, "network c { type = user }\n") < 0);
    assert_contains (w.err.text, "conf.d/d.conf:2: there is already a network "
                                 "'c', in ");
    assert_contains (w.err.text,
                     "conf.d/d.conf:3: 'x' is set twice: first in ");
    assert_contains (w.err.text, "conf.d/b.conf:3");
    assert_contains (w.err.text, "conf.d/e.conf:1: there is already a template "
                                 "'t', in ");
    assert_contains (w.err.text, "conf.d/e.conf:2: 'uid_count' is outside of "
                                 "all sections: move it to ");
    /* Whoever stops a VM still finds it. */
    assert_true (w.h.host->usable);
    assert_non_null (host_network (&w.h, "a"));
}

static void
test_variables (void **state)
{
    const struct definition *def;
    char mac[MAC_TEXT];

    setenv ("HVCTL_TEST_WORD", "word", 1);
    unsetenv ("HVCTL_TEST_NONE");
    open_host (
        "vars {\n domain = test\n port = \"${5900 + index}\"\n x = host\n"
        "}\n"
        "template t { vars { x = template z = template } }\n");
    def =
        well ("web-07",
              "templates = t\nmemory = \"${2 * half}G\"\nkernel = /k\n"
              "append = \"${name}.${domain} ${index} ${index:03} ${port} "
              "$${no} ${x} ${z} ${env.HVCTL_TEST_WORD} ${mac.lan} ${mac.wan} "
              "${uuid}\"\n"
              "uuid = \"00000000-0000-4000-8000-0000000000AB\"\n"
              "nic lan { }\nnic wan { mac = \"52:54:00:00:00:${index:02}\" }\n"
              "vars { half = 2 x = own }\n");
    assert_int_equal (def->memory, UINT64_C (4) << 30);
    assert_string_equal (
        def->append,
        arena_format (&w.arena,
                      "web-07.test 7 007 5907 ${no} own template word %s "
                      "52:54:00:00:00:07 00000000-0000-4000-8000-0000000000ab",
                      format_mac (definition_nic (def, "lan")->mac, mac)));
    refused ("web", "memory = 1G\nappend = \"${port}\"\n",
             "web has no index: its name does not end with '-'");
    assert_contains (w.err.text, "hvctl.conf:");
    assert_contains (w.err.text, "'append' needs it (");
    /* What nobody uses needs no index. */
    well ("web", "memory = 1G\n");
    refused (
        "web", "memory = 1G\nappend = \"a ${env.HVCTL_TEST_NONE}\"\n",
        "vm.d/web.conf:2: append = \"a ${env.HVCTL_TEST_NONE}\", character "
        "5: the environment variable HVCTL_TEST_NONE is not set");
    refused ("web", "memory = 1G\nappend = \"${HVCTL_TEST_WORD}\"\n",
             "write ${env.HVCTL_TEST_WORD}");
    refused ("web", "memory = 1G\nappend = \"${mac.lon}\"\nnic lan { }\n",
             "web has no nic 'lon': did you mean 'lan'?");
    refused ("web", "memory = 1G\nuuid = \"${uuid}\"\n",
             "'uuid' refers to itself: uuid -> uuid");
    refused (
        "web",
        "memory = ${a}\nvars {\n a = \"${b}\"\n b = \"${c}\"\n"
        " c = \"${a}\"\n}\n",
        "vm.d/web.conf:5: c = \"${a}\", character 3: 'a' refers to itself: "
        "a -> b -> c -> a; 'memory' needs it (");
    /* A consequence is no second mistake. */
    assert_lacks (w.err.text, "missing");
    assert_lacks (w.err.text, "\n");
    refused ("web", "memory = 1G\nvars { mac.x = 1 }\n", "'mac.x' cannot be");
    refused ("web", "memory = 1G\nvars { 1a = 1 }\n", "'1a' is not a valid");
    refused ("web", "memory = 1G\ndisk \"${name}\" { size = 1G }\n",
             "vm.d/web.conf:2: a variable cannot be used here");
    refused ("web", "memory = 1G\nappend = a${name}\n", "needs quotes");
    refused ("web", "memory = ${name}G\n", "needs quotes");
    refused ("web", "memory = ${name\n", "'}' is missing");
}

/* The host's own values have the environment and its variables. */
static void
test_host_variables (void **state)
{
    setenv ("HVCTL_TEST_WORD", "word", 1);
    open_host ("vars { base = \"/srv\" n = 3 }\n"
               "network n {\n type = user\n mtu = \"${n * 500}\"\n"
               " dir = \"${base}/${env.HVCTL_TEST_WORD}\"\n}\n");
    assert_string_equal (settings_get (host_network (&w.h, "n"), "mtu"),
                         "1500");
    assert_string_equal (settings_get (host_network (&w.h, "n"), "dir"),
                         "/srv/word");
    assert_true (world_open (&w, "network n { type = user x = \"${name}\" }\n")
                 < 0);
    assert_contains (w.err.text, "'name' is known only in definitions and "
                                 "templates");
    /* A command for a running VM goes on without that network. */
    assert_true (w.h.host->usable);
    assert_null (host_network (&w.h, "n"));
}

/* A relative path is relative to the file that has it. */
static void
test_paths (void **state)
{
    const struct definition *def;

    world_file (&w, "conf.d/k.conf", "template k { kernel = \"k/${name}\" }\n");
    open_host ("");
    def = well ("vm1", "templates = k\nmemory = 1G\ninitrd = i\n");
    assert_string_equal (def->kernel + strlen (w.dir), "/conf.d/k/vm1");
    assert_string_equal (def->initrd + strlen (w.dir), "/vm.d/i");
}

/* Written out, it is the same; written out again, it does not change. */
static void
test_effective (void **state)
{
    const struct definition *def;
    const char *once, *twice;

    open_host ("vars { v = \"a \\\"b\\\" ${name} $${c}\" }\n"
               "template t {\n memory = 1G\n disk d { image = d.raw "
               "format = raw }\n plugin qemu { hotplug = 2 }\n}\n");
    def = well ("vm1", "templates = t\nkernel = k\nappend = \"${v} \\\\ '\"\n"
                       "nic n { forward = \"tcp:127.0.0.1:1:1,udp:127.0.0.1:2:"
                       "2\" }\n");
    once = arena_dup (&w.arena, effective_text (&w.h.arena, def));
    assert_lacks (once, "templates");
    assert_lacks (once, "vars");
    def = well ("vm1", once);
    assert_string_equal (def->append, "a \"b\" vm1 ${c} \\ '");
    twice = effective_text (&w.h.arena, def);
    assert_string_equal (once, twice);
}

/* A template that a VM does not use, and the order of files, change nothing. */
static void
test_independent (void **state)
{
    static const char text[] = "templates = { a, b }\n";
    const char *before;

    world_file (&w, "conf.d/1.conf",
                "template a { memory = 1G\n"
                " disk d { size = 1G } }\n");
    world_file (&w, "conf.d/2.conf",
                "template b { cpus = 2\n"
                " disk e { size = 1G } }\n");
    open_host ("template c { memory = 3G\n disk f { size = 1G } }\n");
    before =
        arena_dup (&w.arena, effective_text (&w.h.arena, well ("vm1", text)));
    open_host ("");
    assert_string_equal (effective_text (&w.h.arena, well ("vm1", text)),
                         before);
    world_file (&w, "conf.d/1.conf",
                "template b { cpus = 2\n"
                " disk e { size = 1G } }\n");
    world_file (&w, "conf.d/2.conf",
                "template a { memory = 1G\n"
                " disk d { size = 1G } }\n");
    open_host ("");
    assert_string_equal (effective_text (&w.h.arena, well ("vm1", text)),
                         before);
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_first_wins),     CASE (test_sections),
        CASE (test_mistakes),       CASE (test_check_all),
        CASE (test_check_values),   CASE (test_check_parts),
        CASE (test_conf_d),         CASE (test_variables),
        CASE (test_host_variables), CASE (test_paths),
        CASE (test_effective),      CASE (test_independent),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
