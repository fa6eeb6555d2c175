/* Events of plain bodies -> one row per call, as fold.sql makes it wherever that is beyond doubt.
 *
 * A call of which one kind of event came twice, whose events contradict each other or come from several
 * sources is left to the SQL: its row has `is_whole` 0, and only its id, its kinds of events and their number mean anything. */
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "text.h"

enum {
    CALL_TEXT_ID, CALL_WABA_ID, CALL_PHONE_NUMBER_ID, CALL_CONTACT_USER_ID, CALL_PROFILE_COUNTRY, CALL_LAST_STATUS,
    CALL_TRACKING,
    CALL_TEXTS
};
enum {
    CALL_FIRST_EVENT_AT, CALL_RINGING_AT, CALL_ACCEPTED_AT, CALL_STARTED_AT, CALL_ENDED_AT,
    CALL_BUSINESS_NUMBER, CALL_NUMBER, CALL_TOLD, CALL_DURATION_S, CALL_SOURCE, CALL_LINE, CALL_KINDS, CALL_EVENTS,
    CALL_HAS_FAILED, CALL_IS_WHOLE,
    CALL_NUMBERS
};

static const Column call_columns[] = {
    {"call_id", "u"}, {"waba_id", "u"}, {"phone_number_id", "u"}, {"contact_user_id", "u"},
    {"profile_country", "u"}, {"last_status", "u"}, {"tracking", "u"},
    {"first_event_at", "tsu:"}, {"ringing_at", "tsu:"}, {"accepted_at", "tsu:"}, {"started_at", "tsu:"},
    {"ended_at", "tsu:"}, {"business_number", "l"}, {"number", "l"}, {"told", "l"}, {"duration_s", "l"},
    {"source", "l"}, {"line", "l"}, {"kinds", "l"}, {"events", "l"}, {"has_failed", "l"},
    {"is_whole", "l"},
};
const Table call_table = {call_columns, CALL_TEXTS, CALL_NUMBERS};

/* Kinds of events, as stage.py numbers them. */
enum { CONNECT = 1, TERMINATE = 2, RINGING = 4, ACCEPTED = 8, REJECTED = 16 };

/* A call's place in the hash table: its first and its last event, from 1. */
typedef struct {
    uint64_t hash;
    uint32_t first, last;
} Slot;

typedef struct {
    uint32_t *next;   /* event -> the next one of the same call, from 1; 0: there is none */
    uint32_t *firsts; /* the first event of each call, in the order in which they came */
    Slot *slots;
    uint64_t mask;
    uint32_t calls;
} Links;

typedef struct {
    Text texts[CALL_TEXTS];
    int64_t numbers[CALL_NUMBERS];
} Call;

static uint64_t hash_of(Text text)
{
    uint64_t hash = 0x9E3779B97F4A7C15u ^ (uint64_t)text.size, eight;
    const char *at = text.at, *end = text.at + text.size;
    for (; end - at >= 8; at += 8) {
        memcpy(&eight, at, sizeof eight);
        hash = (hash ^ eight) * 0xFF51AFD7ED558CCDu;
        hash ^= hash >> 32;
    }
    eight = 0;
    memcpy(&eight, at, (size_t)(end - at));
    hash = (hash ^ eight) * 0xC4CEB9FE1A85EC53u;
    return hash ^ hash >> 29;
}

static void most_text(Text *most, Text text)
{
    if (text.at && (!most->at || compare(text, *most) > 0)) *most = text;
}

/* NONE is the smallest number of all. */
static void most_number(int64_t *most, int64_t number)
{
    if (number > *most) *most = number;
}

static void least_number(int64_t *least, int64_t number)
{
    if (number != NONE && (*least == NONE || number < *least)) *least = number;
}

static int kind_of(Text kind)
{
    switch (kind.at[0]) {
    case 'c': return CONNECT;
    case 't': return TERMINATE;
    case 'A': return ACCEPTED;
    case 'R': return kind.at[1] == 'I' ? RINGING : REJECTED;
    default: return 0;
    }
}

/* A number that every event tells alike, if it tells it. */
static bool agree(int64_t *told, int64_t number)
{
    if (number == NONE || *told == number) return true;
    if (*told != NONE) return false;
    *told = number;
    return true;
}

/* Add an event to its call; false where they do not go together. */
static bool fold_event(Call *call, const Rows *events, int64_t row)
{
    int64_t *numbers = call->numbers, at = number_at(events, EVENT_AT, row);
    int64_t direction = number_at(events, DIRECTION, row);
    int kind = kind_of(text_at(events, KIND, row));
    Text status = text_at(events, STATUS, row);
    numbers[CALL_EVENTS]++;
    if (numbers[CALL_KINDS] & kind) return false;
    numbers[CALL_KINDS] |= kind;
    if (is(status, "FAILED")) numbers[CALL_HAS_FAILED] = 1;
    if (kind == TERMINATE) call->texts[CALL_LAST_STATUS] = status;
    if (kind == RINGING) numbers[CALL_RINGING_AT] = at;
    if (kind == ACCEPTED) numbers[CALL_ACCEPTED_AT] = at;
    least_number(&numbers[CALL_FIRST_EVENT_AT], at);
    if (direction >= 8 && numbers[CALL_TOLD] >= 8 && direction != numbers[CALL_TOLD]) return false;
    most_number(&numbers[CALL_TOLD], direction);
    most_number(&numbers[CALL_BUSINESS_NUMBER], number_at(events, BUSINESS_NUMBER, row));
    most_number(&numbers[CALL_NUMBER], number_at(events, CONTACT, row));
    most_text(&call->texts[CALL_WABA_ID], text_at(events, WABA_ID, row));
    most_text(&call->texts[CALL_PHONE_NUMBER_ID], text_at(events, PHONE_NUMBER_ID, row));
    most_text(&call->texts[CALL_CONTACT_USER_ID], text_at(events, CONTACT_USER_ID, row));
    most_text(&call->texts[CALL_PROFILE_COUNTRY], text_at(events, PROFILE_COUNTRY, row));
    most_text(&call->texts[CALL_TRACKING], text_at(events, TRACKING, row));
    least_number(&numbers[CALL_LINE], number_at(events, LINE, row));
    return agree(&numbers[CALL_SOURCE], number_at(events, SOURCE, row))
        && agree(&numbers[CALL_STARTED_AT], number_at(events, STARTED_AT, row))
        && agree(&numbers[CALL_ENDED_AT], number_at(events, ENDED_AT, row))
        && agree(&numbers[CALL_DURATION_S], number_at(events, DURATION_S, row));
}

static void fold_call(Call *call, const Rows *events, const Links *links, uint32_t first)
{
    memset(call->texts, 0, sizeof call->texts);
    for (int i = 0; i < CALL_NUMBERS; i++) call->numbers[i] = NONE;
    call->numbers[CALL_KINDS] = call->numbers[CALL_EVENTS] = call->numbers[CALL_HAS_FAILED] = 0;
    call->numbers[CALL_IS_WHOLE] = 1;
    call->texts[CALL_TEXT_ID] = text_at(events, CALL_ID, first - 1);
    for (uint32_t event = first; event; event = links->next[event - 1])
        if (!fold_event(call, events, event - 1)) call->numbers[CALL_IS_WHOLE] = 0;
}

/* Places in which a call is looked for. The table has more places than there are events, so that many
 * are only tried where ids were made to fall together: such an event stands alone then, and of a call
 * that comes twice so the SQL makes one. */
#define MOST_TRIED 64

/* Link an event to the others of its call. */
static void link_event(Links *links, const Rows *events, uint32_t event)
{
    Text id = text_at(events, CALL_ID, event - 1);
    uint64_t hash = hash_of(id);
    for (uint64_t tried = 0; tried < MOST_TRIED; tried++) {
        Slot *slot = &links->slots[(hash + tried) & links->mask];
        if (!slot->first) {
            *slot = (Slot){hash, event, event};
            break;
        }
        if (slot->hash != hash || compare(id, text_at(events, CALL_ID, slot->first - 1)) != 0) continue;
        links->next[slot->last - 1] = event;
        slot->last = event;
        return;
    }
    links->firsts[links->calls++] = event;
}

bool fold(const Rows *events, Rows *calls)
{
    size_t count = (size_t)events->rows, places = 64;
    while (places <= count) places *= 2;
    Links links = {.mask = places - 1};
    links.next = calloc(count + 1, sizeof *links.next);
    links.firsts = calloc(count + 1, sizeof *links.firsts);
    links.slots = calloc(places, sizeof *links.slots);
    bool has_memory = links.next && links.firsts && links.slots;
    for (uint32_t event = 1; has_memory && event <= count; event++) link_event(&links, events, event);
    for (uint32_t i = 0; i < links.calls && !calls->is_short; i++) {
        Call call;
        fold_call(&call, events, &links, links.firsts[i]);
        put_row(calls, call.texts, call.numbers);
    }
    free(links.next);
    free(links.firsts);
    free(links.slots);
    return has_memory;
}
