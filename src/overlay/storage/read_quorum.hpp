// Counts the answers of one quorum read in one view and keeps the newest of each entry (storage.md, R2). Pure.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "storage/replica_set.hpp"
#include "storage/replica_store.hpp"
#include "storage/storage_extension.hpp"

namespace phyllo::overlay {

class read_quorum {
 public:
  // `unsynced`: those of the set whom this node lists. `self` counts if it is in the set and not listed.
  read_quorum(const std::vector<member>& set, const node_id& self, std::uint64_t view, const std::vector<node_id>& unsynced);

  // What a node holds (believed values only), and what it says of the set; nothing: it gave no usable answer.
  void take(const node_id& from, const std::optional<replica_state>& state, std::map<core::bytes, version> holds);
  void failed(const node_id& from) { waiting_.erase(from); }

  // How many answers that count are lacking, and who may give one: neither suspect nor listed as unsynced.
  [[nodiscard]] std::size_t missing() const;
  [[nodiscard]] std::vector<node_id> promising() const;

  enum class step { wait, done, again };
  [[nodiscard]] step next() const;
  [[nodiscard]] std::size_t answered() const;  // members of the set, of whatever view, self included
  [[nodiscard]] const std::vector<node_id>& disagreeing() const noexcept { return disagreeing_; }

  struct shortage {
    std::set<node_id> lacking;      // who answered without the newest of some entry of `entries`
    std::set<core::bytes> entries;  // held by fewer than q of those that answered
    std::size_t needed = 0;         // confirmations until q hold each
  };
  [[nodiscard]] shortage short_of() const;

 private:
  [[nodiscard]] std::size_t counted() const;

  node_id self_;
  std::uint64_t view_;
  std::size_t needed_;
  std::set<node_id> waiting_;
  std::set<node_id> members_;
  std::set<node_id> suspects_;
  std::set<node_id> agreeing_;
  std::set<node_id> unsynced_;
  std::vector<node_id> disagreeing_;
  std::map<node_id, std::map<core::bytes, version>> holdings_;
};

}  // namespace phyllo::overlay
