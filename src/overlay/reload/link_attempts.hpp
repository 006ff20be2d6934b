// Which links this node is making now, and who goes on of two that attach to each other at once (RFC 6940 s.6.5.1.2). Pure.
#pragma once

#include <cstddef>
#include <map>
#include <set>

#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

class link_attempts {
 public:
  static constexpr std::size_t dials_max = 256;  // at once, when others want more by their Attach

  explicit link_attempts(const node_id& self) : self_(self) {}

  // By an Attach, or by a dial.
  [[nodiscard]] bool under_way(const node_id& n) const { return attaching_.contains(n) || dialling_.contains(n); }

  void begin_attach(const node_id& n) { attaching_[n] = phase::asked; }
  void attach_answered(const node_id& n) { attaching_[n] = phase::answered; }  // it dials
  void end_attach(const node_id& n) { attaching_.erase(n); }

  bool begin_dial(const node_id& n) { return dialling_.insert(n).second; }  // false: it is dialled already
  void end_dial(const node_id& n) { dialling_.erase(n); }

  // What an Attach of `n` is answered with Error_In_Progress for: this node's own goes on, or too many are dialled.
  [[nodiscard]] bool refuses(const node_id& n) const { return yields_to_mine(n) || dialling_.size() >= dials_max; }

 private:
  enum class phase { asked, answered };

  [[nodiscard]] bool yields_to_mine(const node_id& n) const;

  node_id self_;
  std::map<node_id, phase> attaching_;
  std::set<node_id> dialling_;
};

}  // namespace phyllo::overlay
