# SPDX-License-Identifier: LGPL-2.1-or-later
# hvctl import.  The readers of files from elsewhere, with the libraries that
# they need, are in a program of their own; the rest is part of hvctl.
noinst_LTLIBRARIES += libtree.la libread.la
libtree_la_SOURCES = import/tree.c import/tree.h
libtree_la_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
libread_la_SOURCES = \
	import/read.c \
	import/read.h \
	import/read-json.c \
	import/read-words.c \
	$(NULL)
libread_la_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(YAML_CFLAGS) $(XML_CFLAGS)
libread_la_LIBADD = libtree.la $(YAML_LIBS) $(XML_LIBS)
if HAVE_YAML
libread_la_SOURCES += import/read-yaml.c
endif
if HAVE_XML
libread_la_SOURCES += import/read-xml.c
endif
# C++ in a library of its own: without it, nothing is linked as C++.
if HAVE_TOML
libread_la_SOURCES += import/read-toml-tree.c import/read-toml.h
noinst_LTLIBRARIES += libreadtoml.la
libreadtoml_la_SOURCES = import/read-toml.cc
libreadtoml_la_CXXFLAGS = -std=c++17 -fno-exceptions -fvisibility=hidden \
	$(SANITIZE_CFLAGS) -fno-sanitize=vptr
libread_la_LIBADD += libreadtoml.la -lstdc++
endif

libexecsub_PROGRAMS += import/hvctl-import
import_hvctl_import_SOURCES = import/main.c
import_hvctl_import_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
import_hvctl_import_LDADD = libread.la libcore.la $(JSONC_LIBS)

# Likewise for images.
if HAVE_ARCHIVE
libexecsub_PROGRAMS += import/hvctl-unpack
import_hvctl_unpack_SOURCES = import/unpack.c
import_hvctl_unpack_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(ARCHIVE_CFLAGS)
import_hvctl_unpack_LDADD = libcore.la $(JSONC_LIBS) $(ARCHIVE_LIBS)
endif

if HAVE_CURL
libexecsub_PROGRAMS += import/hvctl-fetch
import_hvctl_fetch_SOURCES = \
	import/fetch.c \
	import/fetch-body.c \
	import/fetch-body.h \
	import/fetch-file.c \
	import/fetch-file.h \
	import/fetch-judge.c \
	import/fetch-judge.h \
	$(NULL)
import_hvctl_fetch_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS) $(CURL_CFLAGS)
import_hvctl_fetch_LDADD = libcore.la $(JSONC_LIBS) $(CURL_LIBS)
endif

noinst_LTLIBRARIES += libimport.la
libimport_la_SOURCES = \
	import/balena.c \
	import/balena.h \
	import/balena-net.c \
	import/balena-net.h \
	import/confined.c \
	import/confined.h \
	import/draft.c \
	import/draft.h \
	import/draft-note.c \
	import/draft-note.h \
	import/draft-text.c \
	import/draft-text.h \
	import/from-5gdeploy.c \
	import/from-balena.c \
	import/from-libvirt.c \
	import/from-machina.c \
	import/from-virshle.c \
	import/libvirt.c \
	import/libvirt.h \
	import/machina.c \
	import/machina.h \
	import/vmspec.c \
	import/vmspec.h \
	$(NULL)
libimport_la_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
libimport_la_LIBADD = libtree.la
