/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* UDP and TCP through net-ovs and a userspace datapath, as a guest sends them
 * that was told of no offloads (hv_nic.offload is false), and what would
 * happen to one that had been told of them. */
#include <arpa/inet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/root/net-ovs-lab.h"

#define PAYLOAD 1000
#define FRAME 2048

struct packet {
    struct virtio_net_hdr header; /* A tap's, of 10 bytes... */
    uint8_t ethernet[14];
    struct iphdr ip;
    union {
        struct udphdr udp;
        struct tcphdr tcp;
    };
    uint8_t room[PAYLOAD];
} __attribute__ ((packed));

static uint32_t
add_up (const void *data, size_t len, uint32_t sum)
{
    const uint8_t *p = data;

    for (size_t i = 0; i < len; i++) {
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static size_t
transport_len (const struct packet *p)
{
    return ntohs (p->ip.tot_len) - sizeof p->ip;
}

/* Of the transport's pseudo header, and of all of it: RFC 768 and 9293. */
static uint32_t
pseudo_sum (const struct packet *p)
{
    return add_up (&p->ip.saddr, 8,
                   p->ip.protocol + (uint32_t)transport_len (p));
}

static bool
is_right (const struct packet *p)
{
    return add_up (&p->udp, transport_len (p), pseudo_sum (p)) == 0xffff;
}

static void
build (struct packet *p, uint8_t protocol, bool partial)
{
    static const uint8_t ethernet[14] = { 0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xff, 0x52, 0x54, 0,    1,
                                          2,    3,    8,    0 };
    size_t header = protocol == IPPROTO_UDP ? sizeof p->udp : sizeof p->tcp;
    uint8_t *payload = (uint8_t *)&p->udp + header;
    size_t at = protocol == IPPROTO_UDP ? offsetof (struct udphdr, check)
                                        : offsetof (struct tcphdr, check);
    uint16_t check;

    memset (p, 0, sizeof *p);
    memcpy (p->ethernet, ethernet, sizeof ethernet);
    p->ip = (struct iphdr){ .version = 4,
                            .ihl = 5,
                            .ttl = 64,
                            .protocol = protocol,
                            .saddr = htonl (0x0a090001),
                            .daddr = htonl (0x0a090002) };
    p->ip.tot_len =
        htons ((uint16_t)(sizeof p->ip + header + PAYLOAD - sizeof p->tcp));
    p->ip.check = htons ((uint16_t)~add_up (&p->ip, sizeof p->ip, 0));
    p->udp.source = htons (1000);
    p->udp.dest = htons (2000);
    if (protocol == IPPROTO_UDP) {
        p->udp.len = htons ((uint16_t)transport_len (p));
    } else {
        p->tcp.doff = 5;
        p->tcp.psh = p->tcp.ack = 1;
    }
    for (size_t i = 0; i < PAYLOAD - sizeof p->tcp; i++) {
        payload[i] = (uint8_t)(i * 7);
    }
    check =
        htons ((uint16_t)~add_up (&p->udp, transport_len (p), pseudo_sum (p)));
    if (partial) {
        check = htons ((uint16_t)pseudo_sum (p));
        p->header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        p->header.csum_start = sizeof ethernet + sizeof p->ip;
        p->header.csum_offset = (uint16_t)at;
    }
    memcpy ((uint8_t *)&p->udp + at, &check, sizeof check);
}

/* Sends it, and stores the next IPv4 packet that comes out. */
static bool
through (int from, int to, const struct packet *p, struct packet *out)
{
    size_t len = offsetof (struct packet, udp) + transport_len (p);
    struct pollfd ready = { .fd = to, .events = POLLIN };

    assert_int_equal (write (from, p, len), len);
    while (poll (&ready, 1, 3000) > 0) {
        uint8_t frame[FRAME];
        ssize_t n = read (to, frame, sizeof frame);

        if (n == (ssize_t)len) {
            memcpy (out, frame, len);
            if (out->ethernet[12] == 8 && out->ip.protocol == p->ip.protocol) {
                return true;
            }
        }
    }
    return false;
}

static void
test_payload (void **state)
{
    static const uint8_t protocols[] = { IPPROTO_UDP, IPPROTO_TCP };
    struct ovs_lab lab;
    struct packet sent, got;
    struct ifreq tap = { 0 };
    int a, b;

    assert_int_equal (offsetof (struct packet, ethernet), LAB_VNET_HDR);
    ovs_begin (&lab);
    ovs_attach (&lab, 0, &a); /* It sees that there are no offloads. */
    ovs_attach (&lab, 1, &b);
    assert_int_equal (ioctl (a, TUNGETIFF, &tap), 0);
    assert_true (tap.ifr_flags & IFF_VNET_HDR);
    for (int i = 0; i < 2; i++) {
        build (&sent, protocols[i], false);
        assert_true (is_right (&sent));
        assert_true (through (a, b, &sent, &got));
        assert_true (is_right (&got));
        assert_int_equal (got.header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM, 0);
        assert_memory_equal (&got.ip, &sent.ip,
                             sizeof sent.ip + transport_len (&sent));
    }
    /* Why: the datapath does not finish what is left to it.  If this fails,
     * Open vSwitch has learned it, and offloads can be on. */
    build (&sent, IPPROTO_UDP, true);
    assert_true (through (a, b, &sent, &got));
    assert_false (is_right (&got));
    close (a);
    close (b);
    ovs_end (&lab);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_payload),
    };

    ovs_need ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
