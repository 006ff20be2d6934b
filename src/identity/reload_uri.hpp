// The reload URI of a certificate (RFC 6940 s.14.15): reload://<destination list in hex>@<overlay name>/
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "phyllo/identity/node_id.hpp"

namespace phyllo::identity {

struct reload_uri {
  node_id node;
  std::string overlay;

  [[nodiscard]] std::string text() const;
  // Exactly one destination of type node (01) and length 16 (10), nothing after the slash.
  [[nodiscard]] static std::optional<reload_uri> parse(std::string_view text);
};

}  // namespace phyllo::identity
