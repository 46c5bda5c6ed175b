#include "cfwarden/remedy/unit_rewrite.h"
