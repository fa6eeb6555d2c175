/* Rows into columns and back, columns into a file. */
#define _XOPEN_SOURCE 700

#include "columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIGNMENT 64
#define RESERVED 1024 /* rows that room is made for at once */

static int64_t width_of(const Table *table, int column)
{
    return column < table->texts ? sizeof(int32_t) : sizeof(int64_t);
}

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

/* Room for the next rows in every part whose size a row does not decide, once for many of them. */
static void reserve(Rows *rows)
{
    const Table *table = rows->table;
    for (int i = 0; i < table->texts + table->numbers; i++) {
        char *bits = more(&rows->parts[i][0], RESERVED / 8, &rows->is_short);
        if (bits) memset(bits, 0, RESERVED / 8);
        more(&rows->parts[i][1], RESERVED * width_of(table, i), &rows->is_short);
    }
}

static void put_validity(const Rows *rows, Bytes *bits, bool is_told)
{
    bits->at[rows->rows / 8] |= (char)(is_told << rows->rows % 8);
}

static void put_text(Rows *rows, Bytes parts[3], Text text)
{
    char *at = text.at && text.size ? more(&parts[2], text.size, &rows->is_short) : NULL;
    if (at) memcpy(at, text.at, (size_t)text.size);
    put_validity(rows, &parts[0], text.at);
    ((int32_t *)parts[1].at)[rows->rows + 1] = (int32_t)parts[2].size;
}

static void put_number(const Rows *rows, Bytes parts[3], int64_t number)
{
    put_validity(rows, &parts[0], number != NONE);
    ((int64_t *)parts[1].at)[rows->rows] = number;
}

void begin_rows(Rows *rows, const Table *table)
{
    rows->table = table;
    rows->rows = 0;
    rows->is_short = false;
    for (int i = 0; i < MOST_COLUMNS; i++)
        for (int part = 0; part < 3; part++) rows->parts[i][part].size = 0;
    for (int i = 0; i < table->texts; i++) {
        char *first = more(&rows->parts[i][1], sizeof(int32_t), &rows->is_short);
        if (first) memset(first, 0, sizeof(int32_t));
    }
}

void put_row(Rows *rows, const Text *texts, const int64_t *numbers)
{
    const Table *table = rows->table;
    if (rows->rows % RESERVED == 0) reserve(rows);
    if (rows->is_short) return;
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

/* The bytes of a part that rows fill: there is room for more. */
static int64_t filled(const Rows *rows, int column, int part)
{
    const Table *table = rows->table;
    if (column >= table->texts + table->numbers) return 0;
    if (part == 0) return (rows->rows + 7) / 8;
    if (part == 2) return column < table->texts ? rows->parts[column][2].size : 0;
    return (rows->rows + (column < table->texts)) * width_of(table, column);
}

int64_t packed_size(const Rows *rows)
{
    int64_t size = aligned(sizeof(Block));
    for (int i = 0; i < MOST_COLUMNS; i++)
        for (int part = 0; part < 3; part++) size += aligned(filled(rows, i, part));
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
            int64_t size = filled(rows, i, part);
            int error = write_all(file, rows->parts[i][part].at, size, at + next);
            if (error) return error;
            block.at[i][part] = next;
            next += aligned(size);
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
