// The Kinds a node stores, with their limits (RFC 6940 s.7.4.5; record.md).
#pragma once

#include <cstdint>
#include <span>

#include "stored_data.hpp"

namespace phyllo::overlay {

struct kind {
  kind_id id = 0;
  data_model model = data_model::dictionary;
  std::size_t count_max = 0;           // live values of one resource
  std::size_t size_max = 0;            // bytes of one value
  std::size_t total_max = 0;           // bytes of all values of one resource, so that one answer holds them
  std::uint32_t lifetime_max = 86400;  // seconds; also of a tombstone
};

// RESOURCE: record.md. Access policy PHYLLO-OWNER.
inline constexpr kind resource_kind{
    .id = 0xF0000001, .model = data_model::dictionary, .count_max = 32, .size_max = 4096, .total_max = 48 * 1024};

using kind_table = std::span<const kind>;
[[nodiscard]] kind_table known_kinds() noexcept;
[[nodiscard]] const kind* find_kind(kind_table kinds, kind_id id) noexcept;

}  // namespace phyllo::overlay
