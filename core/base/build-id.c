/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/build-id.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/hash.h"

#define MAX_ID 64

struct image {
    const unsigned char *p;
    size_t size;
};

static struct image
map_file (const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct image image = { NULL, 0 };
    struct stat st;
    void *p;

    if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode)
        || st.st_size <= 0) {
        return image;
    }
    p = mmap (NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p != MAP_FAILED) {
        image = (struct image){ p, (size_t)st.st_size };
    }
    return image;
}

static void
unmap (struct image *image)
{
    if (image->p) {
        munmap ((void *)image->p, image->size);
    }
}

/* Is it a program, or a library, of this machine? */
static bool
is_elf (const struct image *image)
{
    const ElfW (Ehdr) *head = (const void *)image->p;

    return image->size >= sizeof *head
           && !memcmp (head->e_ident, ELFMAG, SELFMAG)
           && head->e_ident[EI_CLASS]
                  == (sizeof (void *) == 8 ? ELFCLASS64 : ELFCLASS32)
           && head->e_phentsize == sizeof (ElfW (Phdr))
           && head->e_phoff % _Alignof(ElfW (Phdr)) == 0
           && head->e_phoff <= image->size
           && head->e_phnum
                  <= (image->size - head->e_phoff) / sizeof (ElfW (Phdr));
}

/* The i-th segment of that type, or null if the file does not contain it. */
static const ElfW (Phdr)
    * segment (const struct image *image, unsigned type, unsigned nth)
{
    const ElfW (Ehdr) *head = (const void *)image->p;
    const ElfW (Phdr) *all = (const void *)(image->p + head->e_phoff);

    for (unsigned i = 0; i < head->e_phnum; i++) {
        if (all[i].p_type == type && nth-- == 0) {
            return all[i].p_offset <= image->size
                           && all[i].p_filesz <= image->size - all[i].p_offset
                       ? &all[i]
                       : NULL;
        }
    }
    return NULL;
}

static const char *
hexadecimal (struct arena *a, const unsigned char *p, size_t n)
{
    char *text = arena_alloc (a, 2 * n + 1);

    for (size_t i = 0; i < n; i++) {
        static const char digits[] = "0123456789abcdef";

        text[2 * i] = digits[p[i] >> 4];
        text[2 * i + 1] = digits[p[i] & 15];
    }
    return text;
}

/* Names and contents of notes are padded to four bytes each. */
static const char *
id_in_notes (struct arena *a, const unsigned char *p, size_t size)
{
    while (size >= sizeof (ElfW (Nhdr))) {
        ElfW (Nhdr) note;
        size_t name, whole;

        memcpy (&note, p, sizeof note);
        if (note.n_namesz > size || note.n_descsz > size) {
            return NULL;
        }
        name = sizeof note + ((note.n_namesz + 3U) & ~3U);
        whole = name + ((note.n_descsz + 3U) & ~3U);
        if (whole > size) {
            return NULL;
        }
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4
            && !memcmp (p + sizeof note, "GNU", 4) && note.n_descsz > 0
            && note.n_descsz <= MAX_ID) {
            return hexadecimal (a, p + name, note.n_descsz);
        }
        p += whole;
        size -= whole;
    }
    return NULL;
}

static const char *
sum (struct arena *a, const struct image *image)
{
    return arena_format (a, "sum-%016" PRIx64,
                         hash_bytes (HASH_START, image->p, image->size));
}

const char *
build_id (struct arena *a, const char *path)
{
    struct image image = map_file (path);
    const char *id = NULL;

    if (!image.p) {
        return NULL;
    }
    for (unsigned i = 0; !id && is_elf (&image); i++) {
        const ElfW (Phdr) *notes = segment (&image, PT_NOTE, i);

        if (!notes) {
            break;
        }
        id = id_in_notes (a, image.p + notes->p_offset, notes->p_filesz);
    }
    id = id ? id : sum (a, &image);
    unmap (&image);
    return id;
}

/* glibc's libc.so.6 is where its loader is; musl's loader is the library. */
const char *
build_id_library (struct arena *a, const char *path)
{
    struct image image = map_file (path);
    const ElfW (Phdr) *interp =
        is_elf (&image) ? segment (&image, PT_INTERP, 0) : NULL;
    char loader[PATH_MAX];
    const char *beside, *named = NULL;

    if (interp && interp->p_filesz > 0) {
        named = arena_dup_n (a, (const char *)image.p + interp->p_offset,
                             interp->p_filesz - 1);
    }
    unmap (&image);
    if (!named || !realpath (named, loader)) {
        return NULL;
    }
    beside = arena_format (a, "%.*s/libc.so.6",
                           (int)(strrchr (loader, '/') - loader), loader);
    return access (beside, R_OK) == 0 ? beside : arena_dup (a, loader);
}
