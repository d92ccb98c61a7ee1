/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* XML by libxml2: no network, no entities but the five of XML itself, and none
 * of the limits of the library lifted. */
#include "import/read.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlreader.h>
#include <string.h>

struct scanner {
    struct reading *r;
    struct error *err;
};

static void *
wrong (struct scanner *s, int line, const char *what)
{
    fail (s->err, EINVAL, "%s:%d: this is not XML: %s", s->r->budget.file, line,
          what);
    return NULL;
}

/* "libosinfo:os" */
static const char *
name_of (struct scanner *s, const xmlNs *ns, const xmlChar *name)
{
    return ns && ns->prefix
               ? arena_format (s->r->budget.arena, "%s:%s",
                               (const char *)ns->prefix, (const char *)name)
               : (const char *)name;
}

static bool
add_attributes (struct scanner *s, const xmlNode *node, struct tree *t)
{
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        const char *key = arena_format (s->r->budget.arena, "@%s",
                                        name_of (s, a->ns, a->name));
        const xmlNode *text = a->children;
        const char *value = text && text->content && !text->next
                                ? (const char *)text->content
                                : "";

        if (text && text->next) {
            wrong (s, (int)xmlGetLineNo (node),
                   "an attribute contains an entity");
            return false;
        }
        if (!tree_add (&s->r->budget, t, key, t->line, TREE_TEXT, value,
                       strlen (value), s->err)) {
            return false;
        }
    }
    return true;
}

/* Returns the text of an element, without space around it; null: none. */
static const char *
text_of (struct scanner *s, const xmlNode *node)
{
    const char *text = "", *end;

    for (const xmlNode *n = node->children; n; n = n->next) {
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
            text = *text ? arena_format (s->r->budget.arena, "%s%s", text,
                                         (const char *)n->content)
                         : (const char *)n->content;
        }
    }
    text += strspn (text, " \t\r\n");
    end = text + strlen (text);
    while (end > text && strchr (" \t\r\n", end[-1])) {
        end--;
    }
    return end > text
               ? arena_dup_n (s->r->budget.arena, text, (size_t)(end - text))
               : NULL;
}

static struct tree *
add_element (struct scanner *s, const xmlNode *node, struct tree *parent,
             int depth)
{
    const char *text = text_of (s, node);
    int line = (int)xmlGetLineNo (node);
    struct tree *t;

    if (depth > TREE_DEPTH) {
        return wrong (s, line, "it is nested too deeply");
    }
    t = tree_add (&s->r->budget, parent, name_of (s, node->ns, node->name),
                  line, TREE_MAP, NULL, 0, s->err);
    if (!t || !add_attributes (s, node, t)
        || (text
            && !tree_add (&s->r->budget, t, "", line, TREE_TEXT, text,
                          strlen (text), s->err))) {
        return NULL;
    }
    for (const xmlNode *n = node->children; n; n = n->next) {
        if (n->type == XML_ENTITY_REF_NODE) {
            return wrong (s, line, "it contains an entity");
        }
        if (n->type == XML_ELEMENT_NODE && !add_element (s, n, t, depth + 1)) {
            return NULL;
        }
    }
    return t;
}

static void
ignore (void *data, const char *fmt, ...)
{
    (void)data;
    (void)fmt;
}

/* A message of the library ends in a line feed. */
static struct tree *
not_well_formed (struct scanner *s, xmlParserCtxt *parser)
{
    const xmlError *e = xmlCtxtGetLastError (parser);
    const char *text = e && e->message ? e->message : "it cannot be read";

    return wrong (s, e && e->line > 0 ? e->line : 1,
                  arena_dup_n (s->r->budget.arena, text, strcspn (text, "\n")));
}

struct tree *
read_xml (struct reading *r, struct error *err)
{
    struct scanner s = { r, err };
    xmlParserCtxt *parser = xmlNewParserCtxt ();
    struct tree *t = NULL;
    xmlDoc *doc;

    if (!parser) {
        fail (err, ENOMEM, "%s: libxml2 cannot begin", r->budget.file);
        return NULL;
    }
    xmlSetGenericErrorFunc (NULL, ignore);
    doc = xmlCtxtReadMemory (parser, r->text, (int)r->len, NULL, NULL,
                             XML_PARSE_NONET | XML_PARSE_NOERROR
                                 | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA
                                 | XML_PARSE_BIG_LINES);
    if (!doc) {
        t = not_well_formed (&s, parser);
    } else if (doc->intSubset) {
        t = wrong (&s, 1,
                   "it has a document type (DOCTYPE), which no domain of "
                   "libvirt has");
    } else {
        t = tree_add (&r->budget, NULL, NULL, 1, TREE_MAP, NULL, 0, err);
        if (t && !add_element (&s, xmlDocGetRootElement (doc), t, 1)) {
            t = NULL;
        }
    }
    xmlFreeDoc (doc);
    xmlFreeParserCtxt (parser);
    return t;
}
