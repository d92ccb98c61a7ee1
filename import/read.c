/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/read.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

static const struct {
    const char *tool;
    read_fn *fn; /* Null: not in this build. */
    const char *library;
} readers[] = {
    { "5gdeploy", read_words, NULL },
#ifdef HAVE_YAML
    { "balena", read_yaml, NULL },
#else
    { "balena", NULL, "libyaml" },
#endif
#ifdef HAVE_XML
    { "libvirt", read_xml, NULL },
#else
    { "libvirt", NULL, "libxml2" },
#endif
    { "machina", read_json, NULL },
#ifdef HAVE_TOML
    { "virshle", read_toml, NULL },
#else
    { "virshle", NULL, "toml++" },
#endif
};

/* Text in UTF-8 without control characters: then nothing that a parser thinks
 * of is left to surprise us, or a terminal. */
static int
check_text (const struct reading *r, struct error *err)
{
    size_t good = tree_plain_length (r->text, r->len, true);
    int line = 1;

    for (size_t i = 0; i < good; i++) {
        line += r->text[i] == '\n';
    }
    if (good < r->len) {
        return fail (err, EINVAL,
                     "%s:%d: this is not text in UTF-8 (byte 0x%02x)",
                     r->budget.file, line, (unsigned char)r->text[good]);
    }
    return r->len ? 0
                  : fail (err, EINVAL, "%s: the file is empty", r->budget.file);
}

struct tree *
read_text (struct reading *r, const char *tool, struct error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE (readers); i++) {
        if (strcmp (readers[i].tool, tool) != 0) {
            continue;
        }
        if (!readers[i].fn) {
            fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                       "this hvctl was built without %s, which reads the files "
                       "of %s",
                       readers[i].library, tool);
            return NULL;
        }
        return check_text (r, err) < 0 ? NULL : readers[i].fn (r, err);
    }
    fail_exit (err, EXIT_USAGE, EINVAL, "there is no reader for %s", tool);
    return NULL;
}
