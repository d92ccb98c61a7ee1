/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-qcow2 with images whose headers lie, made byte by byte. */
#include "tests/unit/test-storage.h"

#include "common/qcow2.h"

static const struct hv_storage *qcow2;

static void
put (uint8_t *p, int bytes, uint64_t value)
{
    while (bytes--) {
        *p++ = (uint8_t)(value >> (8 * bytes));
    }
}

/* What an image's header says; 0 and null for what is usual. */
struct forgery {
    const char *backing, *format;
    uint64_t features;
    uint32_t crypt_method;
    const char *data_file;
};

static size_t
put_extension (uint8_t *image, size_t where, uint32_t type, const char *text)
{
    if (!text) {
        return where;
    }
    put (image + where, 4, type);
    put (image + where + 4, 4, strlen (text));
    memcpy (image + where + 8, text, strlen (text));
    return where + 8 + (strlen (text) + 7) / 8 * 8;
}

static void
forge (const char *path, const struct forgery *f)
{
    uint8_t image[65536] = "QFI\xfb";
    size_t where;

    put (image + 4, 4, 3);
    put (image + 20, 4, 16);
    put (image + 24, 8, MIB);
    put (image + 32, 4, f->crypt_method);
    put (image + 36, 4, 1);
    put (image + 40, 8, 0x30000);
    put (image + 48, 8, 0x10000);
    put (image + 56, 4, 1);
    put (image + 72, 8, f->features);
    put (image + 96, 4, 4);
    put (image + 100, 4, 104);
    where = put_extension (image, 104, 0xe2792aca, f->format);
    where = put_extension (image, where, 0x44415441, f->data_file);
    if (f->backing) {
        where += 8;
        put (image + 8, 8, where);
        put (image + 16, 4, strlen (f->backing));
        memcpy (image + where, f->backing, strlen (f->backing));
    }
    write_file (path, image, sizeof image);
}

static void
overlay (const struct scratch *s, const char *name, const char *backing,
         const char *format)
{
    forge (at (s, name),
           &(struct forgery){ .backing = backing, .format = format });
}

/* The chain of the image 'name' in the scratch directory. */
static int
chain (const struct scratch *s, const char *name, struct hv_chain **out)
{
    struct hv_volume vol = { .name = "x",
                             .path = at (s, name),
                             .format = "qcow2" };
    struct hv_volume_info info;

    *out = fake_chain (s->f);
    return qcow2->chain (&s->f->ctx, &vol, *out, &info);
}

/* The chain of 'name' must be refused, and so must a volume on it, before
 * any program sees it. */
static void
check_refused (const struct scratch *s, const char *name, int error,
               const char *text)
{
    struct hv_volume vol = volume (s, "victim", 0);
    struct hv_chain *layers;

    check_failed (s, chain (s, name, &layers), error, text);
    assert_int_equal (layers->n, 0);
    vol.backing = at (s, name);
    vol.backing_format = "qcow2";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), error, text);
    assert_int_equal (s->f->n_programs, 0);
    assert_int_equal (count_entries (at (s, "pool")), -1);
}

static void
check_accepted (const struct scratch *s, const char *name, size_t n)
{
    struct hv_chain *layers;

    check_done (s, chain (s, name, &layers));
    assert_int_equal (layers->n, n);
}

static void
test_honest (void **state)
{
    const struct scratch *s = *state;
    struct hv_chain *layers;

    write_file (at (s, "base"), "raw", 3);
    overlay (s, "middle", "base", "raw");
    overlay (s, "top", at (s, "middle"), "qcow2");
    check_done (s, chain (s, "top", &layers));
    assert_int_equal (layers->n, 3);
    assert_string_equal (layers->layers[0].path, at (s, "top"));
    assert_string_equal (layers->layers[1].path, at (s, "middle"));
    assert_string_equal (layers->layers[1].format, "qcow2");
    assert_string_equal (layers->layers[2].path, at (s, "base"));
    assert_string_equal (layers->layers[2].format, "raw");
}

static void
test_no_image (void **state)
{
    const struct scratch *s = *state;

    check_refused (s, "top", ENOENT, "is missing: there is no file");
    write_file (at (s, "top"), "KDMVxxxx", 8);
    check_refused (s, "top", EINVAL,
                   "top is not a qcow2 image (it looks like vmdk)");
    write_file (at (s, "top"), "", 0);
    check_refused (s, "top", EINVAL,
                   "top is not a qcow2 image (it looks like raw)");
    write_file (at (s, "top"), "QFI\xfb\0\0\0\3", 8);
    check_refused (s, "top", EINVAL, "top is truncated within its");
}

static void
test_no_format (void **state)
{
    const struct scratch *s = *state;

    write_file (at (s, "base"), "raw", 3);
    overlay (s, "top", "base", NULL);
    check_refused (s, "top", EINVAL,
                   "does not state the format of its backing file");
    assert_non_null (strstr (s->f->message, at (s, "base")));
    overlay (s, "top", "base", "vmdk");
    check_refused (s, "top", ENOTSUP, "has format 'vmdk'");
    overlay (s, "top", "base", "");
    check_refused (s, "top", EINVAL, "does not state the format");
}

static void
test_other_format (void **state)
{
    const struct scratch *s = *state;

    write_file (at (s, "base"), "raw", 3);
    overlay (s, "top", "base", "qcow2");
    check_refused (s, "top", EINVAL,
                   hv_format (&s->f->ctx,
                              "%s states that its backing file %s is qcow2, "
                              "but %s is not a qcow2 image (it looks like "
                              "raw)",
                              at (s, "top"), at (s, "base"), at (s, "base")));
    overlay (s, "base", NULL, NULL);
    overlay (s, "top", "base", "raw");
    check_refused (s, "top", EINVAL, "is raw, but it begins like qcow2");
    assert_non_null (strstr (s->f->message, at (s, "top")));
    assert_non_null (strstr (s->f->message, at (s, "base")));
}

static void
test_missing_backing (void **state)
{
    const struct scratch *s = *state;

    overlay (s, "top", "base", "raw");
    check_refused (s, "top", ENOENT,
                   hv_format (&s->f->ctx,
                              "the backing file of %s is missing: there is no "
                              "file %s",
                              at (s, "top"), at (s, "base")));
    /* Nothing but files and block devices is so much as opened. */
    assert_int_equal (mkfifo (at (s, "base"), 0600), 0);
    check_refused (s, "top", EINVAL, "neither a file nor a block device");
    assert_int_equal (unlink (at (s, "base")), 0);
    assert_int_equal (mkdir (at (s, "base"), 0700), 0);
    check_refused (s, "top", EISDIR, "neither a file nor a block device");
    overlay (s, "top", "/dev/null", "raw");
    check_refused (s, "top", EPERM, "names /dev/null as its backing file");
}

static void
test_protocols (void **state)
{
    static const char *const names[] = {
        "json:{\"driver\":\"file\",\"filename\":\"/etc/shadow\"}",
        "nbd://127.0.0.1/x",
        "ssh://host/etc/shadow",
        "file:/etc/shadow",
        "fat:rw:/etc",
        ":",
        "https://host/image",
    };
    const struct scratch *s = *state;

    for (size_t i = 0; i < ARRAY_SIZE (names); i++) {
        overlay (s, "top", names[i], "raw");
        check_refused (s, "top", EINVAL,
                       hv_format (&s->f->ctx,
                                  "names '%s' as its backing file, which is "
                                  "not the name of a file",
                                  names[i]));
    }
    /* A colon after a slash is only a colon. */
    write_file (at (s, "a:b"), "raw", 3);
    overlay (s, "top", "./a:b", "raw");
    check_accepted (s, "top", 2);
    overlay (s, "top", at (s, "a:b"), "raw");
    check_accepted (s, "top", 2);
}

static void
test_features (void **state)
{
    static const struct {
        struct forgery forgery;
        int error;
        const char *text;
    } cases[] = {
        { { .features = QCOW2_DATA_FILE }, ENOTSUP, "data in another file" },
        { { .data_file = "/etc/shadow" }, ENOTSUP, "data in another file" },
        { { .features = QCOW2_DATA_FILE, .data_file = "/etc/shadow" },
          ENOTSUP,
          "data in another file" },
        { { .crypt_method = 1 }, ENOTSUP, "is encrypted" },
        { { .crypt_method = 2 }, ENOTSUP, "is encrypted" },
        { { .features = QCOW2_CORRUPT }, EIO, "is marked corrupt" },
        { { .features = 1u << 5 },
          ENOTSUP,
          "features that this hvctl does not know" },
        { { .features = UINT64_C (1) << 63 },
          ENOTSUP,
          "features that this hvctl does not know" },
    };
    const struct scratch *s = *state;

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        forge (at (s, "top"), &cases[i].forgery);
        check_refused (s, "top", cases[i].error, cases[i].text);
        /* In a lower layer, too. */
        forge (at (s, "below"), &cases[i].forgery);
        overlay (s, "top", "below", "qcow2");
        check_refused (s, "top", cases[i].error, cases[i].text);
    }
    forge (at (s, "top"),
           &(struct forgery){ .features = QCOW2_DIRTY | QCOW2_COMPRESSION
                                          | QCOW2_EXTENDED_L2 });
    check_accepted (s, "top", 1);
}

static void
test_loops (void **state)
{
    const struct scratch *s = *state;

    overlay (s, "a", "a", "qcow2");
    check_refused (s, "a", ELOOP, "a loop");
    overlay (s, "a", "b", "qcow2");
    overlay (s, "b", "c", "qcow2");
    overlay (s, "c", "./b", "qcow2");
    check_refused (s, "a", ELOOP,
                   hv_format (&s->f->ctx,
                              "%s names %s as its backing file, "
                              "which is above it",
                              at (s, "c"), at (s, "./b")));
    /* By another name it is the same file. */
    assert_int_equal (unlink (at (s, "c")), 0);
    assert_int_equal (link (at (s, "a"), at (s, "c")), 0);
    check_refused (s, "a", ELOOP, "a loop");
}

static void
test_depth (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume vol = volume (s, "victim", 0);

    overlay (s, "layer1", NULL, NULL);
    for (int i = 2; i <= 33; i++) {
        overlay (s, hv_format (&s->f->ctx, "layer%d", i),
                 hv_format (&s->f->ctx, "layer%d", i - 1), "qcow2");
    }
    check_accepted (s, "layer32", 32);
    check_refused (s, "layer33", ELOOP, "has a chain of more than 32 layers");
    /* What could never be started is not made. */
    vol.backing = at (s, "layer32");
    vol.backing_format = "qcow2";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), ELOOP,
                  "already has 32 layers");
    vol.backing = at (s, "layer31");
    check_done (s, qcow2->create (&s->f->ctx, &vol));
}

/* An image from elsewhere does not choose among the files of this host. */
static void
test_places (void **state)
{
    struct scratch *s = *state;

    assert_int_equal (mkdir (at (s, "secret"), 0700), 0);
    assert_int_equal (mkdir (at (s, "secret/deep"), 0700), 0);
    write_file (at (s, "secret/file"), "raw", 3);
    write_file (at (s, "secret/deep/file"), "raw", 3);
    overlay (s, "top", "/etc/passwd", "raw");
    check_refused (s, "top", EPERM,
                   "names /etc/passwd as its backing file, which is in "
                   "another directory");
    overlay (s, "top", at (s, "secret/file"), "raw");
    check_refused (s, "top", EPERM, "in another directory");
    overlay (s, "top", "secret/file", "raw");
    check_refused (s, "top", EPERM, "in another directory");
    overlay (s, "top", "../../../../../../etc/passwd", "raw");
    check_refused (s, "top", EPERM, "names /etc/passwd as");
    /* An archive can bring a link along. */
    assert_int_equal (symlink ("/etc/passwd", at (s, "link")), 0);
    overlay (s, "top", "link", "raw");
    check_refused (s, "top", EPERM, "names /etc/passwd as");
    overlay (s, "top", at (s, "secret/deep/file"), "raw");
    overlay (s, "topmost", "top", "qcow2");
    check_refused (s, "topmost", EPERM, "in another directory");

    s->f->own = fake_options (
        s->f, hv_plugin.keys, "backing_path",
        hv_format (&s->f->ctx, "/nowhere::%s/sec:%s/secret", s->dir, s->dir),
        NULL);
    check_accepted (s, "topmost", 3);
    overlay (s, "top", "/etc/passwd", "raw");
    check_refused (s, "top", EPERM, "in another directory");
}

/* The volumes of a pool may lie on any image: hvctl made them so.  But other
 * images may not lie on the volumes. */
static void
test_pool_places (void **state)
{
    struct scratch *s = *state;
    struct hv_volume vol = volume (s, "victim", 0);
    struct hv_chain *layers = fake_chain (s->f);
    struct hv_volume_info info;

    assert_int_equal (mkdir (at (s, "images"), 0700), 0);
    overlay (s, "images/base", NULL, NULL);
    vol.backing = at (s, "images/base");
    vol.backing_format = "qcow2";
    check_done (s, qcow2->create (&s->f->ctx, &vol));
    vol = volume (s, "victim", 0);
    check_done (s, qcow2->chain (&s->f->ctx, &vol, layers, &info));
    assert_int_equal (layers->n, 2);

    overlay (s, "top", "pool/victim.qcow2", "qcow2");
    vol = volume (s, "thief", 0);
    vol.backing = at (s, "top");
    vol.backing_format = "qcow2";
    check_failed (s, qcow2->create (&s->f->ctx, &vol), EPERM,
                  "in another directory");
    assert_int_equal (count_entries (at (s, "pool")), 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_honest),          TEST (test_no_image),
        TEST (test_no_format),       TEST (test_other_format),
        TEST (test_missing_backing), TEST (test_protocols),
        TEST (test_features),        TEST (test_loops),
        TEST (test_depth),           TEST (test_places),
        TEST (test_pool_places),
    };

    qcow2 = hv_plugin.storage;
    return cmocka_run_group_tests (tests, NULL, NULL);
}
