// What an Attach says beside RFC 6940 s.6.5.1, so that nobody who has seen one makes nodes dial its sender again later, or elsewhere:
// signatures cover neither the time nor the destination list. A message extension (s.6.3.3), covered by the signature:
//
//   F006, attach_stamp: unix_ms (8) | Destination target
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "phyllo/core/bounded_map.hpp"
#include "reload/destination.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

struct attach_stamp {
  static constexpr std::uint16_t type = 0xF006;

  std::uint64_t made_ms = 0;  // since 1970
  destination target;         // the last entry of its destination list

  [[nodiscard]] extension encode() const;
  [[nodiscard]] static std::optional<attach_stamp> of(const message_contents& m);  // nothing: absent or malformed
};

// Of each signer the time of its latest Attach.
class attach_book {
 public:
  static constexpr std::chrono::milliseconds skew_max = std::chrono::seconds(60);  // of clocks, and the longest way
  static constexpr std::size_t signers_max = 4096;

  attach_book(const core::hash_key& key, core::counter& evictions) : latest_(signers_max, key, &evictions) {}

  // True: it is of about now, and newer than all that came of `signer` before; it is noted.
  [[nodiscard]] bool take(const node_id& signer, std::uint64_t made_ms, std::uint64_t now_ms);

 private:
  core::bounded_map<node_id, std::uint64_t> latest_;
};

}  // namespace phyllo::overlay
