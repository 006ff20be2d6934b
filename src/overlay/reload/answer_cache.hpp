// Remembers requests for their maximum lifetime, so that a repeated one gets the same answer (RFC 6940 s.6.2.1).
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <utility>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class answer_cache {
 public:
  // "the maximum request lifetime (15 seconds)"
  static constexpr core::duration lifetime = std::chrono::seconds(15);
  static constexpr std::size_t entries_max = 16384;
  static constexpr std::size_t bytes_max = 32 * 1024 * 1024;

  enum class state {
    fresh,        // not seen before: now it is noted, answer it
    in_progress,  // seen, its answer is still being made: ignore it
    answered,     // seen: send `answer()` again
  };
  state look(const node_id& signer, std::uint64_t transaction, core::time_point now);
  // The sealed payload that went out.
  void answered(const node_id& signer, std::uint64_t transaction, const core::bytes& payload);
  [[nodiscard]] const core::bytes& answer(const node_id& signer, std::uint64_t transaction) const;
  void expire(core::time_point now);  // those whose time is over
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  using key = std::pair<node_id, std::uint64_t>;

  void make_room();
  void forget_oldest();

  std::map<key, core::bytes> entries_;                 // empty payload: in progress
  std::list<std::pair<core::time_point, key>> order_;  // takes no room while it is empty, as it mostly is
  std::size_t bytes_ = 0;
};

}  // namespace phyllo::overlay
