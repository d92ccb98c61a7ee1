/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Documents: the JSON that commands print, one table of members for each.
 * Each is compared with its table when it is printed, and the JSON schemas
 * are made from the tables, so the two cannot differ. */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include "cli/cli.h"

enum member_type {
    MEMBER_TEXT,
    MEMBER_NUMBER, /* A whole one. */
    MEMBER_FLAG,
    MEMBER_TEXTS,   /* An array of them. */
    MEMBER_OBJECT,  /* With the members 'of'. */
    MEMBER_OBJECTS, /* An array of them. */
};

enum {
    MEMBER_NULL = 1 << 0,  /* It may be null. */
    MEMBER_MAYBE = 1 << 1, /* It may be missing. */
};

/* Tables of these end in a null name; the name "*" stands for any other. */
struct member {
    const char *name;
    enum member_type type;
    unsigned flags;
    const char *summary;     /* With the unit. */
    const char *words;       /* All its values, "running|paused", or null. */
    const struct member *of; /* Of objects. */
};

#define END_OF_MEMBERS                                                         \
    {                                                                          \
        NULL, MEMBER_TEXT, 0, NULL, NULL, NULL                                 \
    }

/* Rows of tables. */
#define TEXT(name, flags, summary)                                             \
    {                                                                          \
        name, MEMBER_TEXT, flags, summary, NULL, NULL                          \
    }
#define WORD(name, flags, words, summary)                                      \
    {                                                                          \
        name, MEMBER_TEXT, flags, summary, words, NULL                         \
    }
#define NUMBER(name, flags, summary)                                           \
    {                                                                          \
        name, MEMBER_NUMBER, flags, summary, NULL, NULL                        \
    }
#define FLAG(name, flags, summary)                                             \
    {                                                                          \
        name, MEMBER_FLAG, flags, summary, NULL, NULL                          \
    }
#define TEXTS(name, flags, summary)                                            \
    {                                                                          \
        name, MEMBER_TEXTS, flags, summary, NULL, NULL                         \
    }
#define OBJECT(name, flags, of, summary)                                       \
    {                                                                          \
        name, MEMBER_OBJECT, flags, summary, NULL, of                          \
    }
#define OBJECTS(name, flags, of, summary)                                      \
    {                                                                          \
        name, MEMBER_OBJECTS, flags, summary, NULL, of                         \
    }

enum document_shape {
    DOCUMENT_OBJECT,
    DOCUMENT_VMS,         /* An array: of each VM its name and the members,
                           * or an error. */
    DOCUMENT_ONE_OR_MORE, /* An object; for several VMs an array of them. */
    DOCUMENT_ROWS,        /* The object of table_print(). */
    DOCUMENT_DEFINITION,  /* The settings of a definition: the tables of keys
                           * have its members.  Of a fleet, the members. */
    DOCUMENT_HOST,        /* Those of the host configuration. */
    DOCUMENT_FAILURE,     /* Nothing but errors. */
};

/* The name is that of the command, and perhaps of the option that makes it
 * print another document: "show --origin". */
struct document {
    const char *name;
    enum document_shape shape;
    const struct member *members;
};

/* By the file of the table; each ends in a null name. */
extern const struct document vm_documents[], plan_documents[], host_documents[];

/* Of error_json(); of a command that fails as a whole; of one that is repeated
 * after recovery has completed it; of each of several VMs. */
extern const struct member error_members[], failure_members[],
    finished_members[], vm_members[];

/* Return the n-th document, from 0, or null behind the last; the one of that
 * name, or null. */
const struct document *document_nth (size_t n);
const struct document *document_find (const char *name);

/* Returns the member of that name, or "*", or null. */
const struct member *document_member (const struct member *members,
                                      const char *name);

/* Prints the result of a command as JSON, and releases it. */
void document_print (struct cli *c, struct json_object *o);

#endif /* CLI_DOCUMENT_H */
