/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/* For each stream: the first bytes of a character that is still incomplete. */
static struct held {
    char bytes[4];
    size_t n;
} held_out;

/* Of each descriptor: is it a terminal?  -1: not known. */
static int terminals[3] = { -1, -1, -1 };

static bool
is_terminal (int fd)
{
    if (terminals[fd] < 0) {
        terminals[fd] = isatty (fd);
    }
    return terminals[fd];
}

/* The stream of the command's results.  Plugins and libraries that print get
 * standard error instead: what they say is no part of a result, of a JSON
 * document least of all. */
static FILE *own_stream;

static FILE *
results (void)
{
    return own_stream ? own_stream : stdout;
}

void
output_begin (void)
{
    /* Descriptors that fail when they are used in this direction. */
    static const int flags[] = { O_WRONLY, O_RDONLY, O_RDONLY };
    static char lines[4096];
    static bool begun;

    for (int fd = 0; fd < 3; fd++) {
        if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", flags[fd]) != fd) {
            _exit (1);
        }
        terminals[fd] = -1;
    }
    /* Each line by one write(): others write to the same file, such as copies
     * of this process. */
    if (!begun) {
        begun = setvbuf (stderr, lines, _IOLBF, sizeof lines) == 0;
    }
#ifdef __GLIBC__ /* It is a variable there. */
    if (!own_stream) {
        own_stream = stdout;
        stdout = stderr;
    }
#endif
}

size_t
output_utf8_length (const char *data, size_t n, bool *partial)
{
    unsigned char first = (unsigned char)data[0];
    unsigned char low = 0x80, high = 0xbf;
    size_t len = first < 0x80                    ? 1
                 : first >= 0xc2 && first < 0xe0 ? 2
                 : (first & 0xf0) == 0xe0        ? 3
                 : first >= 0xf0 && first < 0xf5 ? 4
                                                 : 0;

    *partial = false;
    /* RFC 3629: neither overlong, nor a surrogate, nor too large. */
    low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : low;
    high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : high;
    for (size_t i = 1; i < len; i++) {
        unsigned char byte;

        if (i == n) {
            *partial = true;
            return 0;
        }
        byte = (unsigned char)data[i];
        if (byte < low || byte > high) {
            return 0;
        }
        low = 0x80;
        high = 0xbf;
    }
    return len;
}

/* U+0080 to U+009F control a terminal, too. */
static bool
is_c1 (const char *data, size_t len)
{
    return len == 2 && (unsigned char)data[0] == 0xc2
           && (unsigned char)data[1] < 0xa0;
}

static bool
is_control (char c)
{
    return ((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

static void
put_escaped (FILE *f, unsigned char byte)
{
    fprintf (f, "\\x%02x", byte);
}

/* Writes the part that a terminal takes as text, and returns its length: all
 * but the first bytes of an incomplete character. */
static size_t
put_text (FILE *f, const char *data, size_t n)
{
    size_t i = 0;

    while (i < n) {
        bool partial;
        size_t len = output_utf8_length (data + i, n - i, &partial);

        if (partial || (data[i] == '\r' && i + 1 == n)) {
            break;
        }
        if (data[i] == '\r' && data[i + 1] == '\n') {
            i++; /* The end of a line on a serial port. */
        } else if (is_c1 (data + i, len)) {
            put_escaped (f, (unsigned char)data[i + 1]);
            i += len;
        } else if (!len || is_control (data[i])) {
            put_escaped (f, (unsigned char)data[i]);
            i++;
        } else {
            fwrite (data + i, 1, len, f);
            i += len;
        }
    }
    return i;
}

/* Writes everything: incomplete characters are escaped, too. */
static void
put_whole (FILE *f, const char *text)
{
    size_t n = strlen (text), used;

    if (!is_terminal (fileno (f))) {
        fputs (text, f);
        return;
    }
    used = put_text (f, text, n);
    for (; used < n; used++) {
        put_escaped (f, (unsigned char)text[used]);
    }
}

static void
put_formatted (FILE *f, const char *fmt, va_list args)
{
    CLEANUP_FREE char *text = NULL;

    if (vasprintf (&text, fmt, args) < 0) {
        text = NULL;
        return;
    }
    put_whole (f, text);
}

void
out (const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    put_formatted (results (), fmt, args);
    va_end (args);
}

void
out_bytes (const char *data, size_t n)
{
    struct held *h = &held_out;
    size_t used;

    if (!is_terminal (STDOUT_FILENO)) {
        fwrite (data, 1, n, results ());
        return;
    }
    /* Byte by byte until what was held is used. */
    while (h->n && n) {
        bool partial;

        h->bytes[h->n++] = *data++;
        n--;
        if (h->n < sizeof h->bytes && h->bytes[0] != '\r'
            && !output_utf8_length (h->bytes, h->n, &partial) && partial) {
            continue;
        }
        used = put_text (results (), h->bytes, h->n);
        memmove (h->bytes, h->bytes + used, h->n - used);
        h->n -= used;
    }
    used = put_text (results (), data, n);
    memcpy (h->bytes + h->n, data + used, n - used);
    h->n += n - used;
}

/* Writes what JSON's strings must not contain, and returns its length; 0: the
 * next character is fine. */
static size_t
put_unfit (const char *text, size_t n, size_t *len)
{
    bool partial;

    *len = output_utf8_length (text, n, &partial);
    if (!*len) {
        fputs ("\\ufffd", results ());
        return 1;
    }
    if (!is_c1 (text, *len) && text[0] != 0x7f) {
        return 0;
    }
    fprintf (results (), "\\u00%02x", (unsigned char)text[text[0] != 0x7f]);
    return *len;
}

/* JSON is ASCII outside of strings, so only text in strings is changed; the
 * rest is written in long pieces. */
void
out_json (struct json_object *o)
{
    const char *text = json_object_to_json_string_ext (
        o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    size_t n = strlen (text), written = 0;

    for (size_t i = 0; i < n;) {
        size_t len = 1, unfit;

        if ((text[i] >= ' ' && text[i] < 0x7f) || text[i] == '\n') {
            i++;
            continue;
        }
        fwrite (text + written, 1, i - written, results ());
        unfit = put_unfit (text + i, n - i, &len);
        written = i + unfit;
        i += unfit ? unfit : len;
    }
    fwrite (text + written, 1, n - written, results ());
    fputc ('\n', results ());
    json_object_put (o);
}

void
err_out (const char *fmt, ...)
{
    va_list args;

    fflush (results ());
    va_start (args, fmt);
    put_formatted (stderr, fmt, args);
    va_end (args);
    fflush (stderr);
}

void
err_lines (const char *prefix, const char *fmt, va_list args)
{
    CLEANUP_FREE char *text = NULL;
    char *line, *end;

    fflush (results ());
    if (vasprintf (&text, fmt, args) < 0) {
        text = NULL;
        return;
    }
    for (line = text; line; line = end ? end + 1 : NULL) {
        end = strchr (line, '\n');
        if (end) {
            *end = '\0';
        }
        fputs (prefix, stderr);
        put_whole (stderr, line);
        fputc ('\n', stderr);
    }
}

void
err_bytes (const char *data, size_t n)
{
    size_t used = 0;

    fflush (results ());
    if (!is_terminal (STDERR_FILENO)) {
        fwrite (data, 1, n, stderr);
    } else {
        used = put_text (stderr, data, n);
        for (; used < n; used++) {
            put_escaped (stderr, (unsigned char)data[used]);
        }
    }
    fflush (stderr);
}

void
err_at_once (const char *const *words)
{
    for (; *words; words++) {
        (void)!write (STDERR_FILENO, *words, strlen (*words));
    }
}

int
output_flush (struct error *err)
{
    errno = EIO;
    return fflush (results ()) != 0 || ferror (results ())
               ? fail (err, errno, "cannot write the output: %m")
               : 0;
}

int
output_end (struct error *err)
{
    for (size_t i = 0; i < held_out.n; i++) {
        put_escaped (results (), (unsigned char)held_out.bytes[i]);
    }
    held_out.n = 0;
    return output_flush (err);
}

bool
output_is_lost (void)
{
    struct pollfd p = { .fd = STDOUT_FILENO };

    return ferror (results ())
           || (poll (&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLNVAL)));
}
