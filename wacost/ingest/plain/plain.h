/* Plain bodies: a body of Meta's with one event of one call, told the usual way.
 *
 * Nearly every line of a webhook file is one. `sieve.c` takes lines: `walk.c` finds what one tells,
 * `judge.c` makes the row of it that events.sql would make. `fold.c` makes calls of rows. `columns.c`
 * keeps both in files, `arrow.c` hands them to DuckDB. Whatever is not plain beyond doubt is left to
 * the SQL, which knows every other case: a false "not plain" costs time, a false "plain" would be a
 * fault.
 */
#ifndef WACOST_PLAIN_H
#define WACOST_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of somebody else's memory; `at` is NULL where nothing was told. */
typedef struct {
    const char *at;
    int32_t size;
} Text;

/* What a body may tell. A call and a status of one share the places of what both have; that there is
 * one is told by TOLD_CALL and TOLD_STATUS_OF_CALL, whose text means nothing. */
enum {
    TOLD_RECEIVED_AT, TOLD_OBJECT, TOLD_WABA_ID, TOLD_FIELD, TOLD_PHONE_NUMBER_ID, TOLD_DISPLAY_NUMBER,
    TOLD_USER_ID, TOLD_COUNTRY, TOLD_CALL, TOLD_STATUS_OF_CALL, TOLD_ID, TOLD_TIMESTAMP, TOLD_TRACKING,
    TOLD_EVENT, TOLD_TO, TOLD_FROM, TOLD_DIRECTION, TOLD_CALL_STATUS, TOLD_START, TOLD_END, TOLD_DURATION,
    TOLD_SDP_TYPE, TOLD_FROM_USER_ID, TOLD_TO_USER_ID,
    TOLD_TYPE, TOLD_STATUS, TOLD_RECIPIENT, TOLD_RECIPIENT_USER_ID,
    TOLD
};

/* Columns of a row that are text, and those that are numbers: seconds and counts as they are, times
 * in microseconds since 1970, UTC. */
enum {
    CALL_ID, KIND, WABA_ID, PHONE_NUMBER_ID, CONTACT_USER_ID, PROFILE_COUNTRY, STATUS, TRACKING,
    TEXTS
};
enum {
    EVENT_AT, STARTED_AT, ENDED_AT, BUSINESS_NUMBER, CONTACT, DIRECTION, DURATION_S, DELAY_S, SOURCE, LINE,
    NUMBERS
};

/* A number that was not told. */
#define NONE INT64_MIN

/* One event, as the table `events` has it. */
typedef struct {
    Text texts[TEXTS];
    int64_t numbers[NUMBERS];
} Row;

/* Find what a line tells. The line ends in a newline; eight bytes may be read from anywhere before
 * `limit`. False: it is not plain. */
bool walk(const char *line, const char *limit, Text told[TOLD]);

/* Make the row of what a line tells, all but source and line. False: it is not plain. */
bool judge(const Text told[TOLD], Row *row);

#endif
