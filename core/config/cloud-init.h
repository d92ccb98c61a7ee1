/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The section 'cloud_init' of a definition: what a guest is told at its first
 * boot. */
#ifndef CORE_CLOUD_INIT_H
#define CORE_CLOUD_INIT_H

#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/definition.h"
#include "core/config/problem.h"

/* The name of the disk that the guest reads it from, which no other may have,
 * and of its file. */
#define CLOUD_INIT_DISK "cloud_init"
#define CLOUD_INIT_FILE "cloud-init.iso"

struct cloud_init {
    const struct hv_options *section;
    const char *seed; /* A ready image; nothing else is set then. */
    const char *user, *hostname, *instance_id; /* Or null. */
    const char *password_hash; /* Or the path of a file with it, or null. */
    struct vec ssh_keys; /* const char *: public keys, and paths of files. */
    const char *user_data, *meta_data, *network_config; /* Paths, or null. */
};

/* Reads the section. */
void cloud_init_read (struct hvctl *h, struct definition *def,
                      const struct hv_options *s, struct problems *p);

/* Returns whether a text is a public key of OpenSSH: type, base64, and maybe a
 * comment. */
bool cloud_init_is_key (const char *text);

/* Returns whether a text is a hash that every release of cloud-init takes for
 * one: it would set any other text as the password. */
bool cloud_init_is_hash (const char *text);

#endif /* CORE_CLOUD_INIT_H */
