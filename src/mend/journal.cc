#include "cfwarden/mend/journal.h"
