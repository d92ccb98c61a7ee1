/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Runs a helper program in the jail as plugins have it run, with nothing
 * before it that looks at its files:
 *
 *   jailed [-r FILE]… [-w FILE]… [-g GROUP]… [-i INPUT] PROGRAM ARGUMENT…
 *
 * Prints what it printed; its failure goes to standard error, with status 1.
 * Without -g it has the groups of qemu-img. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/process/program.h"

#define USER 1990017
#define MANY 16

int
main (int argc, char **argv)
{
    const char *reads[MANY] = { NULL }, *writes[MANY] = { NULL };
    const char *groups[MANY] = { "disk", "image", NULL };
    int n_reads = 0, n_writes = 0, n_groups = 0, option;
    struct program p = { .timeout = 20000, .uid = USER };
    struct error err = { 0 };
    char *out = NULL;

    while ((option = getopt (argc, argv, "+r:w:g:i:")) != -1) {
        if (option == 'r' && n_reads < MANY - 1) {
            reads[n_reads++] = optarg;
        } else if (option == 'w' && n_writes < MANY - 1) {
            writes[n_writes++] = optarg;
        } else if (option == 'g' && n_groups < MANY - 1) {
            groups[n_groups++] = optarg;
            groups[n_groups] = NULL;
        } else if (option == 'i') {
            p.input = optarg;
        } else {
            return 2;
        }
    }
    p.argv = (const char *const *)argv + optind;
    p.groups = groups;
    p.reads = reads;
    p.writes = writes;
    if (!p.argv[0]) {
        return 2;
    }
    if (program_run (&p, &out, &err) < 0) {
        fprintf (stderr, "%s\n", err.text);
        return 1;
    }
    fputs (out, stdout);
    free (out);
    return 0;
}
