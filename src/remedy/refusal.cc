#include "cfwarden/remedy/refusal.h"
