/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/expand.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/error.h"

#define MAX_NESTED 32 /* Parentheses and signs: each costs stack. */
#define MAX_WIDTH 20

/* An expression that is being read. */
struct reader {
    struct expand *e;
    const char *start, *p; /* Of the value. */
    unsigned depth;
    bool unknown;  /* The number that is being computed, ... */
    bool unknowns; /* ...or one before it. */
};

static bool fail_at (struct reader *r, const char *at, const char *fmt, ...)
    __attribute__ ((format (printf, 3, 4)));

static bool
fail_at (struct reader *r, const char *at, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    r->e->why = arena_vformat (r->e->arena, fmt, args);
    va_end (args);
    r->e->at = (size_t)(at - r->start) + 1;
    return false;
}

static void
skip_blanks (struct reader *r)
{
    r->p += strspn (r->p, " \t");
}

/* Letters, digits, '_', and within '.' and '-': "employee-id", "mac.lan". */
static size_t
name_length (const char *p)
{
    size_t len = 0;

    if (!isalpha ((unsigned char)*p) && *p != '_') {
        return 0;
    }
    while (isalnum ((unsigned char)p[len])
           || (p[len] && strchr ("_.-", p[len]))) {
        len++;
    }
    while (strchr (".-", p[len - 1])) {
        len--;
    }
    return len;
}

/* The value of the name of that length at the reader. */
static const char *
read_name (struct reader *r, size_t len)
{
    const char *at = r->p, *why = NULL, *value;
    const char *name = arena_dup_n (r->e->arena, at, len);

    value = r->e->lookup (r->e->data, name, &why);
    if (!value && why) {
        fail_at (r, at, "%s", why);
    } else if (!value) {
        r->e->why = NULL;
        r->unknown = r->unknowns = true;
        value = r->e->partial ? "0" : NULL;
    }
    r->p += len;
    return value;
}

static bool
parse_number (const char *text, size_t len, int64_t *out)
{
    const char *p = text + (*text == '-');
    int64_t n = 0;

    for (; p < text + len; p++) {
        if (!isdigit ((unsigned char)*p) || __builtin_mul_overflow (n, 10, &n)
            || __builtin_sub_overflow (n, *p - '0', &n)) {
            return false;
        }
    }
    /* Below zero there is one number more. */
    *out = n;
    return p > text + (*text == '-')
           && (*text == '-' || !__builtin_sub_overflow (0, n, out));
}

static bool read_sum (struct reader *r, int64_t *out);

static bool
read_variable (struct reader *r, int64_t *out)
{
    const char *at = r->p, *value = read_name (r, name_length (at));

    if (!value) {
        return false;
    }
    return parse_number (value, strlen (value), out)
           || fail_at (r, at, "'%.*s' is \"%s\", which is not a whole number",
                       (int)(r->p - at), at, value);
}

static bool
read_digits (struct reader *r, int64_t *out)
{
    const char *at = r->p;
    size_t len = strspn (at, "0123456789");

    r->p += len;
    return parse_number (at, len, out)
           || fail_at (r, at, "the number is larger than %" PRId64, INT64_MAX);
}

/* A number, a name, or something in parentheses, with signs before. */
static bool
read_operand (struct reader *r, int64_t *out)
{
    const char *at;
    bool good;

    skip_blanks (r);
    at = r->p;
    if (*at != '-' && *at != '(') {
        return isdigit ((unsigned char)*at) ? read_digits (r, out)
               : name_length (at)
                   ? read_variable (r, out)
                   : fail_at (r, at, "a number or a name is missing");
    }
    if (++r->depth > MAX_NESTED) {
        return fail_at (r, at, "more than %d parentheses and signs are nested",
                        MAX_NESTED);
    }
    r->p++;
    if (*at == '-') {
        good = read_operand (r, out)
               && (!__builtin_sub_overflow (0, *out, out)
                   || fail_at (r, at, "the number is too large"));
    } else {
        good = read_sum (r, out);
        skip_blanks (r);
        good = good && (*r->p == ')' || fail_at (r, r->p, "')' is missing"));
        r->p += good;
    }
    r->depth--;
    return good;
}

/* Carries out one operation of two numbers. */
static bool
apply (struct reader *r, const char *at, int64_t a, int64_t b, int64_t *out)
{
    bool overflow;

    if (r->unknown) {
        *out = 0;
        return true;
    }
    if ((*at == '/' || *at == '%') && !b) {
        return fail_at (r, at, "a division by zero");
    }
    switch (*at) {
    case '+':
        overflow = __builtin_add_overflow (a, b, out);
        break;
    case '-':
        overflow = __builtin_sub_overflow (a, b, out);
        break;
    case '*':
        overflow = __builtin_mul_overflow (a, b, out);
        break;
    default:
        overflow = a == INT64_MIN && b == -1;
        *out = overflow ? 0 : *at == '/' ? a / b : a % b;
    }
    return !overflow
           || fail_at (r, at,
                       "the result is out of range: %" PRId64 " %c %" PRId64, a,
                       *at, b);
}

/* Operands with these operators between them, from left to right. */
static bool
read_chain (struct reader *r, const char *operators,
            bool (*read) (struct reader *, int64_t *), int64_t *out)
{
    if (!read (r, out)) {
        return false;
    }
    for (;;) {
        const char *at;
        int64_t other;

        skip_blanks (r);
        at = r->p;
        if (!*at || !strchr (operators, *at)) {
            return true;
        }
        r->p++;
        if (!read (r, &other) || !apply (r, at, *out, other, out)) {
            return false;
        }
    }
}

static bool
read_product (struct reader *r, int64_t *out)
{
    return read_chain (r, "*/%", read_operand, out);
}

static bool
read_sum (struct reader *r, int64_t *out)
{
    return read_chain (r, "+-", read_product, out);
}

/* ":02", behind an expression. */
static bool
read_width (struct reader *r, unsigned *out)
{
    const char *at = r->p++;
    size_t len = strspn (r->p, "0123456789");

    *out = (unsigned)(len < 4 ? atoi (r->p) : 0);
    if (*r->p != '0' || len < 2 || *out < 1 || *out > MAX_WIDTH) {
        return fail_at (r, at,
                        "behind ':' is the width of a number, with a zero "
                        "before it: from :01 to :0%d",
                        MAX_WIDTH);
    }
    r->p += len;
    return true;
}

static bool
is_at_end (const char *p)
{
    return p[strspn (p, " \t")] == '}';
}

/* A name without anything else.  Names of NICs may end with '-' and '.'. */
static size_t
lone_name_length (const char *p)
{
    size_t len = name_length (p), nic = strncmp (p, "mac.", 4) ? 0 : 4;

    while (nic
           && (isalnum ((unsigned char)p[nic])
               || (p[nic] && strchr ("_.-", p[nic])))) {
        nic++;
    }
    return nic && is_at_end (p + nic) ? nic : is_at_end (p + len) ? len : 0;
}

static void
fail_unexpected (struct reader *r, const char *at)
{
    fail_at (r, at,
             "'%.1s' is unexpected: between '${' and '}' are names, "
             "numbers, + - * / %% ( )",
             at);
}

/* Refuses what would otherwise be explained as something else. */
static bool
check_form (struct reader *r)
{
    size_t end = strcspn (r->p, (char[]){ '}', EXPAND_MARK, '\0' });
    size_t len = name_length (r->p);
    const char *next = r->p + len + strspn (r->p + len, " \t");

    if (r->p[end] != '}') {
        return fail_at (r, r->p + end, "'}' is missing");
    }
    if (len && !strncmp (r->p + len, ":-", 2)) {
        return fail_at (
            r, r->p + len,
            "':-' is not known, since there are no defaults: set the "
            "variable in a section 'vars'");
    }
    if (len && !lone_name_length (r->p) && !strchr ("+-*/%:})", *next)) {
        fail_unexpected (r, next);
        return false;
    }
    return true;
}

/* A name alone is text; all else is a number. */
static const char *
read_reference (struct reader *r)
{
    const char *text;
    unsigned width = 0;
    int64_t n;
    size_t len;

    r->unknown = false;
    skip_blanks (r);
    if (!check_form (r)) {
        return NULL;
    }
    len = lone_name_length (r->p);
    if (len) {
        text = read_name (r, len);
        skip_blanks (r);
        r->p += text != NULL;
        return text;
    }
    if (!read_sum (r, &n) || (*r->p == ':' && !read_width (r, &width))) {
        return NULL;
    }
    skip_blanks (r);
    if (*r->p != '}') {
        fail_unexpected (r, r->p);
        return NULL;
    }
    r->p++;
    return arena_format (r->e->arena, "%0*" PRId64, (int)width, n);
}

/* The next part of the value: text up to a reference, or what that gives. */
static const char *
read_part (struct reader *r)
{
    const char *at = r->p;

    if (*at != EXPAND_MARK) {
        r->p += strcspn (at, (char[]){ EXPAND_MARK, '\0' });
        return arena_dup_n (r->e->arena, at, (size_t)(r->p - at));
    }
    if (at[1] == EXPAND_MARK) {
        r->p += 2;
        return "$";
    }
    r->p += at[1] == '{' ? 2 : 1;
    return read_reference (r);
}

const char *
expand_text (struct expand *e, const char *marked)
{
    struct reader r = { .e = e, .start = marked, .p = marked };
    CLEANUP_FREE char *done = NULL;
    size_t length = 0, room = 0;

    e->why = NULL;
    e->at = 0;
    while (*r.p) {
        const char *at = r.p, *part = read_part (&r);
        size_t len = part ? strlen (part) : 0;

        if (!part) {
            return NULL;
        }
        if (length + len > EXPAND_MAX) {
            fail_at (&r, at, "the value is longer than %d bytes", EXPAND_MAX);
            return NULL;
        }
        if (length + len >= room) {
            room = 2 * (length + len) + 64;
            done = xrealloc (done, room);
        }
        memcpy (done + length, part, len + 1);
        length += len;
    }
    return r.unknowns ? NULL : done ? arena_dup_n (e->arena, done, length) : "";
}

bool
expand_has (const char *text)
{
    return text[strcspn (text, (char[]){ EXPAND_MARK, EXPAND_WHOLE, '\0' })];
}

bool
expand_is_control (int byte)
{
    return (byte < ' ' && byte != '\t' && byte != '\n') || byte == 0x7f;
}

bool
expand_has_control (const char *text)
{
    for (; *text; text++) {
        if (*text != EXPAND_MARK && *text != EXPAND_WHOLE
            && expand_is_control ((unsigned char)*text)) {
            return true;
        }
    }
    return false;
}

const char *
expand_whole (struct arena *a, const char *marked)
{
    const char *at;

    while ((at = strchr (marked, EXPAND_WHOLE))) {
        size_t len = strcspn (at, ",");

        marked = arena_format (a, "%.*s%c{%.*s}%s", (int)(at - marked), marked,
                               EXPAND_MARK, (int)(len - 1), at + 1, at + len);
    }
    return marked;
}

const char *
expand_written (struct arena *a, const char *marked)
{
    char *text = arena_dup (a, marked);

    for (char *p = text; *p; p++) {
        *p = *p == EXPAND_MARK ? '$' : *p;
    }
    return text;
}

bool
expand_is_name (const char *name)
{
    return *name && name_length (name) == strlen (name);
}
