/* Rows as DuckDB reads them: columns in Arrow's layout, handed over through its C stream interface
 * (https://arrow.apache.org/docs/format/CStreamInterface.html), so that nothing is copied or parsed
 * again and no library is needed.
 *
 * The columns of a block of lines lie in one piece of memory without pointers (a `Header`, then every
 * buffer), which is written to a file and can be mapped again anywhere. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plain.h"

#define COLUMNS (TEXTS + NUMBERS)
#define ALIGNMENT 64

typedef struct {
    const char *name, *format;
} Column;

/* In the order of plain.h, texts first. */
static const Column columns[COLUMNS] = {
    {"call_id", "u"}, {"kind", "u"}, {"waba_id", "u"}, {"phone_number_id", "u"},
    {"contact_user_id", "u"}, {"profile_country", "u"}, {"status", "u"}, {"tracking", "u"},
    {"event_at", "tsu:"}, {"started_at", "tsu:"}, {"ended_at", "tsu:"},
    {"business_number", "l"}, {"contact", "l"}, {"direction", "l"}, {"duration_s", "l"}, {"delay_s", "l"},
    {"source", "l"}, {"line", "l"},
};

typedef struct {
    int64_t size, rows;
    int64_t at[COLUMNS][3]; /* validity; values, or offsets of texts; the texts */
} Header;

typedef struct {
    char *at;
    int64_t size, room;
} Bytes;

/* Lines of a block, one behind the other, none of which is plain. */
typedef struct {
    int64_t at, size, line, lines; /* line: the place of the first in the block, from 0 */
} Left;

/* The rows of some blocks of lines, and what is left of the last block. */
typedef struct {
    int64_t rows;
    Bytes parts[COLUMNS][3];
    Bytes left;
    bool is_short; /* of memory: nothing here is whole */
} Sieve;

static char *more(Sieve *sieve, Bytes *bytes, int64_t size)
{
    if (bytes->size + size > bytes->room) {
        int64_t room = (bytes->size + size) * 2 + 4096;
        char *at = realloc(bytes->at, (size_t)room);
        if (!at) {
            sieve->is_short = true;
            return NULL;
        }
        bytes->at = at;
        bytes->room = room;
    }
    bytes->size += size;
    return bytes->at + bytes->size - size;
}

static void put(Sieve *sieve, Bytes *bytes, const void *from, int64_t size)
{
    char *at = more(sieve, bytes, size);
    if (at && size) memcpy(at, from, (size_t)size);
}

static void put_validity(Sieve *sieve, Bytes *bits, bool is_told)
{
    if (sieve->rows % 8 == 0) put(sieve, bits, "", 1);
    if (bits->at && is_told) bits->at[sieve->rows / 8] |= (char)(1 << sieve->rows % 8);
}

static void put_text(Sieve *sieve, Bytes parts[3], Text text)
{
    put_validity(sieve, &parts[0], text.at);
    put(sieve, &parts[2], text.at ? text.at : "", text.at ? text.size : 0);
    int32_t end = (int32_t)parts[2].size;
    put(sieve, &parts[1], &end, sizeof end);
}

static void put_number(Sieve *sieve, Bytes parts[3], int64_t number)
{
    put_validity(sieve, &parts[0], number != NONE);
    put(sieve, &parts[1], &number, sizeof number);
}

static void put_row(Sieve *sieve, const Row *row)
{
    for (int i = 0; i < TEXTS; i++) put_text(sieve, sieve->parts[i], row->texts[i]);
    for (int i = 0; i < NUMBERS; i++) put_number(sieve, sieve->parts[TEXTS + i], row->numbers[i]);
    sieve->rows++;
}

void wacost_free(Sieve *sieve)
{
    if (!sieve) return;
    for (int i = 0; i < COLUMNS; i++)
        for (int part = 0; part < 3; part++) free(sieve->parts[i][part].at);
    free(sieve->left.at);
    free(sieve);
}

Sieve *wacost_new(void)
{
    Sieve *sieve = calloc(1, sizeof *sieve);
    int32_t zero = 0;
    for (int i = 0; sieve && i < TEXTS; i++) put(sieve, &sieve->parts[i][1], &zero, sizeof zero);
    return sieve;
}

static void put_left(Sieve *sieve, Left next)
{
    Left *last = sieve->left.size ? (Left *)(sieve->left.at + sieve->left.size) - 1 : NULL;
    if (last && last->at + last->size == next.at) {
        last->size += next.size;
        last->lines++;
    } else {
        put(sieve, &sieve->left, &next, sizeof next);
    }
}

/* Sort a block of whole lines into rows and what is left. `first` is the number of its first line in
 * the source. False: there is not memory enough. */
bool wacost_sieve(Sieve *sieve, const char *data, int64_t size, int64_t source, int64_t first)
{
    const char *end = data + size, *limit = size < 8 ? data : end - 7;
    int64_t line = 0;
    sieve->left.size = 0;
    for (const char *at = data, *next; at < end && !sieve->is_short; at = next, line++) {
        Text told[TOLD];
        Row row;
        next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        if (walk(at, limit, told) && judge(told, &row)) {
            row.numbers[SOURCE] = source;
            row.numbers[LINE] = first + line;
            put_row(sieve, &row);
        } else {
            put_left(sieve, (Left){at - data, next - at, line, 1});
        }
    }
    return !sieve->is_short;
}

int64_t wacost_left(const Sieve *sieve, const Left **left)
{
    *left = (const Left *)sieve->left.at;
    return sieve->left.size / (int64_t)sizeof(Left);
}

int64_t wacost_lines(const char *data, int64_t size)
{
    int64_t lines = 0;
    for (int64_t i = 0; i < size; i++) lines += data[i] == '\n';
    return lines;
}

static int64_t aligned(int64_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The bytes that `wacost_write` writes; 0: there is no row. */
int64_t wacost_size(const Sieve *sieve)
{
    int64_t size = aligned(sizeof(Header));
    for (int i = 0; i < COLUMNS; i++)
        for (int part = 0; part < 3; part++) size += aligned(sieve->parts[i][part].size);
    return sieve->rows ? size : 0;
}

static int write_all(int file, const char *from, int64_t size, int64_t at)
{
    while (size > 0) {
        ssize_t written = pwrite(file, from, (size_t)size, at);
        if (written < 0 && errno != EINTR) return errno;
        if (written > 0) from += written, size -= written, at += written;
    }
    return 0;
}

/* Write the rows into a file from byte `at` on; return 0, or the number of the system's error. */
int wacost_write(const Sieve *sieve, int file, int64_t at)
{
    Header header = {wacost_size(sieve), sieve->rows, {{0}}};
    int64_t next = aligned(sizeof header);
    for (int i = 0; i < COLUMNS; i++)
        for (int part = 0; part < 3; part++) {
            const Bytes *bytes = &sieve->parts[i][part];
            int error = write_all(file, bytes->at, bytes->size, at + next);
            if (error) return error;
            header.at[i][part] = next;
            next += aligned(bytes->size);
        }
    return write_all(file, (const char *)&header, sizeof header, at);
}

/* -- Arrow's C stream interface, as its specification declares it ---------------------------------- */

struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#define NULLABLE 2

/* A consumer may move a child out and release it by itself: children own nothing. */
static void release_child_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_child(struct ArrowArray *array) { array->release = NULL; }

typedef struct {
    struct ArrowSchema *children[COLUMNS], columns[COLUMNS];
} Schemas;

static void release_schema(struct ArrowSchema *schema)
{
    free(schema->private_data);
    schema->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    (void)stream;
    Schemas *made = calloc(1, sizeof *made);
    if (!made) return ENOMEM;
    for (int i = 0; i < COLUMNS; i++) {
        made->columns[i] = (struct ArrowSchema){
            .format = columns[i].format, .name = columns[i].name, .flags = NULLABLE, .release = release_child_schema};
        made->children[i] = &made->columns[i];
    }
    *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = COLUMNS, .children = made->children,
                                .release = release_schema, .private_data = made};
    return 0;
}

typedef struct {
    struct ArrowArray *children[COLUMNS], columns[COLUMNS];
    const void *buffers[COLUMNS][3], *none;
} Arrays;

static void release_array(struct ArrowArray *array)
{
    free(array->private_data);
    array->release = NULL;
}

/* The packed blocks that a stream still has to hand over. */
typedef struct {
    const char *at, *end;
} Rest;

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    Rest *rest = stream->private_data;
    memset(out, 0, sizeof *out);
    if (rest->at == rest->end) return 0;
    const char *base = rest->at;
    const Header *header = (const Header *)base;
    Arrays *made = calloc(1, sizeof *made);
    if (!made) return ENOMEM;
    for (int i = 0; i < COLUMNS; i++) {
        for (int part = 0; part < 3; part++) made->buffers[i][part] = base + header->at[i][part];
        made->columns[i] = (struct ArrowArray){
            .length = header->rows, .null_count = -1, .n_buffers = i < TEXTS ? 3 : 2,
            .buffers = made->buffers[i], .release = release_child};
        made->children[i] = &made->columns[i];
    }
    *out = (struct ArrowArray){.length = header->rows, .n_buffers = 1, .n_children = COLUMNS, .buffers = &made->none,
                               .children = made->children, .release = release_array, .private_data = made};
    rest->at += header->size;
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static void release_stream(struct ArrowArrayStream *stream)
{
    free(stream->private_data);
    stream->release = NULL;
}

/* Begin a stream of packed blocks that lie one behind the other; false: not memory enough. */
bool wacost_stream(const char *packed, int64_t size, struct ArrowArrayStream *out)
{
    Rest *rest = malloc(sizeof *rest);
    if (!rest) return false;
    *rest = (Rest){packed, packed + size};
    *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, rest};
    return true;
}
