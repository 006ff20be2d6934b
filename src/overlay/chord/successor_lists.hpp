// The Neighbour Table of CHORD-RELOAD (RFC 6940 s.10.1, s.10.7): the nearest peers before and after this one, and what follows from them:
// what it is responsible for, and where its replicas are.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "chord/key_range.hpp"

namespace phyllo::overlay {

class successor_lists {
 public:
  static constexpr std::size_t each_min = 3;  // "MUST attempt to maintain at least three predecessors and three successors" (s.10.7)
  static constexpr std::size_t replicas = 2;  // of what a peer stores, at its successor "and to that peer's successor" (s.10.4)

  // `each`: so many predecessors, and so many successors; at least each_min.
  successor_lists(const node_id& self, std::size_t each);

  // False: nothing has changed. In a small ring a peer stands in both lists; this node itself in none (s.10.7.3).
  bool insert(const node_id& n);
  bool erase(const node_id& n);
  [[nodiscard]] bool would_take(const node_id& n) const;
  [[nodiscard]] bool contains(const node_id& n) const noexcept;

  [[nodiscard]] const std::vector<node_id>& predecessors() const noexcept { return predecessors_; }  // nearest first
  [[nodiscard]] const std::vector<node_id>& successors() const noexcept { return successors_; }      // nearest first
  [[nodiscard]] std::size_t each() const noexcept { return each_; }                                  // the most of either
  [[nodiscard]] std::vector<node_id> members() const;                                                // of both, each once; successors first
  [[nodiscard]] bool empty() const noexcept { return successors_.empty(); }
  // A list with room has everybody there is, as far as this node knows.
  [[nodiscard]] bool whole_ring() const noexcept { return successors_.size() < each_; }

  // (predecessor, self]; the whole ring while this node knows no other.
  [[nodiscard]] key_range responsible() const noexcept;
  // What it stores, as responsible peer or as replica: "there are three predecessors between x and R" of all else (s.10.7.3).
  [[nodiscard]] key_range kept() const noexcept;
  [[nodiscard]] std::vector<node_id> replica_set() const;  // the two next successors

  friend bool operator==(const successor_lists&, const successor_lists&) = default;

 private:
  [[nodiscard]] bool nearer_before(const node_id& a, const node_id& b) const noexcept;
  [[nodiscard]] bool nearer_after(const node_id& a, const node_id& b) const noexcept;

  node_id self_;
  std::size_t each_;
  std::vector<node_id> predecessors_, successors_;
};

}  // namespace phyllo::overlay
