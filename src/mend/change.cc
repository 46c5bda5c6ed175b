#include "cfwarden/mend/change.h"
