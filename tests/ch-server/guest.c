/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The guest, which does not exist: what it would do, and when. */

#include "tests/ch-server/server.h"

#include <stdio.h>
#include <string.h>

#include "tests/kit/timing.h"

static enum guest_act next_act = NOTHING;
static double due, count_due;

bool
guest_is (const char *word)
{
    return strstr (text_of (member (machine.config, "payload"), "cmdline"),
                   word)
           != NULL;
}

void
guest_will (enum guest_act act, int ms)
{
    next_act = act;
    due = now () + ms;
}

void
guest_starts (void)
{
    machine.count = 0;
    serial_say ("hvctl tiny guest: hello\r\n");
    if (guest_is ("poweroff")) {
        guest_will (POWERS_OFF, 20);
    } else if (guest_is ("triple")) {
        guest_will (RESETS, 20);
    } else if (guest_is ("crash")) {
        guest_will (FAILS, 20);
    }
}

/* Says the next number if it is time to; returns when it will be, or -1. */
static int
count_turn (void)
{
    char text[32];

    if (!machine.there || !guest_is ("count")) {
        return -1;
    }
    if (count_due <= now ()) {
        count_due = now () + 50;
        snprintf (text, sizeof text, "count %08x\r\n", ++machine.count);
        serial_say (text);
    }
    return (int)(count_due - now ()) + 1;
}

int
guest_turn (void)
{
    enum guest_act act = next_act;
    double left = due - now ();
    int count;

    if (!strcmp (machine.state, "Paused")) {
        return -1;
    }
    count = count_turn ();
    if (act == NOTHING) {
        return count;
    }
    if (left > 0) {
        return count >= 0 && count < left ? count : (int)left + 1;
    }
    next_act = NOTHING;
    if (act == FAILS || (act == POWERS_OFF && !stays_after_shutdown ())) {
        end_process ();
    } else if (act == POWERS_OFF) {
        shut_down ();
    } else if (act == RESETS) {
        reboot ();
    } else if (act == EJECTS) {
        json_object_object_del (machine.tree, machine.ejecting);
        close_files (machine.ejecting);
    } else if (act == LETS_GO_OF_CPUS) {
        machine.present_cpus = machine.wanted_cpus;
    }
    return count;
}
