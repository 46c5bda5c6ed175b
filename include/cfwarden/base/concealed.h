// A text that is about to be shown, without the credentials that stand in it: a file, a directory
// or the member of an archive can be called by one.
//
// Promises  each token or other stretch of random base64 is replaced by `<secret:H>`, where H is 16
//           hex digits of its SHA-256, which tell two of them apart; so is a `<secret:` of the text
//           itself: no text is shown as another one that holds a secret. No component of a path is
//           touched beside the one that it stands in. Words, UUIDs, hex ids and hashes stay. Linear
//           in the text. Not to be applied twice.
#pragma once

#include <string>
#include <string_view>

namespace cfwarden {

std::string concealed(std::string_view text);

}  // namespace cfwarden
