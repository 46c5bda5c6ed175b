#include "cfwarden/mend/circumstances.h"
