/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A host in a directory of its own, for tests that link with the core.
 *
 *   static struct world w;
 *   world_begin (&w);                       the directory, and vm.d in it
 *   world_file (&w, "vm.d/vm1.conf", "memory = 1G\n");
 *   world_plugin (&w, "null.so", "null.so");     from tests/.libs
 *   assert_int_equal (world_open (&w, "uid_count = 8\n"), 0);
 *   ... w.h, w.err ...
 *   world_end (&w);
 *
 * world_open() may be called again: it closes what was open. */
#ifndef TESTS_CORE_WORLD_H
#define TESTS_CORE_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* cmocka's is a macro without arguments, the core's a function with many. */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                          \
    do {                                                                       \
        print_error (__VA_ARGS__);                                             \
        print_error ("\n");                                                    \
        _fail (__FILE__, __LINE__);                                            \
    } while (0)

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"

struct world {
    struct hvctl h;
    struct error err;
    struct arena arena; /* Of paths; lives as long as the world. */
    char dir[64];
};

void world_begin (struct world *w);
void world_end (struct world *w);

/* "DIR/NAME" */
const char *world_path (struct world *w, const char *name);

/* Writes a file below the directory; returns its path. */
const char *world_file (struct world *w, const char *name, const char *text);

/* The contents of one, or null. */
const char *world_read (struct world *w, const char *name);

/* Copies a test plugin of the build tree to plugins/AS. */
void world_plugin (struct world *w, const char *so, const char *as);

/* Writes hvctl.conf, with the places below the directory before 'conf', and
 * opens it.  'w->err' tells what was wrong. */
int world_open (struct world *w, const char *conf);

/* The sections that the null plugin needs, for world_open(). */
const char *world_null_conf (struct world *w);

/* Loads vm.d/NAME.conf after writing it.  Null: see 'w->err'. */
struct definition *world_define (struct world *w, const char *name,
                                 const char *text);

/* Fails the test unless 'text' has 'part' in it. */
void assert_contains_at (const char *text, const char *part, const char *file,
                         int line);
void assert_lacks_at (const char *text, const char *part, const char *file,
                      int line);
#define assert_contains(text, part)                                            \
    assert_contains_at (text, part, __FILE__, __LINE__)
#define assert_lacks(text, part)                                               \
    assert_lacks_at (text, part, __FILE__, __LINE__)

#endif /* TESTS_CORE_WORLD_H */
