/* Texts compared. */
#ifndef WACOST_TEXT_H
#define WACOST_TEXT_H

#include <string.h>

#include "plain.h"

static inline bool is(Text text, const char *word)
{
    size_t size = strlen(word);
    return text.at && (size_t)text.size == size && memcmp(text.at, word, size) == 0;
}

/* Below, at or above 0, as the first is before, like or behind the second, byte by byte. */
static inline int compare(Text a, Text b)
{
    int32_t least = a.size < b.size ? a.size : b.size;
    int found = memcmp(a.at, b.at, (size_t)least);
    return found ? found : (a.size > b.size) - (a.size < b.size);
}

#endif
