/* Puts damaged lines through the compiled reader of plain bodies, for sanitizers to watch.
 *
 *     plain_driver FILE SEED ROUNDS
 *
 * FILE holds lines, each of them plain. Every block of lines lies in memory of just its size, so that a
 * byte read beside it is seen. It stops at what should never be; see test_plain_memory.py. */
#define _XOPEN_SOURCE 700
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t granted = INT64_MAX; /* allocations until they fail */

static bool is_granted(void) { return granted > 0 && granted-- > 0; }
static void *short_calloc(size_t count, size_t size) { return is_granted() ? calloc(count, size) : NULL; }
static void *short_realloc(void *at, size_t size) { return is_granted() ? realloc(at, size) : NULL; }

#define calloc short_calloc
#define realloc short_realloc
#include "arrow.c"
#include "columns.c"
#include "fold.c"
#include "sieve.c"
#undef calloc
#undef realloc

#define CHECK(holds) do { if (!(holds)) { fprintf(stderr, "line %d: %s\n", __LINE__, #holds); abort(); } } while (0)

static uint64_t state;

static uint64_t below(uint64_t most)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state % most;
}

/* What is left lies in order, ends with whole lines, and is all that made no row. */
static int64_t left_of(const Sieve *sieve, const char *data, int64_t size)
{
    const Left *left;
    int64_t count = wacost_left(sieve, &left), lines = 0, at = 0, line = 0;
    for (int64_t i = 0; i < count; i++) {
        CHECK(left[i].at >= at && left[i].line >= line && left[i].size > 0);
        CHECK(left[i].at == 0 || data[left[i].at - 1] == '\n');
        CHECK(wacost_lines(data + left[i].at, left[i].size) == left[i].lines);
        at = left[i].at + left[i].size;
        line = left[i].line + left[i].lines;
        lines += left[i].lines;
        CHECK(at <= size && data[at - 1] == '\n');
    }
    return lines;
}

static void read_texts(const struct ArrowArray *column)
{
    const int32_t *offsets = column->buffers[1];
    char *copy = malloc((size_t)offsets[column->length] + 1);
    memcpy(copy, column->buffers[2], (size_t)offsets[column->length]);
    CHECK(offsets[0] == 0);
    for (int64_t i = 0; i < column->length; i++) CHECK(offsets[i] <= offsets[i + 1]);
    for (int32_t i = 0; i < offsets[column->length]; i++) CHECK(copy[i] >= ' ' && copy[i] != '"' && copy[i] != '\\');
    free(copy);
}

/* Read everything, then let go of it: children first and moved out, or with the whole. */
static int64_t read_array(struct ArrowArray *array, const Table *table, bool is_moved)
{
    int64_t length = array->length;
    CHECK(array->n_children == table->texts + table->numbers);
    for (int i = 0; i < array->n_children; i++) {
        struct ArrowArray *column = array->children[i];
        CHECK(column->length == length && column->n_buffers == (i < table->texts ? 3 : 2));
        if (i < table->texts) read_texts(column);
        if (is_moved) {
            struct ArrowArray moved = *column;
            column->release = NULL;
            moved.release(&moved);
        }
    }
    array->release(array);
    return length;
}

/* How many rows a stream hands over, -1 where memory was short; another is let go of unread. */
static int64_t read_stream(const char *packed, int64_t size, bool is_calls)
{
    Stream unread, made;
    struct ArrowSchema schema;
    struct ArrowArray array;
    int64_t rows = 0;
    int error = 0;
    (is_calls ? wacost_calls : wacost_events)(packed, size, &unread);
    (is_calls ? wacost_calls : wacost_events)(packed, size, &made);
    struct ArrowArrayStream stream = made.stream;
    if (!stream.get_schema(&stream, &schema)) {
        CHECK(schema.n_children == made.table->texts + made.table->numbers);
        schema.release(&schema);
    }
    while (!(error = stream.get_next(&stream, &array)) && array.release)
        rows += read_array(&array, made.table, below(2));
    stream.release(&stream);
    return error ? -1 : rows;
}

/* Rows packed twice, one behind the other, as two threads would have written them. */
static bool check_rows(const Sieve *sieve, bool is_calls)
{
    int64_t size = wacost_size(sieve, is_calls), wanted = rows_of(sieve, is_calls)->rows;
    CHECK((size > 0) == (wanted > 0));
    if (!size) return true;
    FILE *file = tmpfile();
    char *packed = aligned_alloc(ALIGNMENT, (size_t)size * 2);
    CHECK(file && !wacost_write(sieve, is_calls, fileno(file), size));
    CHECK(!wacost_write(sieve, is_calls, fileno(file), 0));
    memset(packed, 0, (size_t)size * 2);
    CHECK(fread(packed, 1, (size_t)size * 2, file) > 0);
    fclose(file);
    int64_t rows = read_stream(packed, size * 2, is_calls);
    CHECK(rows == 2 * wanted || (rows < 0 && !granted));
    free(packed);
    return rows > 0;
}

/* The events folded, all of them and their calls read. */
static bool check_calls(Sieve *sieve)
{
    if (!wacost_fold(sieve)) return false;
    CHECK((sieve->calls.rows > 0) == (sieve->events.rows > 0) && sieve->calls.rows <= sieve->events.rows);
    return check_rows(sieve, false) && check_rows(sieve, true);
}

/* Sort one block, twice by one sieve. Return how many rows it makes; -1: memory was short. */
static int64_t sorted_out(const char *from, size_t bytes)
{
    char *data = malloc(bytes ? bytes : 1);
    int64_t size = (int64_t)bytes, rows = -1;
    if (bytes) memcpy(data, from, bytes);
    Sieve *sieve = wacost_new();
    for (int times = 0; sieve && times < 2; times++) { /* the second in the same memory */
        wacost_begin(sieve);
        rows = -1;
        if (!wacost_sieve(sieve, data, size, 0, 1)) continue;
        int64_t found = wacost_lines(data, size) - left_of(sieve, data, size);
        CHECK(sieve->events.rows == found);
        if (!wacost_sieve(sieve, data, size, (int64_t)below(2), 1)) continue;
        CHECK(sieve->events.rows == 2 * found);
        if (check_calls(sieve)) rows = found;
    }
    wacost_free(sieve);
    free(data);
    return rows;
}

/* Every beginning of a line; the whole line behind spaces of every number up to eight. */
static int64_t cut(char *line, size_t size)
{
    int64_t rows = 0;
    char *copy = malloc(size + 8);
    for (size_t cut = 0; cut + 1 < size; cut++) {
        memcpy(copy, line, cut);
        copy[cut] = '\n';
        rows += sorted_out(copy, cut + 1);
    }
    for (size_t more = 0; more < 8; more++) {
        memcpy(copy, line, size);
        memset(copy + size - 1, " \t\r"[more % 3], more);
        copy[size - 1 + more] = '\n';
        CHECK(sorted_out(copy, size + more) == 1);
    }
    free(copy);
    return rows;
}

/* Strings of every length up to 40 that end, and that break off, at the end of the block. */
static void strings(void)
{
    char text[64];
    for (size_t length = 0; length <= 40; length++)
        for (int with = 0; with < 4; with++) {
            memset(text, 'x', sizeof text);
            memcpy(text, "{\"a\":\"", 6);
            memcpy(text + 6 + length, (const char *[]){"\"}\n", "\"\n ", "\\\n ", "\n  "}[with], 3);
            CHECK(sorted_out(text, 6 + length + (with ? with < 3 ? 2 : 1 : 3)) == 0);
        }
}

/* Change a line in some places: bits, pieces left out, pieces doubled, pieces of another line. */
static size_t changed(char *to, const char *line, size_t size, const char *other, size_t other_size)
{
    static const char marks[] = "\"\\{}[],: \t\r0-u\x00\x7f\x80\xc3\xed\xf4";
    memcpy(to, line, size);
    for (uint64_t times = below(4) + 1; times && size > 1; times--) {
        size_t at = below(size), length = below(below(4) ? 6 : size - at) + 1;
        if (length > size - at) length = size - at;
        switch (below(6)) {
        case 0: to[at] ^= (char)(1u << below(8)); break;
        case 1: to[at] = marks[below(sizeof marks - 1)]; break;
        case 2:
            memmove(to + at, to + at + length, size - at - length);
            size -= length;
            break;
        case 3:
            memmove(to + at + length, to + at, size - at);
            size += length;
            break;
        case 4: memmove(to + at, to + below(size - length + 1), length); break;
        default:
            if (length > other_size) length = other_size;
            memcpy(to + at, other + below(other_size - length + 1), length);
        }
    }
    if (!size || to[size - 1] != '\n') to[size++] = '\n';
    return size;
}

/* What one sieve takes stays below what an offset can tell, and a line without an end is not read. */
static void refused(const char *lines, int64_t size)
{
    Sieve *sieve = wacost_new();
    CHECK(sieve);
    wacost_begin(sieve);
    CHECK(!wacost_sieve(sieve, lines, size - 1, 0, 1));
    sieve->taken = INT32_MAX - size;
    CHECK(wacost_sieve(sieve, lines, size, 0, 1) && !wacost_sieve(sieve, lines, 1, 0, 1));
    wacost_free(sieve);
}

/* Another id of 16 letters whose hash is the same: the first eight are any, the others follow. */
static void colliding(char id[16])
{
    uint64_t begin, end, mixed[2];
    memcpy(&begin, "wacid.AB", 8);
    for (int which = 0;; which = 1) {
        mixed[which] = (0x9E3779B97F4A7C15u ^ 16u ^ begin) * 0xFF51AFD7ED558CCDu;
        mixed[which] ^= mixed[which] >> 32;
        memcpy(&end, "CDEFGHIJ", 8);
        end ^= mixed[0] ^ mixed[which];
        memcpy(id, &begin, 8);
        memcpy(id + 8, &end, 8);
        int letters = 0;
        while (letters < 16 && id[letters] > ' ' && id[letters] < 0x7f) letters++;
        if (which && letters == 16) return;
        for (int i = 0; i < 8; i++) ((char *)&begin)[i] = (char)('A' + below(50));
    }
}

/* Of calls whose ids were made to fall together, each with two events, only as many are linked as may be
 * tried: looking for one never takes long. */
static void collisions(void)
{
    enum { IDS = 200 };
    Rows events = {0}, calls = {0};
    static char ids[IDS][16];
    begin_rows(&events, &event_table);
    begin_rows(&calls, &call_table);
    for (int i = 0; i < 2 * IDS; i++) {
        Row row = {.texts[KIND] = i < IDS ? (Text){"connect", 7} : (Text){"terminate", 9}};
        if (i < IDS) colliding(ids[i]);
        row.texts[CALL_ID] = (Text){ids[i % IDS], 16};
        CHECK(hash_of(row.texts[CALL_ID]) == hash_of((Text){ids[0], 16}));
        put_row(&events, row.texts, row.numbers);
    }
    CHECK(fold(&events, &calls) && calls.rows == MOST_TRIED + 2 * (IDS - MOST_TRIED));
    free_rows(&events);
    free_rows(&calls);
}

/* Fail the first allocation, the second, and so on, until all are granted: of so many rows that every
 * column has to grow. */
static int64_t short_of_memory(const char *lines, size_t size)
{
    static char many[1 << 19];
    size_t all = 0;
    int64_t failed = 0;
    for (; all + size < sizeof many; all += size) memcpy(many + all, lines, size);
    for (granted = 0; sorted_out(many, all) < 0; failed++) granted = failed + 1;
    granted = INT64_MAX;
    return failed;
}

int main(int count, char **words)
{
    CHECK(count == 4);
    FILE *file = fopen(words[1], "rb");
    static char lines[1 << 20], made[1 << 20];
    static size_t begins[4096];
    size_t size = file ? fread(lines, 1, sizeof lines, file) : 0, total = 0;
    CHECK(size && lines[size - 1] == '\n' && !fclose(file));
    for (size_t at = 0; at < size && total < 4095; begins[++total] = at)
        at = (size_t)((char *)memchr(lines + at, '\n', size - at) + 1 - lines);
    state = strtoull(words[2], NULL, 10) * 2 + 88172645463325253u;
    int64_t rounds = strtoll(words[3], NULL, 10), rows = 0;
    CHECK(sorted_out(lines, size) == (int64_t)total && sorted_out("", 0) == 0);
    for (size_t i = 0; i < total; i++) CHECK(cut(lines + begins[i], begins[i + 1] - begins[i]) == 0);
    strings();
    collisions();
    refused(lines, (int64_t)size);
    printf("allocations that failed: %lld\n", (long long)short_of_memory(lines, size));
    for (int64_t i = 0; i < rounds; i++) {
        size_t one = below(total), other = below(total);
        rows += sorted_out(made, changed(made, lines + begins[one], begins[one + 1] - begins[one],
                                         lines + begins[other], begins[other + 1] - begins[other]));
    }
    printf("changed lines: %lld\nplain among them: %lld\n", (long long)rounds, (long long)rows);
    return 0;
}
