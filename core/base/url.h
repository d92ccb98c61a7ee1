/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Addresses of files: http, https, and file, which is one of this host. */
#ifndef CORE_URL_H
#define CORE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"

/* Does the text begin as a URL does?  A file of such a name is ./NAME. */
bool url_is (const char *text);

/* Is it one of http or https? */
bool url_is_web (const char *text);

/* Fails, with the reason, unless it is a URL of http, https or file that hvctl
 * can read: without a password, which would be kept in records. */
int url_check (const char *url, struct error *err);

/* Returns the path of a URL of file, or null: it names none. */
const char *url_path (struct arena *a, const char *url);

/* Returns the URL of a file in the same directory; the name of the file itself,
 * which may be empty. */
const char *url_beside (struct arena *a, const char *url, const char *name);
const char *url_name (struct arena *a, const char *url);

#endif /* CORE_URL_H */
