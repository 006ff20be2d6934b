// Nodes that this one does without: those that have failed, until when it names them so, and where they were; and those that could not be
// linked, and when they are tried again (specification of the Pastry plug-in, failure). Pure.
#pragma once

#include <vector>

#include "pastry/lost_nodes.hpp"
#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"

namespace phyllo::overlay {

// Others name nodes as they like: of a full table the longest unused makes room.
class failed_nodes {
 public:
  static constexpr std::size_t unmet_max = 4096;
  static constexpr std::size_t failed_max = 1024;
  static constexpr std::size_t named_max = 64;  // in one LeafSetState

  // The keys are random, and secret.
  failed_nodes(const core::hash_key& of_unmet, const core::hash_key& of_failed, const core::hash_key& of_lost)
      : unmet_(unmet_max, of_unmet), failed_(failed_max, of_failed), lost_(of_lost) {}

  // It is named so until then.
  void name(const node_id& n, core::time_point until) { failed_.try_emplace(n).first = until; }
  // It is not; where it was is remembered.
  void unname(const node_id& n) { failed_.erase(n); }
  // It says something.
  void found(const node_id& n) {
    unname(n);
    lost_.found(n);
  }
  [[nodiscard]] bool contains(const node_id& n) const { return failed_.contains(n); }  // lately
  [[nodiscard]] bool named(const node_id& n, core::time_point now) const;              // still
  [[nodiscard]] std::vector<node_id> names(core::time_point now) const;                // the newest first
  [[nodiscard]] lost_nodes& lost() noexcept { return lost_; }
  [[nodiscard]] const lost_nodes& lost() const noexcept { return lost_; }

  // It could not be linked, or is not to be tried before.
  void put_off(const node_id& n, core::time_point until) { unmet_.try_emplace(n).first = until; }
  [[nodiscard]] bool is_put_off(const node_id& n, core::time_point now) const;
  // False: it is put off. True: it is tried now, and put off until then.
  [[nodiscard]] bool take_turn(const node_id& n, core::time_point now, core::time_point until);

  void forget_old(core::time_point now);

 private:
  core::bounded_map<node_id, core::time_point> unmet_;   // not tried until then
  core::bounded_map<node_id, core::time_point> failed_;  // named until then
  lost_nodes lost_;
};

}  // namespace phyllo::overlay
