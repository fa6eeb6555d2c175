/* Lines in, the events of the plain ones and the calls of these out, and which lines are left. */
#include <stdlib.h>
#include <string.h>

#include "columns.h"

#ifndef MADE_OF
#define MADE_OF "" /* by hand: nobody knows */
#endif

/* In the order of plain.h. */
static const Column event_columns[] = {
    {"call_id", "u"}, {"kind", "u"}, {"waba_id", "u"}, {"phone_number_id", "u"},
    {"contact_user_id", "u"}, {"profile_country", "u"}, {"status", "u"}, {"tracking", "u"},
    {"event_at", "tsu:"}, {"started_at", "tsu:"}, {"ended_at", "tsu:"},
    {"business_number", "l"}, {"contact", "l"}, {"direction", "l"}, {"duration_s", "l"}, {"delay_s", "l"},
    {"source", "l"}, {"line", "l"},
};
const Table event_table = {event_columns, TEXTS, NUMBERS};

/* Lines of a block, one behind the other, none of which is plain. */
typedef struct {
    int64_t at, size, line, lines; /* line: the place of the first in the block, from 0 */
} Left;

/* The events of some blocks of lines, their calls, and what is left of the last block. */
typedef struct {
    Rows events, calls;
    Bytes left;
    int64_t taken; /* bytes of lines since it began */
} Sieve;

/* The hash of the sources that this was compiled of. */
const char *wacost_made_of(void)
{
    return MADE_OF;
}

Sieve *wacost_new(void)
{
    return calloc(1, sizeof(Sieve));
}

/* Begin anew, in the same memory. */
void wacost_begin(Sieve *sieve)
{
    begin_rows(&sieve->events, &event_table);
    begin_rows(&sieve->calls, &call_table);
    sieve->taken = 0;
}

void wacost_free(Sieve *sieve)
{
    if (!sieve) return;
    free_rows(&sieve->events);
    free_rows(&sieve->calls);
    free(sieve->left.at);
    free(sieve);
}

static void put_left(Sieve *sieve, Left next)
{
    Left *last = sieve->left.size ? (Left *)(sieve->left.at + sieve->left.size) - 1 : NULL;
    if (last && last->at + last->size == next.at) {
        last->size += next.size;
        last->lines++;
    } else {
        char *at = more(&sieve->left, sizeof next, &sieve->events.is_short);
        if (at) memcpy(at, &next, sizeof next);
    }
}

/* Sort a block of whole lines into rows and what is left. `first` is the number of its first line in
 * the source. False: it is no such block, or the sieve cannot take it as well: there is not memory
 * enough, or so much text that offsets of 32 bits might not tell where it ends. */
bool wacost_sieve(Sieve *sieve, const char *data, int64_t size, int64_t source, int64_t first)
{
    const char *end = data + size, *limit = size < 8 ? data : end - 7;
    int64_t line = 0;
    sieve->left.size = 0;
    if (size > INT32_MAX - sieve->taken || (size && end[-1] != '\n')) return false;
    sieve->taken += size;
    for (const char *at = data, *next; at < end && !sieve->events.is_short; at = next, line++) {
        Text told[TOLD];
        Row row;
        next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        if (walk(at, limit, told) && judge(told, &row)) {
            row.numbers[SOURCE] = source;
            row.numbers[LINE] = first + line;
            put_row(&sieve->events, row.texts, row.numbers);
        } else {
            put_left(sieve, (Left){at - data, next - at, line, 1});
        }
    }
    return !sieve->events.is_short;
}

int64_t wacost_left(const Sieve *sieve, const Left **left)
{
    *left = (const Left *)sieve->left.at;
    return sieve->left.size / (int64_t)sizeof(Left);
}

int64_t wacost_lines(const char *data, int64_t size)
{
    int64_t lines = 0;
    const char *end = data + size;
    while ((data = memchr(data, '\n', (size_t)(end - data)))) data++, lines++;
    return lines;
}

/* Fold the events into calls. False: there is not memory enough. */
bool wacost_fold(Sieve *sieve)
{
    return fold(&sieve->events, &sieve->calls) && !sieve->calls.is_short;
}

static const Rows *rows_of(const Sieve *sieve, bool is_calls)
{
    return is_calls ? &sieve->calls : &sieve->events;
}

int64_t wacost_size(const Sieve *sieve, bool is_calls)
{
    return packed_size(rows_of(sieve, is_calls));
}

int wacost_write(const Sieve *sieve, bool is_calls, int file, int64_t at)
{
    return write_rows(rows_of(sieve, is_calls), file, at);
}
