/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What cmocka 1 calls assert_in_range(), and cmocka 2 deprecates for macros
 * that cmocka 1 does not have. */
#ifndef TESTS_RANGE_H
#define TESTS_RANGE_H

#define assert_between(value, low, high)                                       \
    do {                                                                       \
        long long value_ = (long long)(value);                                 \
        long long low_ = (long long)(low), high_ = (long long)(high);          \
                                                                               \
        if (value_ < low_ || value_ > high_) {                                 \
            fail_msg ("%s is %lld, not between %lld and %lld", #value, value_, \
                      low_, high_);                                            \
        }                                                                      \
    } while (0)

#endif /* TESTS_RANGE_H */
