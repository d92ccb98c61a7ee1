# SPDX-License-Identifier: LGPL-2.1-or-later
# make bench: the figures, against their bars.  Not part of make check: a busy
# machine would fail it.
EXTRA_PROGRAMS = bench/after bench/hand bench/measure
if HAVE_CMOCKA
if HAVE_NL
bench_ports = tests/root/net-macvtap-speed tests/root/net-ovs-speed
endif
endif
bench_after_SOURCES = bench/after.c
bench_measure_SOURCES = bench/measure.c bench/qmp.h common/pass.c common/pass.h
bench_measure_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
bench_measure_LDADD = $(JSONC_LIBS)
bench_hand_SOURCES = bench/hand.c bench/qmp.h common/pass.c common/pass.h
bench_hand_CFLAGS = $(AM_CFLAGS)

bench: all bench/after bench/hand bench/measure tests/tiny.elf $(bench_ports)
	$(SHELL) $(top_srcdir)/bench/run $(BENCH_ROUNDS)
.PHONY: bench

EXTRA_DIST += bench/endurance bench/libvirt bench/many bench/run bench/zfs
CLEANFILES += bench/after bench/hand bench/measure bench/results.json
