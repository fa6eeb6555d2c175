/* Packed blocks, handed over through Arrow's C stream interface
 * (https://arrow.apache.org/docs/format/CStreamInterface.html): nothing is copied or parsed again,
 * and no library is needed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"

/* As the specification declares them. */
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

/* A stream and the blocks of a table that it still has to hand over. It owns nothing: DuckDB lets go of
 * many a stream without a word. */
typedef struct {
    struct ArrowArrayStream stream;
    const Table *table;
    const char *at, *end;
} Stream;

typedef struct {
    struct ArrowSchema *children[MOST_COLUMNS], columns[MOST_COLUMNS];
} Schemas;

typedef struct {
    struct ArrowArray *children[MOST_COLUMNS], columns[MOST_COLUMNS];
    const void *buffers[MOST_COLUMNS][3], *none;
} Arrays;

/* A consumer may move a child out and release it by itself: children own nothing. */
static void release_child_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_child(struct ArrowArray *array) { array->release = NULL; }

static void release_schema(struct ArrowSchema *schema)
{
    free(schema->private_data);
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    free(array->private_data);
    array->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    const Table *table = ((const Stream *)stream->private_data)->table;
    int count = table->texts + table->numbers;
    Schemas *made = calloc(1, sizeof *made);
    if (!made) return ENOMEM;
    for (int i = 0; i < count; i++) {
        made->columns[i] = (struct ArrowSchema){
            .format = table->columns[i].format, .name = table->columns[i].name, .flags = NULLABLE,
            .release = release_child_schema};
        made->children[i] = &made->columns[i];
    }
    *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = count, .children = made->children,
                                .release = release_schema, .private_data = made};
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    Stream *rest = stream->private_data;
    memset(out, 0, sizeof *out);
    if (rest->at == rest->end) return 0;
    const Block *block = (const Block *)rest->at;
    int count = rest->table->texts + rest->table->numbers;
    Arrays *made = calloc(1, sizeof *made);
    if (!made) return ENOMEM;
    for (int i = 0; i < count; i++) {
        for (int part = 0; part < 3; part++) made->buffers[i][part] = rest->at + block->at[i][part];
        made->columns[i] = (struct ArrowArray){
            .length = block->rows, .null_count = -1, .n_buffers = i < rest->table->texts ? 3 : 2,
            .buffers = made->buffers[i], .release = release_child};
        made->children[i] = &made->columns[i];
    }
    *out = (struct ArrowArray){.length = block->rows, .n_buffers = 1, .n_children = count, .buffers = &made->none,
                               .children = made->children, .release = release_array, .private_data = made};
    rest->at += block->size;
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static void release_stream(struct ArrowArrayStream *stream) { stream->release = NULL; }

/* Begin a stream of packed blocks that lie one behind the other. They and `out` have to stay where
 * they are for as long as anybody reads what comes of it. */
static void begin_stream(const Table *table, const char *packed, int64_t size, Stream *out)
{
    *out = (Stream){{get_schema, get_next, get_last_error, release_stream, out}, table, packed, packed + size};
}

void wacost_events(const char *packed, int64_t size, Stream *out)
{
    begin_stream(&event_table, packed, size, out);
}

void wacost_calls(const char *packed, int64_t size, Stream *out)
{
    begin_stream(&call_table, packed, size, out);
}
