/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The syntax of hvctl.conf and of definitions, for the editor vim. */
#ifndef CLI_SCHEMA_VIM_H
#define CLI_SCHEMA_VIM_H

/* Prints a syntax file, made from the tables of keys. */
void schema_vim_print (void);

#endif /* CLI_SCHEMA_VIM_H */
