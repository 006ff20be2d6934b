// The dictionary key of a RESOURCE (record.md): signed with the value, also in tombstones, so that even a removal says
// whose entry of which name it removes.
#pragma once

#include <cstdint>
#include <optional>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/overlay/name.hpp"
#include "phyllo/overlay/record.hpp"

namespace phyllo::overlay {

enum class key_form : std::uint8_t {
  owner = 1,   // written by the user the subject names
  domain = 2,  // written by a node with authority for the subject's domain
};

//  form (1) | binding (16) | length (1) | type | length (2) | subject
struct resource_key {
  key_form form = key_form::owner;
  phyllo::overlay::binding binding{};
  phyllo::overlay::name name;

  [[nodiscard]] core::bytes encode() const;
  // Nothing if malformed, of another form, or the name is empty or too long.
  [[nodiscard]] static core::result<resource_key> decode(core::byte_view key);
  friend bool operator==(const resource_key&, const resource_key&) = default;
};

}  // namespace phyllo::overlay
