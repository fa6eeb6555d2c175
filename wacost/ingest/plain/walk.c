/* From a line of JSON to what it tells: strict, without memory of its own, no further than needed.
 *
 * Every line ends in a newline, which is legal nowhere inside JSON's tokens: no loop runs past it. */
#include <stddef.h>
#include <string.h>

#include "plain.h"

#define DEEPEST 32
#define NOWHERE (-1)

typedef struct {
    const char *limit;
    Text *told;
} Walk;

/* What to do with the value of a key: keep it, go into it, or give the line up (NOT_PLAIN) because
 * only the SQL knows what it means. A key that is not named is skipped; those that Meta writes are
 * named all the same, so that each is found right behind the last. */
typedef enum { SKIPPED, KEPT, OBJECT, ONLY_OBJECT, NOT_PLAIN } Kind;

typedef struct Shape Shape;

typedef struct {
    const char *name;
    int32_t size;
    Kind kind;
    int place;
    const Shape *inner;
} Key;

struct Shape {
    const Key *keys;
    int count;
};

#define SKIP(name) {name, sizeof(name) - 1, SKIPPED, 0, NULL}
#define KEEP(name, place) {name, sizeof(name) - 1, KEPT, place, NULL}
#define INTO(name, inner) {name, sizeof(name) - 1, OBJECT, 0, &(inner)}
#define INTO_ONLY(name, place, inner) {name, sizeof(name) - 1, ONLY_OBJECT, place, &(inner)}
#define GIVE_UP(name) {name, sizeof(name) - 1, NOT_PLAIN, 0, NULL}
#define SHAPE(name) static const Shape name = {name##_keys, sizeof(name##_keys) / sizeof(Key)}

/* In the order in which Meta writes them, as `find` goes from one to the next. */
static const Key session_keys[] = {KEEP("sdp_type", TOLD_SDP_TYPE), SKIP("sdp")};
SHAPE(session);

static const Key call_keys[] = {
    KEEP("id", TOLD_ID),
    KEEP("to", TOLD_TO),
    KEEP("from", TOLD_FROM),
    KEEP("from_user_id", TOLD_FROM_USER_ID),
    KEEP("to_user_id", TOLD_TO_USER_ID),
    KEEP("event", TOLD_EVENT),
    KEEP("timestamp", TOLD_TIMESTAMP),
    KEEP("direction", TOLD_DIRECTION),
    KEEP("status", TOLD_CALL_STATUS),
    KEEP("start_time", TOLD_START),
    KEEP("end_time", TOLD_END),
    KEEP("duration", TOLD_DURATION),
    INTO("session", session),
    KEEP("biz_opaque_callback_data", TOLD_TRACKING),
    GIVE_UP("cta_payload"),
    GIVE_UP("deeplink_payload"),
    GIVE_UP("errors"),
    GIVE_UP("from_parent_user_id"),
    GIVE_UP("to_parent_user_id"),
    GIVE_UP("wacost_held"),
};
SHAPE(call);

static const Key status_keys[] = {
    KEEP("id", TOLD_ID),
    KEEP("timestamp", TOLD_TIMESTAMP),
    KEEP("type", TOLD_TYPE),
    KEEP("status", TOLD_STATUS),
    KEEP("recipient_id", TOLD_RECIPIENT),
    KEEP("recipient_user_id", TOLD_RECIPIENT_USER_ID),
    KEEP("biz_opaque_callback_data", TOLD_TRACKING),
    GIVE_UP("recipient_parent_user_id"),
    GIVE_UP("errors"),
};
SHAPE(status);

static const Key profile_keys[] = {SKIP("name"), KEEP("country_code", TOLD_COUNTRY)};
SHAPE(profile);

/* The contact's number is not kept: judge.c asks for a number beside the business's own. */
static const Key contact_keys[] = {INTO("profile", profile), SKIP("wa_id"), KEEP("user_id", TOLD_USER_ID)};
SHAPE(contact);

static const Key metadata_keys[] = {
    KEEP("display_phone_number", TOLD_DISPLAY_NUMBER),
    KEEP("phone_number_id", TOLD_PHONE_NUMBER_ID),
};
SHAPE(metadata);

static const Key value_keys[] = {
    SKIP("messaging_product"),
    INTO("metadata", metadata),
    INTO_ONLY("contacts", NOWHERE, contact),
    INTO_ONLY("calls", TOLD_CALL, call),
    INTO_ONLY("statuses", TOLD_STATUS_OF_CALL, status),
    GIVE_UP("messages"),
    GIVE_UP("errors"),
};
SHAPE(value);

static const Key change_keys[] = {INTO("value", value), KEEP("field", TOLD_FIELD)};
SHAPE(change);

static const Key entry_keys[] = {
    KEEP("id", TOLD_WABA_ID), SKIP("time"), INTO_ONLY("changes", NOWHERE, change), GIVE_UP("calls"),
};
SHAPE(entry);

static const Key body_keys[] = {
    KEEP("wacost_received_at", TOLD_RECEIVED_AT), KEEP("object", TOLD_OBJECT), INTO_ONLY("entry", NOWHERE, entry),
};
SHAPE(body);

/* Every function below returns where what it read ends, or NULL where the line is not plain. */

static const char *blank(const char *at)
{
    while (*at == ' ' || *at == '\t' || *at == '\r') at++;
    return at;
}

/* Marks, in the top bit of each byte, which of eight bytes end the plain part of a string: a quotation
 * mark, a backslash, a control character, or a byte beyond ASCII. The lowest mark is exact. */
static uint64_t stops(uint64_t eight)
{
    const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
    uint64_t quote = eight ^ (ones * '"'), slash = eight ^ (ones * '\\');
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((eight - ones * 0x20) & ~eight) | eight) & tops;
}

static const char *plain_part(const Walk *walk, const char *at)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (at < walk->limit) {
        uint64_t eight, found;
        memcpy(&eight, at, sizeof eight);
        if ((found = stops(eight))) return at + __builtin_ctzll(found) / 8;
        at += sizeof eight;
    }
#else
    (void)walk;
#endif
    while (*at != '"' && *at != '\\' && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80) at++;
    return at;
}

static int hex(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/* Surrogates, which have to come in pairs, and the character 0 are left to the SQL. */
static const char *escape(const char *at)
{
    switch (*++at) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': return at + 1;
    case 'u': at++; break;
    default: return NULL;
    }
    int code = 0;
    for (int i = 0; i < 4; i++, at++) {
        int digit = hex(*at);
        if (digit < 0) return NULL;
        code = code * 16 + digit;
    }
    return code == 0 || (code >= 0xD800 && code <= 0xDFFF) ? NULL : at;
}

/* One character beyond ASCII, by the table of well-formed UTF-8. */
static const char *character(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    unsigned char low = 0x80, high = 0xBF;
    int more;
    if (b[0] >= 0xC2 && b[0] <= 0xDF) more = 1;
    else if (b[0] >= 0xE0 && b[0] <= 0xEF) more = 2;
    else if (b[0] >= 0xF0 && b[0] <= 0xF4) more = 3;
    else return NULL;
    if (b[0] == 0xE0) low = 0xA0;
    if (b[0] == 0xED) high = 0x9F;
    if (b[0] == 0xF0) low = 0x90;
    if (b[0] == 0xF4) high = 0x8F;
    for (int i = 1; i <= more; i++, low = 0x80, high = 0xBF)
        if (b[i] < low || b[i] > high) return NULL;
    return at + more + 1;
}

/* A string, from its quotation mark. is_plain: it stands for itself, byte by byte, in ASCII. */
static const char *string(const Walk *walk, const char *at, Text *text, bool *is_plain)
{
    if (*at++ != '"') return NULL;
    const char *begin = at;
    *is_plain = true;
    while (*(at = plain_part(walk, at)) != '"') {
        *is_plain = false;
        at = *at == '\\' ? escape(at) : character(at);
        if (!at) return NULL;
    }
    *text = (Text){begin, (int32_t)(at - begin)};
    return at + 1;
}

static const char *digits(const char *at)
{
    while (*at >= '0' && *at <= '9') at++;
    return at;
}

/* A whole number of 18 digits at most, as JSON writes it, without a sign. */
static const char *whole_number(const char *at, Text *text)
{
    const char *end = digits(at);
    if (end == at || end - at > 18 || (*at == '0' && end - at > 1)) return NULL;
    *text = (Text){at, (int32_t)(end - at)};
    return end;
}

/* Any number that has no exponent and is not long. */
static const char *number(const char *at)
{
    Text whole;
    if (*at == '-') at++;
    at = whole_number(at, &whole);
    if (!at || *at != '.') return at;
    const char *end = digits(++at);
    return end > at && end - at <= 18 ? end : NULL;
}

static const char *word(const char *at, const char *word)
{
    while (*word)
        if (*at++ != *word++) return NULL;
    return at;
}

static const char *skip(const Walk *walk, const char *at, int depth);

/* The members of an object or the items of a list, from behind its bracket. */
static const char *skip_all(const Walk *walk, const char *at, char closing, int depth)
{
    if (depth > DEEPEST) return NULL;
    at = blank(at);
    if (*at == closing) return at + 1;
    for (;;) {
        if (closing == '}') {
            Text name;
            bool is_plain;
            at = string(walk, at, &name, &is_plain);
            if (!at || *(at = blank(at)) != ':') return NULL;
            at = blank(at + 1);
        }
        at = skip(walk, at, depth);
        if (!at) return NULL;
        at = blank(at);
        if (*at == closing) return at + 1;
        if (*at != ',') return NULL;
        at = blank(at + 1);
    }
}

static const char *skip(const Walk *walk, const char *at, int depth)
{
    Text text;
    bool is_plain;
    switch (*at) {
    case '"': return string(walk, at, &text, &is_plain);
    case '{': return skip_all(walk, at + 1, '}', depth + 1);
    case '[': return skip_all(walk, at + 1, ']', depth + 1);
    case 't': return word(at, "true");
    case 'f': return word(at, "false");
    case 'n': return word(at, "null");
    default: return number(at);
    }
}

/* A text of plain characters or a whole number, told for the first time. */
static const char *keep(const Walk *walk, const char *at, int place)
{
    Text *text = &walk->told[place];
    if (text->at) return NULL;
    if (*at != '"') return whole_number(at, text);
    bool is_plain;
    at = string(walk, at, text, &is_plain);
    return at && is_plain ? at : NULL;
}

/* Look for a key from `next` on, which is set behind it: there the one after it is expected. */
static const Key *find(const Shape *shape, int *next, Text name)
{
    for (int i = 0; i < shape->count; i++) {
        const Key *key = &shape->keys[*next];
        *next = *next + 1 < shape->count ? *next + 1 : 0;
        if (key->size == name.size && memcmp(key->name, name.at, (size_t)name.size) == 0) return key;
    }
    return NULL;
}

static const char *object(const Walk *walk, const char *at, const Shape *shape);

static const char *only_object(const Walk *walk, const char *at, const Key *key)
{
    if (*at != '[') return NULL;
    if (key->place != NOWHERE) walk->told[key->place].at = at;
    at = object(walk, blank(at + 1), key->inner);
    if (!at || *(at = blank(at)) != ']') return NULL;
    return at + 1;
}

static const char *known_value(const Walk *walk, const char *at, const Key *key)
{
    switch (key->kind) {
    case SKIPPED: return skip(walk, at, 0);
    case KEPT: return keep(walk, at, key->place);
    case OBJECT: return object(walk, at, key->inner);
    case ONLY_OBJECT: return only_object(walk, at, key);
    default: return NULL;
    }
}

/* An object of a shape, each key of which may come once. A key written with escapes is not plain. */
static const char *object(const Walk *walk, const char *at, const Shape *shape)
{
    uint32_t met = 0;
    int next = 0;
    if (*at != '{') return NULL;
    at = blank(at + 1);
    if (*at == '}') return at + 1;
    for (;;) {
        Text name;
        bool is_plain;
        at = string(walk, at, &name, &is_plain);
        if (!at || !is_plain || *(at = blank(at)) != ':') return NULL;
        at = blank(at + 1);
        const Key *key = find(shape, &next, name);
        if (key) {
            uint32_t bit = (uint32_t)1 << (key - shape->keys);
            if (met & bit) return NULL;
            met |= bit;
        }
        at = key ? known_value(walk, at, key) : skip(walk, at, 0);
        if (!at) return NULL;
        at = blank(at);
        if (*at == '}') return at + 1;
        if (*at != ',') return NULL;
        at = blank(at + 1);
    }
}

bool walk(const char *line, const char *limit, Text told[TOLD])
{
    memset(told, 0, TOLD * sizeof *told);
    const Walk walk = {limit, told};
    const char *end = object(&walk, line, &body);
    return end && *blank(end) == '\n';
}
