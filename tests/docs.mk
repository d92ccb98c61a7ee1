# SPDX-License-Identifier: LGPL-2.1-or-later
# The manuals say what is so.
check_PROGRAMS += tests/kit/docs-keys
tests_kit_docs_keys_SOURCES = tests/kit/docs-keys.c
tests_kit_docs_keys_LDADD = libcore.la

DOCS_TESTS = \
	tests/shell/schema-vim.sh \
	tests/shell/show-host.sh \
	tests/shell/test-docs-commands.sh \
	tests/shell/test-docs-examples.sh \
	tests/shell/test-docs-json.sh \
	tests/shell/test-docs-keys.sh \
	tests/shell/test-docs-packages.sh \
	tests/shell/test-docs-plugins.sh \
	tests/shell/test-docs-pods.sh \
	tests/shell/test-docs-support.sh \
	$(NULL)
TESTS += $(DOCS_TESTS)
EXTRA_DIST += $(DOCS_TESTS) tests/kit/support-table
