/* Rows into columns and back, columns into a file. */
#define _XOPEN_SOURCE 700

#include "columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIGNMENT 64

char *more(Bytes *bytes, int64_t size, bool *is_short)
{
    if (bytes->size + size > bytes->room) {
        int64_t room = (bytes->size + size) * 2 + 64;
        char *at = realloc(bytes->at, (size_t)room);
        if (!at) {
            *is_short = true;
            return NULL;
        }
        bytes->at = at;
        bytes->room = room;
    }
    bytes->size += size;
    return bytes->at + bytes->size - size;
}

static void put(Rows *rows, Bytes *bytes, const void *from, int64_t size)
{
    char *at = size ? more(bytes, size, &rows->is_short) : NULL;
    if (at) memcpy(at, from, (size_t)size);
}

static void put_validity(Rows *rows, Bytes *bits, bool is_told)
{
    if (rows->rows % 8 == 0) put(rows, bits, "", 1);
    if (!rows->is_short && is_told) bits->at[rows->rows / 8] |= (char)(1 << rows->rows % 8);
}

static void put_text(Rows *rows, Bytes parts[3], Text text)
{
    put_validity(rows, &parts[0], text.at);
    put(rows, &parts[2], text.at ? text.at : "", text.at ? text.size : 0);
    int32_t end = (int32_t)parts[2].size;
    put(rows, &parts[1], &end, sizeof end);
}

static void put_number(Rows *rows, Bytes parts[3], int64_t number)
{
    put_validity(rows, &parts[0], number != NONE);
    put(rows, &parts[1], &number, sizeof number);
}

void begin_rows(Rows *rows, const Table *table)
{
    int32_t zero = 0;
    rows->table = table;
    rows->rows = 0;
    rows->is_short = false;
    for (int i = 0; i < MOST_COLUMNS; i++)
        for (int part = 0; part < 3; part++) rows->parts[i][part].size = 0;
    for (int i = 0; i < table->texts; i++) put(rows, &rows->parts[i][1], &zero, sizeof zero);
}

void put_row(Rows *rows, const Text *texts, const int64_t *numbers)
{
    const Table *table = rows->table;
    for (int i = 0; i < table->texts; i++) put_text(rows, rows->parts[i], texts[i]);
    for (int i = 0; i < table->numbers; i++) put_number(rows, rows->parts[table->texts + i], numbers[i]);
    rows->rows++;
}

void free_rows(Rows *rows)
{
    for (int i = 0; i < MOST_COLUMNS; i++)
        for (int part = 0; part < 3; part++) free(rows->parts[i][part].at);
}

static int64_t aligned(int64_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

int64_t packed_size(const Rows *rows)
{
    int64_t size = aligned(sizeof(Block));
    for (int i = 0; i < MOST_COLUMNS; i++)
        for (int part = 0; part < 3; part++) size += aligned(rows->parts[i][part].size);
    return rows->rows ? size : 0;
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

int write_rows(const Rows *rows, int file, int64_t at)
{
    Block block = {packed_size(rows), rows->rows, {{0}}};
    int64_t next = aligned(sizeof block);
    if (!rows->rows) return 0;
    for (int i = 0; i < MOST_COLUMNS; i++)
        for (int part = 0; part < 3; part++) {
            const Bytes *bytes = &rows->parts[i][part];
            int error = write_all(file, bytes->at, bytes->size, at + next);
            if (error) return error;
            block.at[i][part] = next;
            next += aligned(bytes->size);
        }
    return write_all(file, (const char *)&block, sizeof block, at);
}

Text text_at(const Rows *rows, int which, int64_t row)
{
    const Bytes *parts = rows->parts[which];
    if (!(parts[0].at[row / 8] >> row % 8 & 1)) return (Text){NULL, 0};
    const int32_t *ends = (const int32_t *)parts[1].at;
    return (Text){parts[2].at + ends[row], ends[row + 1] - ends[row]};
}

int64_t number_at(const Rows *rows, int which, int64_t row)
{
    return ((const int64_t *)rows->parts[rows->table->texts + which][1].at)[row]; /* NONE too */
}
