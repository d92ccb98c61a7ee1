/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A program of another C library in the jail: it makes every call of every
 * family, before and after the seal.  What the kernel says outside of the jail
 * it says inside, where the table lets the call through. */

#include "tests/unit/test-spawn-start.h"

#include "tests/probe/families.h"
#include "core/sandbox/groups.h"

#define N_MEMBERS (sizeof members / sizeof *members)
#define OUTPUT 65536

static const char *const groups[] = { "disk", "aio", "memory", NULL };

struct result {
    long before, after;
};

static void
parse (const char *text, struct result results[N_MEMBERS])
{
    for (size_t i = 0; i < N_MEMBERS; i++) {
        int n = 0;

        if (sscanf (text, "%ld %ld\n%n", &results[i].before, &results[i].after,
                    &n)
            != 2) {
            fail_msg ("the probe ended at %s: '%s'", members[i].name, text);
        }
        text += n;
    }
}

/* The same program without a jail: what this kernel says. */
static void
run_outside (struct result results[N_MEMBERS])
{
    static char text[OUTPUT];
    char command[256];
    size_t len;
    FILE *f;

    snprintf (command, sizeof command,
              "exec %s members 0<>/dev/null 3<>/dev/null", lab_path ("probe"));
    f = popen (command, "re");
    assert_non_null (f);
    len = fread (text, 1, sizeof text - 1, f);
    text[len] = '\0';
    assert_int_equal (pclose (f), 0);
    parse (text, results);
}

static void
run_inside (struct result results[N_MEMBERS])
{
    static char text[OUTPUT];
    struct start s;
    int status;

    prepare (&s, "members", NULL);
    s.jail.groups = groups;
    start_and_seal (&s);
    say (&s);
    read_output (&s, text, sizeof text);
    status = end_status (&s);
    if (status) {
        print_error ("the probe's status is %x\n", (unsigned)status);
    }
    parse (text, results);
    assert_int_equal (status, 0);
}

static unsigned
compare (const struct member *m, const char *phase, long got, long expected)
{
    if (got != expected) {
        print_error ("%s (family %s) %s the seal: %ld, and not %ld\n", m->name,
                     m->family, phase, got, expected);
    }
    return got != expected;
}

static void
test_members (void **state)
{
    struct result outside[N_MEMBERS], inside[N_MEMBERS];
    unsigned wrong = 0;

    run_outside (outside);
    run_inside (inside);
    for (size_t i = 0; i < N_MEMBERS; i++) {
        const struct member *m = &members[i];
        long before = m->when == NEVER ? -EPERM : outside[i].before;
        long after = m->when == STARTING ? -ENOSYS
                     : m->when == NEVER  ? -EPERM
                                         : outside[i].after;

        wrong += compare (m, "before", inside[i].before, before);
        wrong += compare (m, "after", inside[i].after, after);
    }
    print_message ("%zu calls\n", N_MEMBERS);
    assert_int_equal (wrong, 0);
}

/* Nothing in core/sandbox/families.h goes untried. */
static void
test_all_are_tried (void **state)
{
    for (size_t g = 0; g < n_call_groups; g++) {
        for (size_t i = 0; i < call_groups[g].n_rules; i++) {
            const struct call_rule *rule = &call_groups[g].rules[i];
            bool tried = !rule->family || rule->nr < 0;

            for (size_t k = 0; !tried && k < N_MEMBERS; k++) {
                tried = !strcmp (members[k].family, rule->family)
                        && (members[k].nr == rule->nr
                            || (members[k].nr == NR_A_THREAD
                                && rule->nr == SYS_clone));
            }
            if (!tried) {
                fail_msg (
                    "%s of the family %s is not in tests/probe/families.h",
                    rule->name, rule->family);
            }
        }
    }
}

static void
test_newer (void **state)
{
    struct start s;

    prepare (&s, "newer", NULL);
    start_and_seal (&s);
    say (&s);
    assert_int_equal (end_status (&s), 0);
}

static int
run (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_members, lab_setup, lab_teardown),
        cmocka_unit_test (test_all_are_tried),
        cmocka_unit_test_setup_teardown (test_newer, lab_setup, lab_teardown),
    };

    return cmocka_run_group_tests_name ("spawn-families", tests, NULL, NULL);
}

int
main (void)
{
    return lab_main (run);
}
