/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Errors of a command for several VMs, as people read them: a problem in what
 * the VMs share is told once. */
#ifndef CLI_TELL_H
#define CLI_TELL_H

#include "cli/cli.h"

struct told {
    struct vec lines; /* char *, without the VM's name. */
    struct vec same;  /* VMs with problems that others had before: char * */
};

/* Prints the error of a VM's 'result', if it has one, for people. */
void tell_error (struct cli *c, struct told *told, const char *vm,
                 struct json_object *result);

/* The same for the text of one. */
void tell_text (struct cli *c, struct told *told, const char *vm,
                const char *text);

/* Names the VMs whose problems were told before. */
void tell_same (struct cli *c, struct told *told);

#endif /* CLI_TELL_H */
