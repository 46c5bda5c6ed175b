// The credentials that stand anywhere in a text, for files that hold more than one.
//
// Supplies  embedded_credentials(): tunnel tokens, tunnel credentials, token blocks of account
//           certificates and the first Access service token, however they are wrapped; each kind
//           and secret once, in the order of the text.
// Promises  linear in the text. cloudflared reads none of them where they stand: but for the
//           service token all are damaged.
#pragma once

#include "cfwarden/kinds/kind.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace cfwarden {

struct EmbeddedCredential {
  std::size_t line = 0;  // 1-based.
  Credential credential;
};

struct EmbeddedCredentials {
  std::vector<EmbeddedCredential> found;  // As many as asked for at most.
  bool more = false;
};

EmbeddedCredentials embedded_credentials(const Sample& sample, std::size_t most);

// What the finders of the single kinds fill: the first `most` secrets of the text they search.
class Finds {
 public:
  explicit Finds(std::size_t most) : most_{most} {}

  struct Find {
    std::size_t offset = 0;
    Credential credential;
  };

  bool more() const { return more_; }  // Once it is true, nothing is added any more.
  const std::vector<Find>& all() const { return all_; }
  void add(std::size_t offset, Credential credential);

 private:
  std::size_t most_;
  std::vector<Find> all_;
  bool more_ = false;
};

// `text` is plain (repair.h).
void find_account_certificates(std::string_view text, std::string_view hmac_key, Finds& finds);
void find_tunnel_credentials(std::string_view text, std::string_view hmac_key, Finds& finds);
void find_tunnel_tokens(std::string_view text, std::string_view hmac_key, Finds& finds);
void find_access_service_token(std::string_view text, std::string_view hmac_key, Finds& finds);

}  // namespace cfwarden
