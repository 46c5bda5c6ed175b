#include "cfwarden/mend/state_directory.h"
