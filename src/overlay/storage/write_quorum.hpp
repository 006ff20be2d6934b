// Counts the answers of one replicated write in one view (storage.md, W). Pure.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "reload/message.hpp"
#include "reload/surroundings.hpp"
#include "storage/replica_set.hpp"

namespace phyllo::overlay {

class write_quorum {
 public:
  // `set` is set(key) of this view; `self` holds the value already.
  write_quorum(const std::vector<member>& set, const node_id& self);

  [[nodiscard]] std::vector<node_id> targets() const { return {waiting_.begin(), waiting_.end()}; }

  void take(const node_id& from, const core::result<answer>& a);

  enum class step {
    wait,        // for more answers
    done,        // q hold it
    superseded,  // a replica holds a higher version: newer()
    again,       // q can not be had in this view at this time: look at the ring anew
    refused,     // nor by asking again: refusal()
  };
  [[nodiscard]] step next() const;
  [[nodiscard]] unsigned holders() const noexcept { return holders_; }
  [[nodiscard]] const std::optional<node_id>& newer() const noexcept { return newer_; }
  [[nodiscard]] const std::optional<error_response>& refusal() const noexcept { return refusal_; }  // the first that nothing heals
  [[nodiscard]] const std::vector<node_id>& disagreeing() const noexcept { return disagreeing_; }   // of another view

 private:
  std::set<node_id> waiting_;
  std::set<node_id> suspects_;  // of these no answer is expected
  std::vector<node_id> disagreeing_;
  std::optional<node_id> newer_;
  std::optional<error_response> refusal_;
  std::size_t refusing_ = 0;
  std::size_t size_;
  std::size_t needed_;
  unsigned holders_ = 0;
};

}  // namespace phyllo::overlay
