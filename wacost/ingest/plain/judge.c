/* What a line tells -> the row that events.sql makes of it, wherever that is beyond doubt.
 *
 * Each rule here is one branch of events.sql, the usual one; all that would take another branch is
 * not plain. */
#include <stddef.h>

#include "text.h"

/* A moment is told in seconds between 2009, when WhatsApp began, and 2100. */
#define FIRST_MOMENT 1230768000
#define LAST_MOMENT 4102444799
#define MICROSECONDS 1000000

/* What tells a direction, as events.sql numbers it; with 1 on top where the call is inbound. */
enum { BY_STATUS = 4, BY_SESSION = 6, BY_WORD = 8 };

static bool same(Text a, Text b)
{
    return a.at && b.at && compare(a, b) == 0;
}

/* An id or word: short and one piece; what else `is_word` of events.sql asks for holds of every text
 * that is kept. Nothing at all is not wrong. */
static bool is_word(Text text, int32_t most)
{
    if (!text.at) return true;
    if (text.size == 0 || text.size > most) return false;
    for (int32_t i = 0; i < text.size; i++)
        if (text.at[i] == ' ' || text.at[i] == '{' || text.at[i] == '[') return false;
    return true;
}

/* A country's code, as it is written; nothing at all is not wrong. */
static bool is_country(Text text)
{
    if (!text.at) return true;
    return text.size == 2 && text.at[0] >= 'A' && text.at[0] <= 'Z' && text.at[1] >= 'A' && text.at[1] <= 'Z';
}

/* Digits without a zero before them, as many as said; -1 where it is anything else. */
static int64_t count_of(Text text, int32_t least, int32_t most)
{
    int64_t count = 0;
    if (!text.at || text.size < least || text.size > most) return -1;
    if (text.at[0] == '0' && text.size > 1) return -1;
    for (int32_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return -1;
        count = count * 10 + (text.at[i] - '0');
    }
    return count;
}

/* A phone number: 4 to 15 digits, no formatting, no zero before them. */
static int64_t number_of(Text text)
{
    return count_of(text, 4, 15);
}

/* Seconds since 1970; NONE where nothing was told, -1 where it is no moment. */
static int64_t moment_of(Text text)
{
    if (!text.at) return NONE;
    int64_t seconds = count_of(text, 10, 10);
    return seconds < FIRST_MOMENT || seconds > LAST_MOMENT ? -1 : seconds;
}

static int64_t as_time(int64_t seconds)
{
    return seconds == NONE ? NONE : seconds * MICROSECONDS;
}

static bool judge_times(const Text *told, Row *row)
{
    int64_t at = moment_of(told[TOLD_TIMESTAMP]), started = moment_of(told[TOLD_START]);
    int64_t ended = moment_of(told[TOLD_END]), received = moment_of(told[TOLD_RECEIVED_AT]);
    int64_t duration = told[TOLD_DURATION].at ? count_of(told[TOLD_DURATION], 1, 9) : NONE;
    if (at < 0 || started == -1 || ended == -1 || received == -1 || duration == -1) return false;
    row->numbers[EVENT_AT] = as_time(at);
    row->numbers[STARTED_AT] = as_time(started);
    row->numbers[ENDED_AT] = as_time(ended);
    row->numbers[DURATION_S] = duration;
    row->numbers[DELAY_S] = received == NONE ? NONE : received - at;
    return true;
}

/* The other number is the one beside the business's own, which is written alike in both places. */
static bool judge_numbers(Text other, Text display, Row *row)
{
    int64_t business = number_of(display), contact = number_of(other);
    if (business < 0 || contact < 0 || contact == business) return false;
    row->numbers[BUSINESS_NUMBER] = business;
    row->numbers[CONTACT] = contact;
    return true;
}

static bool judge_call(const Text *told, Row *row)
{
    Text event = told[TOLD_EVENT], direction = told[TOLD_DIRECTION], sdp = told[TOLD_SDP_TYPE];
    Text display = told[TOLD_DISPLAY_NUMBER], status = told[TOLD_CALL_STATUS], other = {NULL, 0};
    bool is_inbound;
    if (!is(event, "connect") && !is(event, "terminate")) return false;
    if (status.at && !is(status, "COMPLETED") && !is(status, "FAILED")) return false;
    if (same(told[TOLD_FROM], display)) other = told[TOLD_TO];
    else if (same(told[TOLD_TO], display)) other = told[TOLD_FROM];
    if (direction.at) {
        is_inbound = is(direction, "USER_INITIATED");
        if (!is_inbound && !is(direction, "BUSINESS_INITIATED")) return false;
    } else {
        is_inbound = is(sdp, "offer");
        if (!is_inbound && !is(sdp, "answer")) return false;
    }
    row->texts[KIND] = event;
    row->texts[STATUS] = status;
    row->numbers[DIRECTION] = (direction.at ? BY_WORD : BY_SESSION) + is_inbound;
    return judge_numbers(other, display, row);
}

static bool judge_status(const Text *told, Row *row)
{
    Text status = told[TOLD_STATUS];
    if (!is(told[TOLD_TYPE], "call")) return false;
    if (!is(status, "RINGING") && !is(status, "ACCEPTED") && !is(status, "REJECTED")) return false;
    row->texts[KIND] = status;
    row->texts[STATUS] = (Text){NULL, 0};
    row->numbers[DIRECTION] = BY_STATUS;
    return judge_numbers(told[TOLD_RECIPIENT], told[TOLD_DISPLAY_NUMBER], row);
}

/* Of the user's ids the first counts. */
static bool judge_user_id(const Text *told, Text *user_id)
{
    static const int places[] = {TOLD_FROM_USER_ID, TOLD_TO_USER_ID, TOLD_RECIPIENT_USER_ID, TOLD_USER_ID};
    *user_id = (Text){NULL, 0};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!is_word(told[places[i]], 128)) return false;
        if (!user_id->at) *user_id = told[places[i]];
    }
    return true;
}

static bool judge_words(const Text *told, Row *row)
{
    Text tracking = told[TOLD_TRACKING];
    row->texts[CALL_ID] = told[TOLD_ID];
    row->texts[WABA_ID] = told[TOLD_WABA_ID];
    row->texts[PHONE_NUMBER_ID] = told[TOLD_PHONE_NUMBER_ID];
    row->texts[PROFILE_COUNTRY] = told[TOLD_COUNTRY];
    row->texts[TRACKING] = tracking;
    return told[TOLD_ID].at && is_word(told[TOLD_ID], 512) && is_word(told[TOLD_WABA_ID], 64)
        && is_word(told[TOLD_PHONE_NUMBER_ID], 64) && is_country(told[TOLD_COUNTRY])
        && (!tracking.at || (tracking.size > 0 && tracking.size <= 512))
        && judge_user_id(told, &row->texts[CONTACT_USER_ID]);
}

bool judge(const Text told[TOLD], Row *row)
{
    bool is_call = told[TOLD_CALL].at;
    if (is_call == (bool)told[TOLD_STATUS_OF_CALL].at) return false;
    if (!is(told[TOLD_OBJECT], "whatsapp_business_account") || !is(told[TOLD_FIELD], "calls")) return false;
    if (!judge_words(told, row) || !judge_times(told, row)) return false;
    return is_call ? judge_call(told, row) : judge_status(told, row);
}
