# SPDX-License-Identifier: LGPL-2.1-or-later
# The manuals say what is so.
check_PROGRAMS += tests/docs-keys
tests_docs_keys_SOURCES = tests/docs-keys.c
tests_docs_keys_LDADD = libcore.la

DOCS_TESTS = \
	tests/test-docs-commands.sh \
	tests/test-docs-examples.sh \
	tests/test-docs-json.sh \
	tests/test-docs-keys.sh \
	tests/test-docs-packages.sh \
	tests/test-docs-plugins.sh \
	tests/test-docs-pods.sh \
	tests/test-docs-support.sh \
	$(NULL)
TESTS += $(DOCS_TESTS)
EXTRA_DIST += $(DOCS_TESTS) tests/support-table
