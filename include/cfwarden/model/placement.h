// Where in a file a credential stands, as far as that decides who else gets to see it.
#pragma once

namespace cfwarden {

enum class Placement {
  whole_file,
  argument,       // On a command line, so that `ps` shows it to everyone.
  environment,    // The value of a variable.
  configuration,  // A key of cloudflared's own config.yml.
  other,
};

}  // namespace cfwarden
