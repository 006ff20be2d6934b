// Body of ConfigUpdate (RFC 6940 s.6.5.4); its answer is empty.
//
//   type (1): 1 config, 2 kind | length (4) of the rest | config: length (3) document; kind: length (3): length (2) description...
#pragma once

#include <string>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/overlay/errc.hpp"

namespace phyllo::overlay {

enum class config_update_type : std::uint8_t { config = 1, kind = 2 };

struct config_update_request {
  config_update_type type = config_update_type::config;
  std::string document;            // config
  std::vector<std::string> kinds;  // kind
  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<config_update_request> decode(core::byte_view body);  // invalid_message
  friend bool operator==(const config_update_request&, const config_update_request&) = default;
};

}  // namespace phyllo::overlay
