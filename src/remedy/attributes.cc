#include "cfwarden/remedy/attributes.h"
