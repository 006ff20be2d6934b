// Resource names: type ":" subject (spec of the records), and the point of the ring they hash to.
#pragma once

#include <string>
#include <string_view>

#include "phyllo/core/result.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/overlay/resource_hash.hpp"

namespace phyllo::overlay {

using identity::node_id;
using resource_id = identity::node_id;  // same ring, same size

struct name {
  std::string type;     // "user location", "proxy location", "credential", "data", ...; UTF-8 without ':'
  std::string subject;  // "alice@example.com" (no scheme, port or parameters; host in lower case), or a domain

  // "[type:]user@domain" or "type:domain"; type `data` where none is given. invalid_name.
  [[nodiscard]] static core::result<name> parse(std::string_view text);
  [[nodiscard]] std::string text() const { return type + ":" + subject; }
  [[nodiscard]] resource_id key(resource_hash h = resource_hash::sha256) const;  // H(text)
  [[nodiscard]] std::string domain() const;                                      // what follows '@', or the whole subject
  friend bool operator==(const name&, const name&) = default;
};

}  // namespace phyllo::overlay
