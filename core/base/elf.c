/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

#define MAX_SEGMENTS 64

/* Our own header, as the linker placed it. */
extern const ElfW (Ehdr) __ehdr_start __attribute__ ((visibility ("hidden")));

static const char *
header_fault (struct arena *a, const ElfW (Ehdr) * e)
{
    const ElfW (Ehdr) *ours = &__ehdr_start;

    if (memcmp (e->e_ident, ELFMAG, SELFMAG)) {
        return "it is not a shared object: it has no ELF header";
    }
    if (e->e_ident[EI_CLASS] != ours->e_ident[EI_CLASS]
        || e->e_ident[EI_DATA] != ours->e_ident[EI_DATA]
        || e->e_machine != ours->e_machine) {
        return arena_format (a,
                             "it was built for another architecture (ELF class "
                             "%d, machine %d; hvctl: class %d, machine %d)",
                             e->e_ident[EI_CLASS], e->e_machine,
                             ours->e_ident[EI_CLASS], ours->e_machine);
    }
    if (e->e_type != ET_DYN) {
        return "it is not a shared object, but another kind of ELF file (was "
               "it linked without -shared?)";
    }
    return e->e_phentsize == sizeof (ElfW (Phdr)) && e->e_phnum > 0
                   && e->e_phnum <= MAX_SEGMENTS
               ? NULL
               : "its ELF header is invalid";
}

static const char *
segments_fault (struct arena *a, int fd, const ElfW (Ehdr) * e, uint64_t size)
{
    ElfW (Phdr) segments[MAX_SEGMENTS];
    ssize_t length = (ssize_t)(e->e_phnum * sizeof *segments);

    if (pread (fd, segments, (size_t)length, (off_t)e->e_phoff) != length) {
        return arena_format (
            a, "it is truncated: it has %llu bytes and no program headers",
            (unsigned long long)size);
    }
    for (size_t i = 0; i < e->e_phnum; i++) {
        const ElfW (Phdr) *s = &segments[i];

        if (s->p_offset > size || s->p_filesz > size - s->p_offset) {
            return arena_format (a,
                                 "it is truncated: it has %llu bytes, and "
                                 "should have at least %llu: install it again",
                                 (unsigned long long)size,
                                 (unsigned long long)s->p_offset + s->p_filesz);
        }
    }
    return NULL;
}

const char *
elf_fault (struct arena *a, const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ElfW (Ehdr) header;
    const char *fault;
    struct stat st;

    if (fd < 0 || fstat (fd, &st) < 0) {
        return arena_format (a, "cannot be read: %s", strerror (errno));
    }
    if (!S_ISREG (st.st_mode)) {
        return "it is not a regular file";
    }
    if (pread (fd, &header, sizeof header, 0) != sizeof header) {
        return "it is too short to be a shared object";
    }
    fault = header_fault (a, &header);
    return fault ? fault
                 : segments_fault (a, fd, &header, (uint64_t)st.st_size);
}
