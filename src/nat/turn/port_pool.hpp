// The port numbers of one address that relayed addresses get: random ones (RFC 8656 s.7.2, RFC 6056), each to one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/core/keyed_hash.hpp"

namespace phyllo::nat {

// Numbers that nobody foretells who does not know the key.
class keyed_sequence {
 public:
  explicit keyed_sequence(const core::hash_key& key) : key_(key) {}
  [[nodiscard]] std::uint64_t next() { return core::keyed_hash(key_, count_++); }

 private:
  core::hash_key key_;
  std::uint64_t count_ = 0;
};

class port_pool {
 public:
  enum class wanted : std::uint8_t {
    any,
    even,
    even_and_next,  // an even one whose successor is free too; both are then taken
  };

  // Both included.
  port_pool(std::uint16_t first, std::uint16_t last, const core::hash_key& key)
      : first_(first), taken_(static_cast<std::size_t>(last - first) + 1), numbers_(key) {}

  // A free one, taken now; nullopt: none was found in so many places that were looked at.
  static constexpr std::size_t looks_max = 1024;
  [[nodiscard]] std::optional<std::uint16_t> take(wanted w);
  void give_back(std::uint16_t port) { taken_[static_cast<std::size_t>(port - first_)] = false; }

 private:
  [[nodiscard]] bool suits(std::size_t at, wanted w) const;

  std::uint16_t first_;
  std::vector<bool> taken_;
  keyed_sequence numbers_;
};

}  // namespace phyllo::nat
