// What helps, besides a new secret, where a sweep found a credential: it follows from the sort of
// file (carriers/context.h), and rules ask for it.
#pragma once

namespace cfwarden {

enum class ContextAdvice {
  none,               // It was not found by a sweep.
  close_file,         // Let nobody but its reader read it.
  use_token_file,     // Hand the token over in a file, instead of an argument or a variable.
  use_secret_store,   // Keep it out of a text that is shared, and have it filled in.
  encrypt_state,      // The program keeps it in its state: encrypt that, or keep it elsewhere.
  clear_history,      // Take the line out, and hand the next token over in a file.
  clear_log,          // Take it out of what was logged, and of the copies of it.
  replace_user_data,  // The cloud keeps it for as long as the machine lives.
  delete_copy,        // Nothing reads it any more.
};

}  // namespace cfwarden
