# SPDX-License-Identifier: LGPL-2.1-or-later
# make bench: the figures, against their bars.  Not part of make check: a busy
# machine would fail it.
EXTRA_PROGRAMS = bench/measure
bench_measure_SOURCES = bench/measure.c
bench_measure_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
bench_measure_LDADD = $(JSONC_LIBS)

bench: all bench/measure tests/tiny.elf
	$(SHELL) $(top_srcdir)/bench/run $(BENCH_ROUNDS)
.PHONY: bench

EXTRA_DIST += bench/run
CLEANFILES += bench/measure bench/results.json
