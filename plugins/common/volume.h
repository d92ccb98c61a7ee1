/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes that are files in a directory: what storage-raw and storage-qcow2
 * share.  For plugins: errors are hv_fail()ed. */
#ifndef PLUGINS_COMMON_VOLUME_H
#define PLUGINS_COMMON_VOLUME_H

#include <sys/stat.h>

#include "hvctl/plugin.h"

/* The key of a pool that says where its volumes are. */
#define VOLUME_PATH_KEY                                                        \
    {                                                                          \
        "path", HV_PATH, NULL, "the directory of the volumes", true            \
    }

/* Stores the directory of the pool whose section is 'options'. */
int volume_directory (struct hv_ctx *ctx, const struct hv_options *options,
                      const char **dir);

/* Stores where 'vol' is, or would be: its path, or DIRECTORY/NAME'suffix'. */
int volume_path (struct hv_ctx *ctx, const struct hv_volume *vol,
                 const char *suffix, const char **path);

/* Opens an image to read it.  Only regular files and block devices are ever
 * opened: to open a watchdog or a FIFO has effects.  'what' says what it is:
 * "the volume". */
int volume_open (struct hv_ctx *ctx, const char *what, const char *path,
                 int *fd, struct stat *st);

/* Stores the bytes in an open file or block device. */
int volume_length (struct hv_ctx *ctx, int fd, const struct stat *st,
                   const char *path, uint64_t *length);

/* Checks the size of a volume that is to be created or resized. */
int volume_check_size (struct hv_ctx *ctx, uint64_t size);

/* Checks that resizing does not cut off data. */
int volume_check_growth (struct hv_ctx *ctx, const char *path, uint64_t from,
                         uint64_t to);

/* Stores the names of all that is in the directory 'dir', sorted and ended by
 * a null: the order that a file system has them in is never shown, and decides
 * nothing.  Returns 0, or -errno without a message. */
int volume_entries (struct hv_ctx *ctx, const char *dir,
                    const char *const **names);

/* Adds the names of the volumes in the directory of the pool whose section is
 * 'options', sorted. */
int volume_list (struct hv_ctx *ctx, const struct hv_options *options,
                 const char *suffix, struct hv_list *out);

/* Returns the name of the volume that is in the file 'entry', or null. */
const char *volume_name (struct hv_ctx *ctx, const char *entry,
                         const char *suffix);

/* Removes the volume's file, if it is there, and what an interrupted
 * volume_begin() left of it. */
int volume_remove (struct hv_ctx *ctx, const char *path);

/* Fails for an image outside of any pool; 'what' is for volumes: "are
 * created". */
int volume_of_pool (struct hv_ctx *ctx, const struct hv_volume *vol,
                    const char *what);

/* The directory of the file 'path', which is absolute. */
const char *volume_parent (struct hv_ctx *ctx, const char *path);

/* A file in the making.  It is made under another name in the same directory
 * and gets its own when it is whole, so that what is interrupted leaves no
 * half of a volume.  The other name is always the same: whoever comes next
 * takes over what was left behind, and a lock tells that from a file which is
 * still being made. */
struct volume_file {
    const char *path, *temporary;
    int fd;
    bool over; /* Takes the place of the one that is there. */
};

#define VOLUME_FILE_CLEANUP __attribute__ ((cleanup (volume_abandon)))
#define VOLUME_FILE_INIT                                                       \
    {                                                                          \
        .fd = -1                                                               \
    }

/* Starts to make 'path', empty and only for its owner.  Makes its directory,
 * too, but no more.  Fails with EEXIST. */
int volume_begin (struct hv_ctx *ctx, const char *path,
                  struct volume_file *out);

/* The same for a file that is to take the place of 'path', which is there, at
 * once; and with nothing done to it, the lock for a change of 'path'. */
int volume_begin_over (struct hv_ctx *ctx, const char *path,
                       struct volume_file *out);

/* Gives it its name.  When this returns 0, it is on the disk. */
int volume_finish (struct hv_ctx *ctx, struct volume_file *file);

/* Removes it, unless volume_finish() succeeded. */
void volume_abandon (struct volume_file *file);

/* Has the disk know the names in a directory. */
int volume_sync (struct hv_ctx *ctx, const char *dir);

#endif /* PLUGINS_COMMON_VOLUME_H */
