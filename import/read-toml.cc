/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* TOML by toml++, the one library of it that tells lines and that every suite
 * of Debian has; so this file, and no other, is C++. */
#include "import/read-toml.h"

/* The parser asserts what bytes from elsewhere can make false ("[{a]"), and
 * without assertions it would assume that: it gives up instead. */
#define TOML_ASSERT(condition)                                                 \
    (static_cast<bool> (condition) ? static_cast<void> (0) : toml_give_up ())
#undef NDEBUG
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#if __has_include(<toml++/impl/preprocessor.hpp>)
#include <toml++/impl/preprocessor.hpp>
#elif __has_include(<toml++/impl/preprocessor.h>)
#include <toml++/impl/preprocessor.h>
#endif
/* Likewise what it takes for impossible: "a = 1\u3400". */
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE toml_give_up ()
#undef TOML_ASSUME
#define TOML_ASSUME(...) static_cast<void> (0)
#include <toml++/toml.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace {

struct tree *
add (struct toml_target *to, struct tree *parent, const char *key,
     const toml::node &node, int depth);

/* Values are shown as TOML writes them. */
bool
text_of (const toml::node &node, std::string &text)
{
    if (auto s = node.as_string ()) {
        text = s->get ();
    } else if (auto i = node.as_integer ()) {
        text = std::to_string (i->get ());
    } else if (auto b = node.as_boolean ()) {
        text = b->get () ? "true" : "false";
    } else if (auto f = node.as_floating_point ()) {
        text = std::to_string (f->get ());
    } else {
        return false;
    }
    return true;
}

struct tree *
add_kids (struct toml_target *to, struct tree *t, const toml::node &node,
          int depth)
{
    if (auto table = node.as_table ()) {
        for (auto &&[key, kid] : *table) {
            std::string name{ key.str () };

            if (!add (to, t, name.c_str (), kid, depth + 1)) {
                return nullptr;
            }
        }
    } else if (auto array = node.as_array ()) {
        for (auto &&kid : *array) {
            if (!add (to, t, nullptr, kid, depth + 1)) {
                return nullptr;
            }
        }
    }
    return t;
}

struct tree *
add (struct toml_target *to, struct tree *parent, const char *key,
     const toml::node &node, int depth)
{
    int line = static_cast<int> (node.source ().begin.line);
    std::string text;
    struct tree *t;

    if (depth > TOML_DEPTH) {
        toml_wrong (to, line, "it is nested too deeply");
        return nullptr;
    }
    if (node.is_table () || node.is_array ()) {
        t = toml_add (to, parent, key, line, node.is_table () ? 'm' : 'l',
                      nullptr, 0);
        return t ? add_kids (to, t, node, depth) : nullptr;
    }
    if (!text_of (node, text)) {
        toml_wrong (to, line, "a date or a time is no value of virshle's");
        return nullptr;
    }
    return toml_add (to, parent, key, line, 't', text.data (), text.size ());
}

} // namespace

extern "C" struct tree *
toml_read (struct toml_target *to, const char *text, size_t len)
{
    toml::parse_result result = toml::parse (std::string_view{ text, len });

    if (!result) {
        std::string why{ result.error ().description () };

        toml_wrong (to, static_cast<int> (result.error ().source ().begin.line),
                    why.c_str ());
        return nullptr;
    }
    return add (to, nullptr, nullptr, result.table (), 0);
}
