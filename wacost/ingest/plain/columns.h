/* Tables in memory, column by column, as Arrow lays them out; packed into a file they can be mapped
 * anywhere. */
#ifndef WACOST_COLUMNS_H
#define WACOST_COLUMNS_H

#include "plain.h"

#define MOST_COLUMNS 24

/* A column has a name and Arrow's word for its type: u for texts, l for whole numbers of 64 bits, tsu:
 * for such that are times in microseconds. */
typedef struct {
    const char *name, *format;
} Column;

/* Columns of texts come first. */
typedef struct {
    const Column *columns;
    int texts, numbers;
} Table;

extern const Table event_table, call_table;

typedef struct {
    char *at;
    int64_t size, room;
} Bytes;

typedef struct {
    const Table *table;
    int64_t rows;
    Bytes parts[MOST_COLUMNS][3]; /* validity; numbers, or where texts end; texts */
    bool is_short;                /* of memory: nothing here is whole */
} Rows;

/* What a packed block begins with. */
typedef struct {
    int64_t size, rows;
    int64_t at[MOST_COLUMNS][3];
} Block;

/* More room for `size` bytes; NULL, and *is_short, where there is none. */
char *more(Bytes *bytes, int64_t size, bool *is_short);

void begin_rows(Rows *rows, const Table *table);
void put_row(Rows *rows, const Text *texts, const int64_t *numbers);
void free_rows(Rows *rows);

/* The bytes that `write_rows` writes; 0: there is no row. */
int64_t packed_size(const Rows *rows);

/* Write a packed block from byte `at` of a file on; return 0, or the number of the system's error. */
int write_rows(const Rows *rows, int file, int64_t at);

/* What a row tells in a column of texts, and in one of numbers, each counted from 0. */
Text text_at(const Rows *rows, int which, int64_t row);
int64_t number_at(const Rows *rows, int which, int64_t row);

/* Fold events into calls (fold.c). False: there is not memory enough. */
bool fold(const Rows *events, Rows *calls);

#endif
