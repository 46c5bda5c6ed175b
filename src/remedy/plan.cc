#include "cfwarden/remedy/plan.h"
