# SPDX-License-Identifier: LGPL-2.1-or-later
# make bench: the figures, against their bars.  Not part of make check: a busy
# machine would fail it.
EXTRA_PROGRAMS = bench/measure
if HAVE_CMOCKA
if HAVE_NL
bench_ports = tests/root/net-macvtap-speed tests/root/net-ovs-speed
endif
endif
bench_measure_SOURCES = bench/measure.c
bench_measure_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
bench_measure_LDADD = $(JSONC_LIBS)

bench: all bench/measure tests/tiny.elf $(bench_ports)
	$(SHELL) $(top_srcdir)/bench/run $(BENCH_ROUNDS)
.PHONY: bench

EXTRA_DIST += bench/endurance bench/run bench/zfs
CLEANFILES += bench/measure bench/results.json
