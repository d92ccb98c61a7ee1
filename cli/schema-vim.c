/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/schema-vim.h"

#include <string.h>

#include "common/cleanup.h"
#include "core/base/output.h"
#include "core/config/host-read.h"
#include "core/config/host.h"
#include "core/config/keys.h"

/* In vim the last match that fits wins: so a key that is not known is an error,
 * and a value is none.  A list is no section. */
static const char head[] =
    "\" Vim syntax file, made by 'hvctl schema --vim'\n"
    "\" Language: hvctl.conf, conf.d/*.conf and VM definitions of hvctl\n"
    "if exists('b:current_syntax')\n"
    "  finish\n"
    "endif\n"
    "\n"
    "syn match hvctlUnknown '\\<[A-Za-z_][A-Za-z0-9_-]*\\ze\\s*='\n"
    "syn match hvctlAnyKey '[A-Za-z_][A-Za-z0-9_.-]*\\ze\\s*=' contained\n"
    "syn match hvctlNumber '\\<\\d[0-9.]*\\%([KMGTP]\\?i\\?B\\?\\|ms\\|s\\|m"
    "\\|min\\|h\\|d\\)\\>\\ze\\_[^:.=A-Za-z0-9_-]'\n"
    "syn match hvctlBoolean '\\%(=\\s*\\)\\@<=\\%(yes\\|no\\|true\\|false\\|on"
    "\\|off\\)\\>'\n"
    "syn region hvctlVariable start='\\${' end='}' oneline\n"
    "syn match hvctlEscape '\\\\.' contained\n"
    "syn region hvctlString start='\"' skip='\\\\.' end='\"' "
    "contains=hvctlVariable,hvctlEscape\n"
    "syn region hvctlString start=\"'\" end=\"'\"\n"
    "syn region hvctlList matchgroup=hvctlDelimiter start='=\\@<=\\s*{' "
    "end='}' contains=@hvctlValue\n"
    "syn match hvctlComment '#.*$'\n"
    "syn match hvctlComment '//.*$'\n"
    "syn region hvctlComment start='/\\*' end='\\*/'\n"
    "syn cluster hvctlValue contains=hvctlNumber,hvctlBoolean,hvctlWord,"
    "hvctlVariable,hvctlString,hvctlList,hvctlComment\n"
    "\n";

static const char tail[] = "\n"
                           "syn sync fromstart\n"
                           "\n"
                           "hi def link hvctlUnknown Error\n"
                           "hi def link hvctlAnyKey Identifier\n"
                           "hi def link hvctlKey Identifier\n"
                           "hi def link hvctlSection Statement\n"
                           "hi def link hvctlDelimiter Delimiter\n"
                           "hi def link hvctlNumber Number\n"
                           "hi def link hvctlBoolean Boolean\n"
                           "hi def link hvctlWord Constant\n"
                           "hi def link hvctlVariable PreProc\n"
                           "hi def link hvctlEscape Special\n"
                           "hi def link hvctlString String\n"
                           "hi def link hvctlComment Comment\n"
                           "\n"
                           "let b:current_syntax = 'hvctl'\n";

static bool
is_known (const struct hv_key *keys)
{
    return keys && keys->name && strcmp (keys->name, "*") != 0;
}

/* Keys of the section 'in'; null: outside of sections. */
static void
print_keys (const char *in, const struct hv_key *keys)
{
    out ("syn match hvctlKey%s '\\<\\%%(", in ? in : "");
    for (const struct hv_key *k = keys; k->name; k++) {
        out ("%s%s", k == keys ? "" : "\\|", k->name);
    }
    out ("\\)\\ze\\s*='%s\n", in ? " contained" : "");
    if (in) {
        out ("hi def link hvctlKey%s Identifier\n", in);
    }
}

/* The words that keys take, behind '='. */
static void
print_words (const char *kind, const struct hv_key *keys)
{
    for (const struct hv_key *k = keys; k->name; k++) {
        const struct key_words *w = keys_words (kind, k->name);

        if (!w) {
            continue;
        }
        out ("syn match hvctlWord '\\%%(\\<%s\\s*=\\s*\\)\\@<=\\%%(", k->name);
        for (size_t i = 0; w->words[i]; i++) {
            out ("%s%s", i ? "\\|" : "", w->words[i]);
        }
        out ("\\)\\>'\n");
    }
}

static void
print_section (const char *kind, bool titled, const struct hv_key *keys)
{
    bool known = is_known (keys);

    if (known) {
        print_keys (kind, keys);
        print_words (kind, keys);
    }
    out ("syn region hvctlSection_%s matchgroup=hvctlSection "
         "start='\\<%s%s\\s*{' end='}' contains=@hvctlValue,%s%s\n",
         kind, kind, titled ? "\\s\\+[^ \\t{}=]\\+" : "",
         known ? "hvctlUnknown,hvctlKey" : "hvctlAnyKey", known ? kind : "");
}

static void
print_definition (void)
{
    for (const struct section_kind *k = definition_kinds; k->kind; k++) {
        if (*k->kind) {
            print_section (k->kind, k->titled, keys_of (k->kind));
        }
    }
}

/* A template has the sections of a definition. */
static void
print_template (void)
{
    print_keys ("template", vm_keys);
    out ("syn region hvctlSection_template matchgroup=hvctlSection "
         "start='\\<template\\s\\+[^ \\t{}=]\\+\\s*{' end='}' contains="
         "@hvctlValue,hvctlUnknown,hvctlKeytemplate");
    for (const struct section_kind *k = definition_kinds; k->kind; k++) {
        if (*k->kind) {
            out (",hvctlSection_%s", k->kind);
        }
    }
    out ("\n");
}

static bool
is_of_definition (const char *kind)
{
    for (const struct section_kind *k = definition_kinds; k->kind; k++) {
        if (!strcmp (k->kind, kind)) {
            return true;
        }
    }
    return false;
}

static void
print_host (void)
{
    for (const struct section_kind *k = host_read_kinds; k->kind; k++) {
        if (!strcmp (k->kind, "template")) {
            print_template ();
        } else if (!is_of_definition (k->kind)) {
            print_section (k->kind, k->titled,
                           !strcmp (k->kind, "defaults")  ? default_keys
                           : !strcmp (k->kind, "image")   ? image_section_keys
                           : !strcmp (k->kind, "sandbox") ? sandbox_keys
                                                          : NULL);
        }
    }
}

void
schema_vim_print (void)
{
    out ("%s", head);
    print_keys (NULL, vm_keys);
    print_keys (NULL, host_keys);
    print_words (NULL, vm_keys);
    print_definition ();
    print_host ();
    out ("%s", tail);
}
